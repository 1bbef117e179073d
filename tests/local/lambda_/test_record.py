"""Invocation records hold payloads as they were sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.lambda_.asynchronous.event import Answer, Condition
from cloudworthy.local.lambda_.asynchronous.record import dead_letter_attributes, invocation_record
from local.lambda_.queue_process import event
from local.lambda_.running import function

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@given(JSON, JSON, st.sampled_from(["", "Unhandled"]))
def test_a_record_is_json_with_the_payloads_as_they_are(
    request: object, response: object, error: str
) -> None:
    sent, answered = json.dumps(request, ensure_ascii=False), json.dumps(response)
    over = event(
        1,
        payload=sent.encode(),
        answer=Answer(answered.encode(), error),
        condition=Condition.SUCCESS,
    )
    record = invocation_record(over, function(Path()), NOW).decode()
    assert json.loads(record)["requestPayload"] == request
    assert f'"requestPayload":{sent},' in record
    assert record.endswith(f'"responsePayload":{answered}}}')


@given(st.binary())
def test_any_answer_has_attributes_that_a_queue_takes(payload: bytes) -> None:
    attributes = dead_letter_attributes(event(1, answer=Answer(payload, "Unhandled")))
    assert all(value for _, value in attributes.values())
    assert all(len(value.encode()) <= 1024 for _, value in attributes.values())
