"""Requests that name two things: what is decided on is what the engine goes by.

A function may use what is called ``mine`` and nothing else. Whatever else its requests name, it
never sees or changes what is called ``theirs``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.endpoint.authorization.lookup import NothingKnown
from cloudworthy.local.endpoint.authorization.requirements import authorization_of
from cloudworthy.local.endpoint.call import Operation, Protocol
from cloudworthy.local.iam.decision import AllowAll, ApiCall, Decision
from cloudworthy.local.iam.request import AuthorizationRequest
from local.endpoint.served import ACCOUNT, REGION, Answer, Served, fetch, make_table, served

SECRET = "what is theirs"


class Known(NothingKnown):
    async def partition_key(self, table_arn: str, index_name: str | None) -> str | None:  # noqa: ARG002 - the Protocol's
        return "pk"


class OnlyMine(AllowAll):
    """Lets a role use what a request names, if all of it is its own."""

    keys: frozenset[str] = frozenset()
    """The ARNs of keys that are the role's."""

    async def decide(self, call: ApiCall) -> Decision:
        if not call.principal.role_arn:
            return Decision(allowed=True)
        operation = Operation(call.service, call.operation, Protocol(call.content_type))
        try:
            needed = await authorization_of(
                call.request,
                operation,
                call.principal,
                account=ACCOUNT,
                region=call.region,
                lookup=Known(),
                now=datetime.now(UTC),
            )
        except UnclassifiedRequestError:
            return Decision(allowed=False, message="no")
        return Decision(allowed=all(map(self._is_mine, needed)), message="no")

    def _is_mine(self, needed: AuthorizationRequest) -> bool:
        if "dynamodb:FullTableScan" in needed.context:
            return False
        leading = needed.context.get("dynamodb:LeadingKeys", ())
        named = all("mine" in arn or arn in self.keys for arn in needed.resources)
        return named and set(leading) <= {"mine"}


class Hostile:
    """The endpoint, with one thing of each kind that is the function's, and one that is not."""

    def __init__(self, aws: Served, decider: OnlyMine) -> None:
        self._aws = aws
        self._role = aws.role("hostile")
        kms, sns, sqs = (aws.client(name) for name in ("kms", "sns", "sqs"))
        self.key = {who: str(kms.create_key()["KeyMetadata"]["Arn"]) for who in ("mine", "theirs")}
        decider.keys = frozenset({self.key["mine"]})
        self.ciphertext = {
            who: kms.encrypt(KeyId=key, Plaintext=SECRET)["CiphertextBlob"]
            for who, key in self.key.items()
        }
        self.topic = {who: str(sns.create_topic(Name=who)["TopicArn"]) for who in self.key}
        self.queue = str(sqs.create_queue(QueueName="theirs")["QueueUrl"])
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:theirs"
        sns.subscribe(TopicArn=self.topic["theirs"], Protocol="sqs", Endpoint=arn)
        self.queues, self.tables = sqs, aws.client("dynamodb")
        make_table(self.tables, "mine")
        self.tables.put_item(TableName="mine", Item=item("theirs"))

    def call(self, service: str, body: bytes, **headers: str) -> Answer:
        url = f"http://127.0.0.1:{self._aws.port}/"
        request = AWSRequest(
            "POST", url, {k.replace("_", "-"): v for k, v in headers.items()}, body
        )
        role = self._role
        keys = BotocoreCredentials(role.access_key_id, role.secret_access_key, role.session_token)
        SigV4Auth(keys, service, REGION).add_auth(request)
        return fetch(url, method="POST", body=body, headers=dict(request.headers.items()))

    def json_call(self, service: str, target: str, members: dict[str, Any]) -> Answer:
        content_type = "application/x-amz-json-1.0"
        body = json.dumps(members).encode()
        return self.call(service, body, X_Amz_Target=target, Content_Type=content_type)


def item(who: str) -> dict[str, Any]:
    return {"pk": {"S": who}, "text": {"S": SECRET}}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    decider = OnlyMine()
    with served(tmp_path_factory.mktemp("aws"), decider) as aws:
        yield Hostile(aws, decider)


def key(who: str) -> dict[str, Any]:
    return {"pk": {"S": who}}


def new(who: str) -> dict[str, Any]:
    return {**key(who), "text": {"S": "changed"}}


def condition(who: str) -> dict[str, Any]:
    values = {":a": {"S": who}}
    return {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": values}


def transaction(part: str, members: dict[str, Any]) -> dict[str, Any]:
    return {"TransactItems": [{part: {"TableName": "mine", **members}}]}


OWN: dict[str, Callable[[str], dict[str, Any]]] = {
    "GetItem": lambda who: {"Key": key(who)},
    "DeleteItem": lambda who: {"Key": key(who)},
    "UpdateItem": lambda who: {"Key": key(who)},
    "PutItem": lambda who: {"Item": new(who)},
    "Query": condition,
    "BatchGetItem": lambda who: {"RequestItems": {"mine": {"Keys": [key(who)]}}},
    "BatchWriteItem": lambda who: {
        "RequestItems": {"mine": [{"PutRequest": {"Key": key("mine"), "Item": new(who)}}]}
    },
    "TransactGetItems": lambda who: transaction("Get", {"Key": key(who), "Item": new("mine")}),
    "TransactWriteItems": lambda who: transaction("Put", {"Item": new(who), "Key": key("mine")}),
}
"""What each operation goes by."""

BESIDES: list[dict[str, Any]] = [
    {},
    {"Key": key("mine")},
    {"Item": key("mine")},
    {"IndexName": "none"},
    {"RequestItems": {"mine": {"Keys": [key("mine")]}}},
    {"KeyConditionExpression": ":a = pk"},
    {
        "KeyConditions": {
            "pk": {"AttributeValueList": [{"S": "mine"}], "ComparisonOperator": "EQ"},
        }
    },
]


@pytest.mark.parametrize("operation", OWN)
def test_items_of_others(hostile: Hostile, operation: str) -> None:
    def call(members: dict[str, Any]) -> Answer:
        named = {"TableName": "mine", **members}
        return hostile.json_call("dynamodb", f"DynamoDB_20120810.{operation}", named)

    assert call(OWN[operation]("mine")).status == 200
    for besides in BESIDES:
        theirs = OWN[operation]("theirs")
        for members in ({**besides, **theirs}, {**theirs, **besides}):
            assert SECRET.encode() not in call(members).body, members
    assert hostile.tables.get_item(TableName="mine", Key=key("theirs"))["Item"] == item("theirs")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("SELECT * FROM mine WHERE pk = 'mine'", True),
        ("SELECT * FROM mine WHERE pk = 'theirs'", False),
        ("SELECT * FROM mine WHERE 'theirs' = pk", False),
        ("SELECT * FROM mine WHERE pk IN ['mine', 'theirs']", False),
        ("SELECT * FROM mine WHERE pk = 'mine' OR pk = 'theirs'", False),
        ("SELECT * FROM mine WHERE pk = 'mine' OR attribute_exists(pk)", False),
        ("SELECT * FROM mine WHERE begins_with(pk, 't')", False),
        ("SELECT * FROM mine", False),
        ("UPDATE mine SET other = 'changed' WHERE pk = 'mine'", True),
        ("UPDATE mine SET other = 'changed' WHERE pk = 'theirs'", False),
        ("DELETE FROM mine WHERE pk = 'theirs'", False),
        ("INSERT INTO mine VALUE {'other': 'x', 'pk': 'theirs'}", False),
    ],
)
def test_statements_about_items_of_others(hostile: Hostile, text: str, *, allowed: bool) -> None:
    target = "DynamoDB_20120810.ExecuteStatement"
    hostile.json_call(
        "dynamodb", "DynamoDB_20120810.PutItem", {"TableName": "mine", "Item": new("mine")}
    )
    answer = hostile.json_call("dynamodb", target, {"Statement": text})
    assert (answer.status == 200) is allowed, answer.body
    assert SECRET.encode() not in answer.body
    assert hostile.tables.get_item(TableName="mine", Key=key("theirs"))["Item"] == item("theirs")


@pytest.mark.parametrize("operation", ["Decrypt", "ReEncrypt"])
@pytest.mark.parametrize("named", ["mine", "theirs", ""])
def test_a_ciphertext_of_others(hostile: Hostile, operation: str, named: str) -> None:
    member = {"Decrypt": "KeyId", "ReEncrypt": "SourceKeyId"}[operation]
    for whose in ("mine", "theirs"):
        blob = base64.b64encode(hostile.ciphertext[whose]).decode()
        members = {"CiphertextBlob": blob, "DestinationKeyId": hostile.key["mine"]}
        if named:
            members[member] = hostile.key[named]
        answer = hostile.json_call("kms", f"TrentService.{operation}", members)
        assert (answer.status == 200) is (whose == "mine" and named != "theirs"), members


@pytest.mark.parametrize("topic", ["mine", "theirs", ""])
@pytest.mark.parametrize("target", ["mine", "theirs", ""])
@pytest.mark.parametrize("phone", ["+4930123456", ""])
def test_topics_and_phones_of_others(hostile: Hostile, topic: str, target: str, phone: str) -> None:
    form = {"Action": "Publish", "Version": "2010-03-31", "Message": "m"}
    form |= {"TopicArn": hostile.topic[topic]} if topic else {}
    form |= {"TargetArn": hostile.topic[target]} if target else {}
    form |= {"PhoneNumber": phone} if phone else {}
    content_type = "application/x-www-form-urlencoded"
    answer = hostile.call("sns", urlencode(form).encode(), Content_Type=content_type)
    assert (answer.status == 200) is ({topic, target} - {""} == {"mine"} and not phone)
    assert "Messages" not in hostile.queues.receive_message(QueueUrl=hostile.queue)
