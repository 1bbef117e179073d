"""The form of a file of faults: what is read, what is written, and what is refused and where."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudworthy.local.faults.document import (
    LONGEST_DELAY_MS,
    FaultFileError,
    free_id,
    parse_faults,
    written,
)
from cloudworthy.local.faults.fault import Fault
from cloudworthy.local.faults.targets import services
from cloudworthy.local.model.faults import Effect

names = st.text(min_size=1, max_size=20)
moments = st.integers(10**9, 4 * 10**9).map(lambda it: datetime.fromtimestamp(it, UTC))
rates = st.floats(min_value=0, max_value=1, exclude_min=True)


@st.composite
def faults(draw: st.DrawFn, fault_id: str) -> Fault:
    target = draw(st.sampled_from(services()))
    effect = draw(st.sampled_from(list(Effect)))
    return Fault(
        fault_id,
        target,
        effect,
        resource=draw(st.just("") | names),
        operation="PutItem" if target == "dynamodb" and draw(st.booleans()) else "",
        caller="" if target == "lambda" else draw(st.just("") | names),
        rate=draw(st.just(1.0) | rates),
        delay_ms=draw(st.integers(1, LONGEST_DELAY_MS)) if effect is Effect.SLOW else 0,
        until=draw(st.none() | moments),
    )


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_what_is_written_is_read_as_it_was(data: st.DataObject) -> None:
    ids = data.draw(st.lists(names, max_size=4, unique=True))
    wanted = tuple(data.draw(faults(fault_id)) for fault_id in ids)
    assert parse_faults(orjson.dumps(written(wanted)), "f") == wanted


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**6) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
entries = st.dictionaries(
    st.sampled_from(
        ["id", "target", "resource", "operation", "caller", "effect", "delay_ms", "rate", "until"]
    ),
    json_values | st.sampled_from(["dynamodb", "lambda", "slow", "fail", "2026-01-31T12:00:00Z"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(entries | json_values, max_size=3))
def test_whatever_a_file_holds_it_is_read_or_refused_by_place(values: list[Any]) -> None:
    text = orjson.dumps({"faults": values}, option=orjson.OPT_NON_STR_KEYS)
    try:
        found, refusal = parse_faults(text, "faults.json"), ""
    except FaultFileError as error:
        found, refusal = (), str(error)
    if refusal:
        assert refusal.startswith("faults.json, faults[")
        assert "expected" in refusal
    else:
        assert len({it.fault_id for it in found}) == len(values)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=30))
def test_what_is_no_document_is_refused_with_the_name_of_the_file(text: bytes) -> None:
    with pytest.raises(FaultFileError, match=r"^faults\.json"):
        parse_faults(text, "faults.json")


ENTRY = {"target": "dynamodb", "effect": "throttle"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "dynamo"}, "faults[1].target: found dynamo, expected one of apigateway, "),
        ({"target": "execute-api"}, "faults[1].target: found execute-api"),
        ({"effect": "break"}, "faults[1].effect: found break, expected one of fail, lose-answer, "),
        (
            {"operation": "PutItems"},
            "faults[1].operation: found PutItems, expected an operation of dynamodb: PutItem",
        ),
        (
            {"target": "lambda", "operation": "GetFunction"},
            "faults[1].operation: found GetFunction, expected Invoke",
        ),
        ({"target": "lambda", "caller": "F"}, "faults[1].caller: found F, expected none"),
        ({"rate": 0}, "faults[1].rate: found 0, expected a number above 0 and at most 1."),
        ({"rate": 1.01}, "faults[1].rate: found 1.01"),
        ({"rate": True}, "faults[1].rate: found true"),
        ({"delay_ms": 5}, "faults[1].delay_ms: found 5, expected none: only slow takes it."),
        ({"effect": "slow"}, "faults[1].delay_ms: found nothing, expected milliseconds from 1"),
        ({"effect": "slow", "delay_ms": 900_001}, "faults[1].delay_ms: found 900001"),
        ({"until": "2026-01-31T12:00:00"}, "faults[1].until: found 2026-01-31T12:00:00, expected"),
        ({"until": "0001-01-01T00:00:00+23:00"}, "faults[1].until: found 0001"),
        ({"for_s": 5}, "faults[1].for_s: found an unknown key, expected one of caller, delay_ms"),
        ({"resource": ""}, "faults[1].resource: found , expected a text that is not empty."),
        ({"id": "f1"}, "faults[1].id: found f1, expected an id of its own."),
    ],
)
def test_an_error_says_which_entry_and_key_and_what_is_expected(
    change: dict[str, Any], said: str
) -> None:
    text = json.dumps({"faults": [{**ENTRY, "id": "f1"}, {**ENTRY, **change}]}).encode()
    with pytest.raises(FaultFileError) as raised:
        parse_faults(text, "faults.json")
    assert str(raised.value).startswith(f"faults.json, {said}")


def test_an_entry_without_a_target_or_that_is_none_is_refused() -> None:
    with pytest.raises(FaultFileError, match=r"faults\[0\]\.target: found nothing, expected"):
        parse_faults(b'{"faults": [{"effect": "fail"}]}', "f")
    with pytest.raises(FaultFileError, match=r"faults\[0\]: found 3, expected an object"):
        parse_faults(b'{"faults": [3]}', "f")


def test_broken_json_is_refused_with_line_and_column() -> None:
    with pytest.raises(FaultFileError, match=r"f, line 2 column 1: .*, expected JSON\."):
        parse_faults(b'{"faults": [\n', "f")


def test_a_file_for_a_start_counts_seconds_from_it() -> None:
    text = json.dumps({"faults": [{**ENTRY, "for_s": 90}]}).encode()
    (found,) = parse_faults(text, "f", before_start=True)
    assert (found.fault_id, found.until) == ("f1", None)
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    begun = found.started(now)
    assert begun.as_json()["until"] == "2026-01-31T12:01:30.000Z"
    assert begun.for_s is None
    text = json.dumps({"faults": [{**ENTRY, "until": "2026-01-31T12:00:00Z"}]}).encode()
    with pytest.raises(FaultFileError, match=r"faults\[0\]\.until: found an unknown key"):
        parse_faults(text, "f", before_start=True)


def test_entries_without_an_id_get_the_next_that_is_free() -> None:
    text = json.dumps({"faults": [ENTRY, {**ENTRY, "id": "f1"}, ENTRY]}).encode()
    assert [it.fault_id for it in parse_faults(text, "f")] == ["f2", "f1", "f3"]
    assert free_id(["f1", "f3", 2, None]) == "f2"
