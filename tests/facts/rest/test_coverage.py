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
    "rest-authorizers",
    "rest-aws-http-integrations",
]
NOT_COVERED = {
    "rest-proxy-event-023": "TestInvokeMethod is a call of the control plane, not a request",
    "rest-proxy-response-016": "the CloudFront headers of an EDGE endpoint: there is no edge here",
    "rest-routing-015": "an output of the stack, which provisioning resolves",
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
