"""Every fact of these areas is tested, or named here with the reason why it is not."""

from __future__ import annotations

import re
from pathlib import Path

from facts.facts import ids_of_areas

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "fidelity" / "rest.md"
AREAS = [
    "rest-proxy-event",
    "rest-proxy-response",
    "rest-errors",
    "rest-routing",
    "rest-mock-cors",
    "rest-gateway-responses",
]
NOT_COVERED = {
    "rest-proxy-event-022": "custom domains have no local effect: the execute-api URL is served",
    "rest-proxy-event-023": "TestInvokeMethod is a call of the control plane, not a request",
    "rest-proxy-event-024": "Lambda authorizers are refused when the definition is built",
    "rest-proxy-response-016": "the CloudFront headers of an EDGE endpoint: there is no edge here",
    "rest-errors-016": "about AWS and HTTP integrations, which are refused",
    "rest-errors-017": "about AWS and HTTP integrations, which are refused",
    "rest-errors-018": "about AWS and HTTP integrations, which are refused",
    "rest-errors-026": "resource policies are refused when the definition is built",
    "rest-routing-008": "AWS_IAM authorization is refused when the definition is built",
    "rest-routing-013": "custom domains have no local effect",
    "rest-routing-015": "an output of the stack, which provisioning resolves",
    "rest-mock-cors-005": "OpenAPI import is refused when the definition is built",
}


def covered_ids() -> set[str]:
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    others = [text for text in texts if "NOT_COVERED" not in text]
    return set(re.findall(r'"(rest-[a-z-]+-\d{3})"', "\n".join(others)))


def test_every_fact_is_tested_or_has_a_reason() -> None:
    assert set(ids_of_areas(AREAS)) - covered_ids() == set(NOT_COVERED)


def test_the_documentation_lists_the_same_facts() -> None:
    text = DOCUMENTATION.read_text("utf-8").partition("## Facts that are not tested")[2]
    assert set(re.findall(r"rest-[a-z-]+-\d{3}", text)) == set(NOT_COVERED)
