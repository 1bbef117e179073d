"""Which requests are kept in the journal."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.engines.moto_child.effects import (
    has_changed_state,
    is_repeatable,
    may_change_state,
)
from cloudworthy.local.engines.moto_child.longpoll import is_receive
from cloudworthy.local.model.http import Request, Response

FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
COGNITO = "AWSCognitoIdentityProviderService"
SERVICE_OF_TARGET = {"AmazonSQS": "sqs", "TrentService": "kms", "Unheard": "unheard"}


def signed(service: str) -> tuple[str, str]:
    scope = f"AKIA/20251119/eu-central-1/{service}/aws4_request"
    return "Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=h, Signature=s"


def target(name: str, **body: object) -> Request:
    prefix = name.partition(".")[0]
    headers = [signed(SERVICE_OF_TARGET.get(prefix, prefix)), ("X-Amz-Target", name)]
    return Request("POST", "/", headers, json.dumps(body).encode())


def form(action: str) -> Request:
    return Request("POST", "/", [signed("sns"), FORM], f"Action={action}&Version=1".encode())


def cbor(name: str) -> Request:
    headers = [signed("monitoring"), ("Smithy-Protocol", "rpc-v2-cbor")]
    return Request("POST", f"/service/Granite/operation/{name}", headers)


@pytest.mark.parametrize(
    ("request_", "changes"),
    [
        (Request("GET", "/bucket/key", []), False),
        (Request("HEAD", "/bucket/key", []), False),
        (Request("PUT", "/bucket/key", []), True),
        (Request("DELETE", "/bucket/key", []), True),
        (Request("POST", "/bucket?delete", []), True),
        (target("secretsmanager.GetSecretValue"), False),
        (target("secretsmanager.PutSecretValue"), True),
        (target("secretsmanager.ListSecrets"), False),
        (target("AmazonSQS.SendMessage"), True),
        (target("AmazonSQS.ReceiveMessage"), True),
        (target("AmazonSQS.GetQueueUrl"), False),
        (target("TrentService.Decrypt"), False),
        (target("TrentService.GenerateDataKey"), False),
        (target("TrentService.CreateKey"), True),
        (target("TrentService.ScheduleKeyDeletion"), True),
        (target("AWSCognitoIdentityService.GetId"), True),
        (target("Unheard.Of"), True),
        (form("Publish"), True),
        (form("ListTopics"), False),
        (form("GetCallerIdentity"), False),
        (Request("GET", "/?Action=DeleteTopic", [signed("sns")]), True),
        (Request("GET", "/?Action=ListTopics", [signed("sns")]), False),
        (cbor("PutMetricData"), True),
        (cbor("ListMetrics"), False),
        (Request("PUT", "/tags/operation/ListTags", [signed("apigateway")]), True),
        (Request("POST", "/", [("X-Amz-Target", f"{COGNITO}.SignUp")]), True),
        (Request("POST", "/", [("X-Amz-Target", f"{COGNITO}.GetUser")]), False),
    ],
)
def test_only_what_is_known_to_read_is_left_out(request_: Request, *, changes: bool) -> None:
    assert may_change_state(request_) is changes


NAMES = st.sampled_from(["GetObject", "ListTopics", "ReceiveMessage", "AmazonSQS.ReceiveMessage"])
ACTIONS = NAMES.map("Action={}".format)
KEYS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    NAMES.map("reports/operation/{}".format),
    NAMES.map("/service/Granite/operation/{}".format),
)
HEADERS = st.lists(
    st.one_of(
        st.sampled_from([FORM, ("Content-Type", "multipart/form-data; boundary=X")]),
        st.tuples(st.sampled_from(["X-Amz-Target", "Action", "Smithy-Protocol"]), NAMES),
    )
)
SIGNED = st.sampled_from(
    [
        ([signed("s3")], ""),
        ([("Authorization", "AWS AKIA:c2lnbmF0dXJl")], ""),
        ([], "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=s"),
        ([], "&AWSAccessKeyId=AKIA&Signature=s"),
    ]
)


@given(
    method=st.sampled_from(["PUT", "POST", "DELETE"]),
    key=KEYS,
    query=st.one_of(ACTIONS, st.sampled_from(["", "tagging", "uploads"])),
    headers=HEADERS,
    body=st.one_of(st.binary(max_size=20), ACTIONS.map(str.encode)),
    signature=SIGNED,
)
def test_every_write_to_s3_is_one_whatever_its_caller_wrote(
    method: str,
    key: str,
    query: str,
    headers: list[tuple[str, str]],
    body: bytes,
    signature: tuple[list[tuple[str, str]], str],
) -> None:
    target = f"/bucket/{quote(key)}?{query}{signature[1]}"
    request = Request(method, target, [*headers, *signature[0]], body)
    assert may_change_state(request)
    assert has_changed_state(request, Response(200))
    assert not is_receive(request)


def test_a_refused_request_has_changed_nothing() -> None:
    assert not has_changed_state(Request("PUT", "/b", []), Response(409))
    assert has_changed_state(Request("PUT", "/b", []), Response(200))


def test_receiving_nothing_changes_nothing() -> None:
    receive = target("AmazonSQS.ReceiveMessage")
    assert not has_changed_state(receive, Response(200, [], b"{}"))
    assert has_changed_state(receive, Response(200, [], b'{"Messages": [{}]}'))


@pytest.mark.parametrize(
    ("request_", "repeatable"),
    [
        (target("TrentService.CreateKey"), True),
        (target("TrentService.CreateKey", KeySpec="HMAC_256"), True),
        (target("TrentService.CreateKey", KeySpec="RSA_2048"), False),
        (target("TrentService.CreateKey", CustomerMasterKeySpec="ECC_NIST_P256"), False),
        (target("AmazonSQS.SendMessage"), True),
        (Request("PUT", "/bucket", []), True),
    ],
)
def test_key_pairs_cannot_be_made_again(request_: Request, *, repeatable: bool) -> None:
    assert is_repeatable(request_) is repeatable
