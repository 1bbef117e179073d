"""Requests that nobody's SDK writes: each is decided on or refused, and never lets through."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.endpoint.authorization.tables import rules_of
from cloudworthy.local.model.http import Request
from local.endpoint.authorization.test_every_operation import OPEN
from local.endpoint.authorization.wire import (
    SERVICES,
    classified,
    decide_on,
    example,
    model_of,
    written,
)

TARGETS = sorted(
    {
        str(model_of(s).metadata["targetPrefix"])
        for s in SERVICES
        if "targetPrefix" in model_of(s).metadata
    }
)
OPERATIONS = [
    (service, name)
    for service in SERVICES
    for name in model_of(service).operation_names
    if model_of(service).operation_model(name).auth_type != "none" and (service, name) not in OPEN
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["TableName", "Put", "Get", "Key", "pk", "S", "Statement", "Item", "Tags"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
BODIES = (
    st.binary(max_size=60)
    | st.dictionaries(
        st.sampled_from(
            ["TableName", "IndexName", "RequestItems", "TransactItems", "Statement", "Statements",
             "Key", "Item", "KeyConditionExpression", "ExpressionAttributeNames", "QueueUrl",
             "TopicArn", "SecretId", "SecretIdList", "KeyId", "CiphertextBlob", "Entries", "Names",
             "EncryptionContext", "Tags", "tags", "KeyConditions", "Targets"]
        ),
        VALUES,
    ).map(lambda document: json.dumps(document).encode())
    | st.sampled_from(
        [b"<Delete><Object><Key>a</Key></Object></Delete>", b"<a>" * 100, b"[" * 50_000,
         b"Action=SendMessage&a.b=1&a=2", b"Action=Publish&" + b"a." * 100 + b"a=1",
         b"\x9f" * 2_000, b"Action=GetUser&Action=DeleteUser"]
    )
)  # fmt: skip
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            ["x-amz-target", "X-Amz-Target", "content-type", "smithy-protocol", "host",
             "x-amz-copy-source", "x-amz-tagging", "authorization"]
        ),
        st.sampled_from(
            ["application/x-www-form-urlencoded", "rpc-v2-cbor", "files.localhost:1", "%", "a=b&=c",
             "", *(f"{target}.PutItem" for target in TARGETS), "AmazonSQS.SendMessage",
             "DynamoDB_20120810.ExecuteStatement", "DynamoDB_20120810.TransactWriteItems"]
        )
        | st.text(max_size=10),
    ),
    max_size=4,
)  # fmt: skip
PATHS = st.sampled_from(
    ["/", "//", "/files", "/files/", "/files/a/b", "/2015-03-31/functions/f/invocations",
     "/2015-03-31/functions//invocations", "/restapis/a/%2e%2e", "/v2/apis",
     "/files/k?acl&versionId=",
     "/files?delete", "/files?list-type=2&prefix=%ff", "/?Action=Publish", "/000000000000/q",
     "/service/GraniteServiceVersion20100801/operation/PutMetricData", "/@connections/a"]
) | st.text(max_size=20).map(lambda text: f"/{text}")  # fmt: skip
REQUESTS = st.builds(
    Request,
    st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", ""]),
    PATHS,
    HEADERS,
    BODIES,
)


def is_settled(service: str, request: Request) -> bool:
    """Whether a request is refused or needs something; open operations need nothing."""
    try:
        needed = decide_on(service, request)
    except UnclassifiedRequestError as error:
        return str(error).startswith("The request is refused because ")
    if not needed:
        operation = classified(service, request)
        return rules_of(operation.service, operation.name) == ()
    return all(one.action and one.resources for one in needed)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SERVICES), REQUESTS)
def test_anything_at_all_is_decided_on_or_refused(service: str, request: Request) -> None:
    assert is_settled(service, request)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(OPERATIONS), BODIES)
def test_any_body_needs_the_operations_actions(operation: tuple[str, str], body: bytes) -> None:
    service, name = operation
    shape = model_of(service).operation_model(name).input_shape
    request = written(service, name, example(shape, required_only=True) if shape else {})
    if b"Action=" in request.body:
        body = request.body.partition(b"&")[0] + b"&" + body
    request.body = body
    with contextlib.suppress(UnclassifiedRequestError):
        assert decide_on(service, request)


@pytest.mark.parametrize(
    ("service", "headers"),
    [
        ("sqs", [("X-Amz-Target", "DynamoDB_20120810.PutItem")]),
        ("sqs", [("X-Amz-Target", "DynamoDB_20120810.SendMessage")]),
        ("dynamodb", [("X-Amz-Target", "DynamoDB_20120810.DropEverything")]),
        ("dynamodb", [("X-Amz-Target", "PutItem")]),
        (
            "dynamodb",
            [
                ("X-Amz-Target", "DynamoDB_20120810.GetItem"),
                ("x-amz-target", "DynamoDB_20120810.DeleteTable"),
            ],
        ),
        ("cloudwatch", [("smithy-protocol", "rpc-v2-cbor")]),
    ],
)
def test_what_two_readers_would_take_differently_is_refused(
    service: str, headers: list[tuple[str, str]]
) -> None:
    request = Request("POST", "/service/Other/operation/PutMetricData", headers, b"{}")
    with pytest.raises(UnclassifiedRequestError):
        decide_on(service, request)


def test_a_form_with_two_actions_is_refused() -> None:
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    for target, body in (
        ("/?Action=DeleteTopic", b"Action=Publish"),
        ("/", b"Action=Publish&Action=DeleteTopic"),
        ("/", b"Action.a=1&Action=Publish"),
    ):
        with pytest.raises(UnclassifiedRequestError):
            decide_on("sns", Request("POST", target, headers, body))


def test_two_sources_of_a_copy_are_refused() -> None:
    headers = [("x-amz-copy-source", "mine/a"), ("X-Amz-Copy-Source", "theirs/a")]
    with pytest.raises(UnclassifiedRequestError, match="several headers"):
        decide_on("s3", Request("PUT", "/files/k", headers))


def test_a_bomb_of_entities_is_refused() -> None:
    depth = 200
    entities = "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, depth))
    body = f'<!DOCTYPE d [<!ENTITY a0 "a">{entities}]><Delete>&a{depth - 1};</Delete>'
    request = Request("POST", "/files?delete", [], body.encode())
    with pytest.raises(UnclassifiedRequestError, match="entities"):
        decide_on("s3", request)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("TransactWriteItems", {"TransactItems": []}),
        ("BatchWriteItem", {"RequestItems": {}}),
        ("GetItem", {}),
    ],
)
def test_what_names_no_table_needs_all_of_them(operation: str, parameters: dict[str, Any]) -> None:
    needed = decide_on("dynamodb", written("dynamodb", operation, parameters))
    assert needed
    assert {one.resources for one in needed} == {("*",)}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/files%2Fsecret", "/files%2fsecret", "/files%00", "/%2e%2e%2Ffiles"]
)
def test_a_bucket_that_may_be_one_with_a_key_is_refused(method: str, path: str) -> None:
    with pytest.raises(UnclassifiedRequestError, match="bucket"):
        decide_on("s3", Request(method, path, [("Host", "127.0.0.1")]))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/000000000000/jobs?x=/secret",
        "http://127.0.0.1/000000000000/jobs#/secret",
        "jobs?/secret",
    ],
)
def test_a_queue_url_that_may_name_two_queues_is_refused(url: str) -> None:
    request = written("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": "x"})
    with pytest.raises(UnclassifiedRequestError, match="queue URL"):
        decide_on("sqs", request)
