"""Every fact about invoking functions is tested or has a reason why it is not."""

from __future__ import annotations

import re
from pathlib import Path

from facts.facts import ids_of_areas

LEFT = {
    "lambda-invoke-003": "asynchronous invocation comes with the durable queue",
    "lambda-invoke-017": "asynchronous invocation comes with the durable queue",
    "lambda-invoke-021": "asynchronous invocation comes with the durable queue",
    "lambda-async-001": "asynchronous invocation comes with the durable queue",
    "lambda-async-002": "asynchronous invocation comes with the durable queue",
    "lambda-async-003": "asynchronous invocation comes with the durable queue",
    "lambda-async-006": "destinations come with the durable queue",
    "lambda-async-007": "destinations come with the durable queue",
    "lambda-async-008": "destinations come with the durable queue",
    "lambda-async-010": "dead-letter queues come with the durable queue",
    "lambda-async-011": "asynchronous invocation comes with the durable queue",
}


def test_no_fact_is_forgotten() -> None:
    text = "".join(
        path.read_text() for path in Path(__file__).parent.glob("*.py") if path.name not in __file__
    )
    tested = set(re.findall(r"lambda-(?:invoke|runtime|async)-\d+", text))
    known = set(ids_of_areas(["lambda-invoke", "lambda-runtime", "lambda-async"]))
    assert tested | LEFT.keys() == known
    assert not tested & LEFT.keys()
