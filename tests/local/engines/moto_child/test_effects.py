"""Which requests are kept in the journal."""

from __future__ import annotations

import json

import pytest

from cloudworthy.local.engines.moto_child.effects import (
    has_changed_state,
    is_repeatable,
    may_change_state,
)
from cloudworthy.local.model.http import Request, Response

FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")


def target(name: str, **body: object) -> Request:
    return Request("POST", "/", [("X-Amz-Target", name)], json.dumps(body).encode())


def form(action: str) -> Request:
    return Request("POST", "/", [FORM], f"Action={action}&Version=1".encode())


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
        (Request("GET", "/?Action=DeleteTopic", []), True),
        (Request("POST", "/service/Granite/operation/PutMetricData", []), True),
        (Request("POST", "/service/Granite/operation/ListMetrics", []), False),
    ],
)
def test_only_what_is_known_to_read_is_left_out(request_: Request, *, changes: bool) -> None:
    assert may_change_state(request_) is changes


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
