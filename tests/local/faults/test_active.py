"""Which calls and events are hit, how often, until when, and what a change of the file does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudworthy.local.faults.active import StackFaults
from cloudworthy.local.faults.document import parse_faults
from cloudworthy.local.faults.file import FaultFile
from cloudworthy.local.faults.hits import HitCounter
from cloudworthy.local.faults.resources import UnknownResourceError
from cloudworthy.local.iam.decision import ApiCall
from cloudworthy.local.model.faults import UNHARMED, Effect, Strike
from local.faults.stack import (
    KEY,
    NOW,
    QUEUE_URL,
    RESOURCES,
    SECRET,
    SetClock,
    Told,
    deployment,
    json_call,
    put,
    query_call,
    rest_call,
    stack_faults,
    write,
)
from local.lambda_.running import function

FAIL = Strike(effect=Effect.FAIL)


def strike(faults: StackFaults, call: ApiCall) -> Strike:
    return asyncio.run(faults.of_call(call))


def hits(tmp_path: Path, call: ApiCall, **fault: Any) -> bool:
    """Whether a fault hits a call that nothing else is done to."""
    faults = stack_faults(tmp_path, [{"effect": "fail", **fault}])
    found = strike(faults, call)
    faults.close()
    assert found in (FAIL, UNHARMED)
    return found == FAIL


@pytest.mark.parametrize(
    "named",
    [
        "ItemsTableE2D1F4C3",
        "ItemsTable",
        "items",
        "Stack/ItemsTableE2D1F4C3/Resource",
        "arn:aws:dynamodb:us-east-1:000000000000:table/items",
    ],
)
def test_a_table_by_any_of_its_names_and_no_other(tmp_path: Path, named: str) -> None:
    assert hits(tmp_path, put("items"), target="dynamodb", resource=named)
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/items"
    assert hits(tmp_path, put(arn), target="dynamodb", resource=named)
    assert not hits(tmp_path, put("items2"), target="dynamodb", resource=named)


def _dynamodb(operation: str, body: dict[str, Any]) -> ApiCall:
    return json_call("dynamodb", f"DynamoDB_20120810.{operation}", body)


def test_calls_about_several_tables_are_hit_by_any_of_them(tmp_path: Path) -> None:
    keys = {"Keys": [{"id": {"S": "a"}}]}
    action = {"Put": {"TableName": "items", "Item": {"id": {"S": "a"}}}}
    other = {"Delete": {"TableName": "items2", "Key": {"id": {"S": "a"}}}}
    for call in (
        _dynamodb("BatchGetItem", {"RequestItems": {"items2": keys, "items": keys}}),
        _dynamodb("TransactWriteItems", {"TransactItems": [other, action]}),
        _dynamodb("Query", {"TableName": "items", "IndexName": "by-status"}),
    ):
        assert hits(tmp_path, call, target="dynamodb", resource="ItemsTable")
    only_other = _dynamodb("TransactWriteItems", {"TransactItems": [other]})
    assert not hits(tmp_path, only_other, target="dynamodb", resource="ItemsTable")


@pytest.mark.parametrize(
    ("target", "named", "call"),
    [
        ("s3", "Objects", rest_call("s3", "PutObject", "PUT", "/objects/a/key")),
        ("s3", "objects", rest_call("s3", "ListObjects", "GET", "/objects")),
        ("sqs", "work", json_call("sqs", "AmazonSQS.SendMessage", {"QueueUrl": QUEUE_URL})),
        ("sns", "News", query_call("sns", "Action=Publish&TopicArn=" + RESOURCES[4].physical_id)),
        (
            "secretsmanager",
            "Token",
            json_call("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": "token"}),
        ),
        (
            "secretsmanager",
            SECRET,
            json_call("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": SECRET}),
        ),
        ("kms", "Key", json_call("kms", "TrentService.Encrypt", {"KeyId": KEY})),
    ],
)
def test_resources_of_every_kind(tmp_path: Path, target: str, named: str, call: ApiCall) -> None:
    assert hits(tmp_path, call, target=target, resource=named)
    assert not hits(tmp_path, put(), target=target, resource=named)


def test_operation_and_caller_narrow_what_is_hit(tmp_path: Path) -> None:
    of_api = {"target": "dynamodb", "caller": "ApiFunction"}
    assert hits(tmp_path, put(), **of_api)
    assert not hits(tmp_path, put(function="JobFunction"), **of_api)
    assert not hits(tmp_path, put(function=""), **of_api)
    assert hits(tmp_path, put(function=""), target="dynamodb")
    assert not hits(tmp_path, put(), target="dynamodb", operation="GetItem")
    assert not hits(tmp_path, put(), target="s3")


def test_a_call_of_a_stream_is_one_of_dynamodb(tmp_path: Path) -> None:
    body = {"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/items/stream/1"}
    call = json_call("dynamodbstreams", "DynamoDBStreams_20120810.DescribeStream", body)
    assert hits(tmp_path, call, target="dynamodb", resource="ItemsTable")
    assert not hits(tmp_path, call, target="dynamodb", resource="Other")


def test_what_cannot_be_read_is_about_no_resource(tmp_path: Path) -> None:
    call = json_call("dynamodb", "Nobody.PutItem", {"TableName": "items"})
    assert not hits(tmp_path, call, target="dynamodb", resource="ItemsTable")
    assert hits(tmp_path, call, target="dynamodb")


def test_events_of_one_function_or_of_all(tmp_path: Path) -> None:
    api, job = (function(tmp_path, name, logical_id=f"{name}Function") for name in ("Api", "Job"))
    of_api = stack_faults(tmp_path, [{"target": "lambda", "effect": "fail", "resource": "api"}])
    assert (of_api.of_invocation(api), of_api.of_invocation(job)) == (FAIL, UNHARMED)
    of_all = stack_faults(tmp_path, [{"target": "lambda", "effect": "fail"}])
    assert (of_all.of_invocation(api), of_all.of_invocation(job)) == (FAIL, FAIL)
    of_calls = stack_faults(tmp_path, [{"target": "dynamodb", "effect": "fail"}])
    assert of_calls.of_invocation(api) == UNHARMED


def test_waits_add_up_and_the_first_other_effect_decides(tmp_path: Path) -> None:
    slow = {"target": "dynamodb", "effect": "slow", "delay_ms": 300}
    of_other = {"target": "dynamodb", "effect": "throttle", "operation": "GetItem"}
    faults = stack_faults(
        tmp_path,
        [
            slow,
            of_other,
            {**slow, "delay_ms": 200},
            {"target": "dynamodb", "effect": "lose-answer"},
            {"target": "dynamodb", "effect": "fail"},
            slow,
        ],
    )
    assert strike(faults, put()) == Strike(0.5, Effect.LOSE_ANSWER)
    assert HitCounter(tmp_path).totals() == {"f1": 1, "f3": 1, "f4": 1}


def test_a_fault_is_over_when_its_time_is(tmp_path: Path) -> None:
    clock = SetClock()
    until = {"until": "2026-01-31T12:01:00Z"}
    faults = stack_faults(
        tmp_path, [{"target": "dynamodb", "effect": "fail", **until}], clock=clock
    )
    assert clock.now() == NOW
    asyncio.run(clock.sleep(59.999))
    assert strike(faults, put()) == FAIL
    asyncio.run(clock.sleep(0.001))
    assert strike(faults, put()) == UNHARMED


@settings(max_examples=12, deadline=None)
@given(rate=st.floats(min_value=0.01, max_value=1), seed=st.integers())
def test_a_rate_is_the_share_of_calls_that_is_hit(
    rate: float, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Of 600 calls; five standard deviations are passed once in millions of runs."""
    directory = tmp_path_factory.mktemp("rate")
    fault = {"target": "lambda", "effect": "fail", "rate": rate}
    faults = stack_faults(directory, [fault], random=Random(seed).random)  # noqa: S311
    api = function(directory, logical_id="ApiFunction")
    calls = 600
    hit = sum(faults.of_invocation(api) == FAIL for _ in range(calls))
    faults.close()
    deviation = (calls * rate * (1 - rate)) ** 0.5
    assert abs(hit - calls * rate) <= 5 * deviation + 1
    assert HitCounter(directory).totals() == {"f1": hit}


def test_a_change_of_the_file_acts_from_the_next_call_on(tmp_path: Path) -> None:
    told = Told()
    faults = stack_faults(tmp_path, told=told)
    assert strike(faults, put()) == UNHARMED
    write(tmp_path, [{"target": "dynamodb", "effect": "fail", "rate": 0.5}])
    assert strike(faults, put()) == FAIL
    assert strike(faults, put()) == FAIL
    write(tmp_path, [])
    assert strike(faults, put()) == UNHARMED
    assert told.warned == ["Faults are on: f1 (dynamodb: fail, rate 0.5)"]
    assert told.said == [
        "Fault f1 has hit its first call: dynamodb PutItem by ApiFunction",
        "No fault is on any more",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1 column 2"),
        ('{"faults": [{"target": "dynamodb", "effect": "no"}]}', "faults[0].effect: found no"),
        (
            '{"faults": [{"target": "dynamodb", "effect": "fail", "resource": "Objects"}]}',
            "there is no 'Objects' in this stack. Give one of: ItemsTable (items), Other (items2).",
        ),
    ],
)
def test_a_broken_file_leaves_the_former_faults_on_and_is_told_once(
    tmp_path: Path, text: str, said: str
) -> None:
    told = Told()
    faults = stack_faults(tmp_path, [{"target": "dynamodb", "effect": "fail"}], told=told)
    (tmp_path / "faults.json").write_text(text)
    assert [strike(faults, put()) for _ in range(3)] == [FAIL, FAIL, FAIL]
    _, warning = told.warned
    assert warning.startswith("Faults stay as they were: ")
    assert said in warning


def test_a_new_version_of_the_stack_leaves_out_what_names_nothing_any_more(tmp_path: Path) -> None:
    told = Told()
    of_table = {"target": "dynamodb", "effect": "fail", "resource": "Other"}
    faults = stack_faults(tmp_path, [of_table, {"target": "dynamodb", "effect": "fail"}], told=told)
    assert strike(faults, put("items2")) == FAIL
    faults.use(deployment(*(it for it in RESOURCES if it.logical_id != "Other")))
    assert strike(faults, put("items2")) == FAIL
    assert HitCounter(tmp_path).totals() == {"f1": 1, "f2": 1}
    assert any(it.startswith("Fault f1: Of dynamodb, there is no 'Other'") for it in told.warned)


def test_nothing_is_hit_before_the_stack_is_there(tmp_path: Path) -> None:
    write(tmp_path, [{"target": "dynamodb", "effect": "fail"}])
    faults = StackFaults(tmp_path, clock=SetClock(), random=lambda: 0.0, progress=Told())
    assert strike(faults, put()) == UNHARMED
    faults.use(deployment())
    assert strike(faults, put()) == FAIL


def test_a_start_with_faults_of_its_own(tmp_path: Path) -> None:
    faults = stack_faults(tmp_path, [{"target": "s3", "effect": "fail"}])
    text = {"faults": [{"target": "dynamodb", "effect": "fail", "for_s": 30}]}
    wanted = parse_faults(json.dumps(text).encode(), "f", before_start=True)
    faults.begin(wanted, deployment())
    faults.use(deployment())
    (found,) = FaultFile(tmp_path).read()
    assert (found.target, found.until) == ("dynamodb", wanted[0].started(NOW).until)
    unknown = {"faults": [{"target": "dynamodb", "effect": "fail", "caller": "Nobody"}]}
    with pytest.raises(UnknownResourceError, match="Fault f1: Of lambda, there is no 'Nobody'"):
        faults.begin(
            parse_faults(json.dumps(unknown).encode(), "f", before_start=True), deployment()
        )
    assert FaultFile(tmp_path).read() == (found,)


def test_a_name_of_several_resources_is_refused(tmp_path: Path) -> None:
    twins = [
        type(RESOURCES[0])(f"Twin{suffix}", "AWS::SNS::Topic", f"arn:aws:sns:r:1:{suffix}", {})
        for suffix in ("0A1B2C3D", "4E5F6A7B")
    ]
    told = Told()
    write(tmp_path, [{"target": "sns", "effect": "fail", "resource": "Twin"}])
    faults = StackFaults(tmp_path, clock=SetClock(), random=lambda: 0.0, progress=told)
    faults.use(deployment(*twins))
    assert "'Twin' is ambiguous in this stack" in told.warned[0]
