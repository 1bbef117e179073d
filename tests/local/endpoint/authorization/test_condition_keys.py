"""The condition keys of requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudworthy.local.endpoint.authorization.context import (
    global_keys,
    principal_keys,
    service_caller_keys,
)
from cloudworthy.local.endpoint.authorization.service_keys import kms_caller_keys
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal
from local.endpoint.authorization.known import ITEM, Known
from local.endpoint.authorization.wire import (
    ACCOUNT,
    FUNCTION,
    NOW,
    REGION,
    ROLE,
    decide_on,
    keys_of,
    written,
)

Keys = dict[str, str | tuple[str, ...]]


def test_every_request_has_the_global_keys() -> None:
    request = Request("GET", "/", [("User-Agent", "Boto3/1")], client_ip="127.0.0.9")
    keys = global_keys(request, FUNCTION, account=ACCOUNT, region=REGION, now=NOW)
    user = keys.pop("aws:userid")
    assert str(user).startswith("AROA")
    assert str(user).endswith(":api")
    assert keys == {
        "aws:CurrentTime": "2026-01-02T03:04:05Z",
        "aws:EpochTime": str(int(NOW.timestamp())),
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalArn": ROLE,
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalType": "AssumedRole",
        "aws:RequestedRegion": REGION,
        "aws:ResourceAccount": ACCOUNT,
        "aws:SecureTransport": "true",
        "aws:SourceIp": "127.0.0.9",
        "aws:UserAgent": "Boto3/1",
        "aws:ViaAWSService": "false",
    }


def test_principals_of_other_kinds() -> None:
    user = principal_keys(Principal(f"arn:aws:iam::{ACCOUNT}:user/team/ann", ACCOUNT))
    assert (user["aws:PrincipalType"], user["aws:username"]) == ("User", "ann")
    root = principal_keys(Principal(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT))
    assert root["aws:PrincipalType"] == "Account"
    nobody = principal_keys(Principal("", ""))
    assert nobody == {"aws:PrincipalIsAWSService": "false", "aws:PrincipalType": "Anonymous"}


def test_a_service_says_for_what_it_calls() -> None:
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
    keys = service_caller_keys("sns.amazonaws.com", topic)
    assert (keys["aws:SourceArn"], keys["aws:SourceAccount"]) == (topic, ACCOUNT)
    assert "aws:SourceAccount" not in service_caller_keys("s3.amazonaws.com", "arn:aws:s3:::files")
    request = written("lambda", "Invoke", {"FunctionName": "f"})
    context = decide_on("lambda", request, caller_keys=keys)[0].context
    assert context["aws:SourceArn"] == topic


CASES: list[tuple[str, str, dict[str, Any], Keys]] = [
    (
        "dynamodb",
        "GetItem",
        {
            "TableName": "items",
            "Key": {**ITEM, "sk": {"N": "1"}},
            "ProjectionExpression": "#a, b.c[0].d",
            "ExpressionAttributeNames": {"#a": "name"},
        },
        {"dynamodb:LeadingKeys": ("a",), "dynamodb:Attributes": ("pk", "sk", "name", "b")},
    ),
    (
        "dynamodb",
        "Query",
        {
            "TableName": "items",
            "IndexName": "by-owner",
            "Select": "SPECIFIC_ATTRIBUTES",
            "KeyConditionExpression": "sk > :s AND #o = :o",
            "ExpressionAttributeNames": {"#o": "owner"},
            "ExpressionAttributeValues": {":o": {"S": "ann"}, ":s": {"S": "x"}},
        },
        {
            "dynamodb:LeadingKeys": ("ann",),
            "dynamodb:Attributes": ("sk", "owner"),
            "dynamodb:Select": "SPECIFIC_ATTRIBUTES",
        },
    ),
    (
        "dynamodb",
        "BatchGetItem",
        {"RequestItems": {"items": {"Keys": [ITEM, {"pk": {"S": "b"}}]}}},
        {"dynamodb:LeadingKeys": ("a", "b"), "dynamodb:Attributes": ("pk",)},
    ),
    (
        "dynamodb",
        "TransactGetItems",
        {"TransactItems": [{"Get": {"TableName": "items", "Key": ITEM}}]},
        {
            "dynamodb:LeadingKeys": ("a",),
            "dynamodb:Attributes": ("pk",),
            "dynamodb:EnclosingOperation": "TransactGetItems",
        },
    ),
    ("dynamodb", "Scan", {"TableName": "items"}, {"dynamodb:FullTableScan": "true"}),
    (
        "s3",
        "ListObjectsV2",
        {"Bucket": "files", "Prefix": "a/", "Delimiter": "/", "MaxKeys": 5},
        {"s3:prefix": "a/", "s3:delimiter": "/", "s3:max-keys": "5"},
    ),
    (
        "s3",
        "PutObject",
        {
            "Bucket": "files",
            "Key": "k",
            "ACL": "private",
            "ServerSideEncryption": "aws:kms",
            "Tagging": "team=a",
        },
        {
            "s3:x-amz-acl": "private",
            "s3:x-amz-server-side-encryption": "aws:kms",
            "s3:RequestObjectTagKeys": ("team",),
            "s3:RequestObjectTag/team": "a",
        },
    ),
    ("s3", "GetObject", {"Bucket": "files", "Key": "k", "VersionId": "v"}, {"s3:VersionId": "v"}),
    (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": "app/db", "VersionStage": "AWSCURRENT"},
        {"secretsmanager:SecretId": "app/db", "secretsmanager:VersionStage": "AWSCURRENT"},
    ),
    (
        "sns",
        "Subscribe",
        {"TopicArn": "arn:aws:sns:r:1:t", "Protocol": "https", "Endpoint": "https://a.b"},
        {"sns:Protocol": "https", "sns:Endpoint": "https://a.b"},
    ),
    (
        "kms",
        "Encrypt",
        {"KeyId": "alias/app", "Plaintext": b"x", "EncryptionContext": {"app": "a"}},
        {
            "kms:EncryptionContext:app": "a",
            "kms:CallerAccount": ACCOUNT,
            "kms:EncryptionContextKeys": ("app",),
            "kms:RequestAlias": "alias/app",
        },
    ),
    ("cloudwatch", "PutMetricData", {"Namespace": "App"}, {"cloudwatch:namespace": "App"}),
    (
        "events",
        "PutEvents",
        {"Entries": [{"Source": "s", "DetailType": "d"}]},
        {"events:source": ("s",), "events:detail-type": ("d",)},
    ),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "expected"), CASES)
def test_keys_of_services(
    service: str, operation: str, parameters: dict[str, Any], expected: Keys
) -> None:
    assert keys_of(service, operation, parameters, Known()) == expected


def test_tags_of_a_request() -> None:
    request = written("sns", "CreateTopic", {"Name": "t", "Tags": [{"Key": "team", "Value": "a"}]})
    context = decide_on("sns", request)[0].context
    assert (context["aws:TagKeys"], context["aws:RequestTag/team"]) == (("team",), "a")


MINE, THEIRS = {"pk": {"S": "mine"}}, {"pk": {"S": "theirs"}}
CONDITION = {
    "KeyConditionExpression": "pk = :o",
    "ExpressionAttributeValues": {":o": {"S": "theirs"}},
}
NOT_READ: list[tuple[str, dict[str, Any]]] = [
    ("PutItem", {"TableName": "items", "Key": MINE, "Item": THEIRS}),
    ("GetItem", {"TableName": "items", "Item": MINE, "Key": THEIRS}),
    ("GetItem", {"TableName": "items", "IndexName": "by-owner", "Key": THEIRS}),
    ("Query", {"TableName": "items", "Key": MINE, **CONDITION}),
    ("Query", {"TableName": "items", "Item": MINE, **CONDITION}),
    ("GetItem", {"TableName": "items", "Key": THEIRS, "RequestItems": {"items": {"Keys": [MINE]}}}),
    (
        "BatchGetItem",
        {"TableName": "items", "Key": MINE, "RequestItems": {"items": {"Keys": [THEIRS]}}},
    ),
    (
        "BatchWriteItem",
        {"RequestItems": {"items": [{"PutRequest": {"Key": MINE, "Item": THEIRS}}]}},
    ),
    (
        "TransactWriteItems",
        {"TransactItems": [{"Put": {"TableName": "items", "Key": MINE, "Item": THEIRS}}]},
    ),
]


@pytest.mark.parametrize(("operation", "body"), NOT_READ)
def test_a_member_that_the_operation_does_not_read_is_no_leading_key(
    operation: str, body: dict[str, Any]
) -> None:
    headers = [("X-Amz-Target", f"DynamoDB_20120810.{operation}")]
    request = Request("POST", "/", headers, json.dumps(body).encode())
    context = decide_on("dynamodb", request, lookup=Known())[0].context
    assert context["dynamodb:LeadingKeys"] == ("theirs",)


def statement(text: str, *parameters: str) -> dict[str, Any]:
    return {"Statement": text, "Parameters": [{"S": it} for it in parameters]}


def only(*leading: str) -> Keys:
    return {"dynamodb:LeadingKeys": leading}


SCAN: Keys = {"dynamodb:FullTableScan": "true"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (statement("SELECT * FROM items WHERE pk = 'it''s'"), only("it's")),
        (statement('SELECT a FROM "items" WHERE b = ? AND "pk" = ?', "x", "ann"), only("ann")),
        (statement("SELECT * FROM items WHERE 'ann' = pk"), only("ann")),
        (statement("SELECT * FROM items WHERE pk IN ['ann', ?]", "bob"), only("ann", "bob")),
        (statement("SELECT * FROM items WHERE pk = 'ann' OR pk = 'bob'"), only("ann", "bob")),
        (statement('SELECT * FROM "items"."by-owner" WHERE owner = 42'), only("42")),
        (statement("SELECT * FROM items WHERE pk = 'ann' OR a = 1"), only("ann") | SCAN),
        (statement("SELECT * FROM items WHERE NOT pk = 'ann'"), SCAN),
        (statement("SELECT * FROM items WHERE pk > 'ann'"), SCAN),
        (statement("SELECT * FROM items"), SCAN),
        (statement("INSERT INTO items VALUE {'a': 'x', 'pk': ?}", "ann"), only("ann")),
        (statement("UPDATE items SET a = 'x' WHERE pk = 'ann'"), only("ann")),
        (statement("DELETE FROM items WHERE pk = -1"), only("")),
    ],
)
def test_keys_of_statements(asked: dict[str, Any], expected: Keys) -> None:
    assert keys_of("dynamodb", "ExecuteStatement", asked, Known()) == expected
    statements = {"TransactStatements": [asked, asked]}
    transacted = keys_of("dynamodb", "ExecuteTransaction", statements, Known())
    assert transacted == expected | {"dynamodb:EnclosingOperation": "ExecuteTransaction"}
    assert (
        keys_of("dynamodb", "BatchExecuteStatement", {"Statements": [asked]}, Known()) == expected
    )


def test_an_unknown_partition_key_may_be_any_value_of_the_key() -> None:
    key = {"a": {"S": "mine"}, "b": {"S": "theirs"}}
    keys = keys_of("dynamodb", "GetItem", {"TableName": "new", "Key": key}, Known())
    assert keys["dynamodb:LeadingKeys"] == ("mine", "theirs")
    query = {**CONDITION, "TableName": "items", "KeyConditionExpression": ":o = pk"}
    keys = keys_of("dynamodb", "Query", query, Known())
    assert keys["dynamodb:LeadingKeys"] == ("theirs",)


@pytest.mark.parametrize(
    ("region", "service"),
    [
        ("eu-central-1", "sqs.eu-central-1.amazonaws.com"),
        ("cn-north-1", "sqs.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_service_that_uses_a_key_has_the_name_of_its_partition(region: str, service: str) -> None:
    keys = kms_caller_keys("CreateGrant", FUNCTION, via="sqs", region=region)
    assert (keys["kms:ViaService"], keys["kms:CallerAccount"]) == (service, ACCOUNT)
    assert keys["kms:GrantIsForAWSResource"] == "true"
    assert kms_caller_keys("Decrypt", FUNCTION, via="", region=region) == {
        "kms:CallerAccount": ACCOUNT
    }
