"""The API answers to generated nonsense as its OpenAPI document says, and never with 5xx."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from running_system import ROOT, RunningSystem

_STAGE_RATE = "40/s"
"""Below the stage's 50 a second, so that the service answers and not the throttle."""

_config = schemathesis.Config.from_dict(
    {"rate-limit": _STAGE_RATE, "generation": {"mode": "all", "database": "none"}}
)
schema = schemathesis.openapi.from_path(ROOT / "docs" / "openapi" / "web-app.json", config=_config)

_NOT_CHECKED = [
    positive_data_acceptance,  # a made-up page token or entity tag is refused
    unsupported_method,  # API Gateway itself refuses TRACE, with 403; 405 has a test of its own
]


@pytest.mark.xdist_group("fuzz")
@pytest.mark.timeout(300)
@schema.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_keeps_to_its_document(
    case: schemathesis.Case[Any], web_app: RunningSystem
) -> None:
    case.call_and_validate(
        base_url=web_app.api_url,
        headers={"x-api-key": web_app.api_key},
        excluded_checks=_NOT_CHECKED,
    )
