"""Which actions on which tables, indexes, buckets and objects: exactly."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.model.http import Request
from local.endpoint.authorization.known import (
    BUCKET,
    FOREIGN,
    IN_FILES,
    ITEM,
    OBJECT,
    TABLE,
    Case,
    Known,
)
from local.endpoint.authorization.wire import decide_on, needs, written

DYNAMODB: list[Case] = [
    ("dynamodb", "GetItem", {"TableName": "items", "Key": ITEM}, {"dynamodb:GetItem": (TABLE,)}),
    ("dynamodb", "GetItem", {"TableName": FOREIGN, "Key": ITEM}, {"dynamodb:GetItem": (FOREIGN,)}),
    ("dynamodb", "Query", {"TableName": "items"}, {"dynamodb:Query": (TABLE,)}),
    (
        "dynamodb",
        "Query",
        {"TableName": "items", "IndexName": "by-owner"},
        {"dynamodb:Query": (f"{TABLE}/index/by-owner",)},
    ),
    (
        "dynamodb",
        "Scan",
        {"TableName": FOREIGN, "IndexName": "ix"},
        {"dynamodb:Scan": (f"{FOREIGN}/index/ix",)},
    ),
    (
        "dynamodb",
        "BatchWriteItem",
        {
            "RequestItems": {
                "items": [{"PutRequest": {"Item": ITEM}}],
                FOREIGN: [{"DeleteRequest": {"Key": ITEM}}],
            }
        },
        {"dynamodb:BatchWriteItem": (TABLE, FOREIGN)},
    ),
    (
        "dynamodb",
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": "items", "Item": ITEM}},
                {"Update": {"TableName": FOREIGN, "Key": ITEM, "UpdateExpression": "SET a = :b"}},
                {"Put": {"TableName": "items", "Item": ITEM}},
                {
                    "ConditionCheck": {
                        "TableName": "items",
                        "Key": ITEM,
                        "ConditionExpression": "attribute_exists(pk)",
                    }
                },
            ]
        },
        {
            "dynamodb:ConditionCheckItem": (TABLE,),
            "dynamodb:PutItem": (TABLE,),
            "dynamodb:UpdateItem": (FOREIGN,),
        },
    ),
    (
        "dynamodb",
        "ExecuteStatement",
        {"Statement": 'SELECT * FROM "items"."by-owner" WHERE a = \'x FROM "y"\''},
        {"dynamodb:PartiQLSelect": (f"{TABLE}/index/by-owner",)},
    ),
    (
        "dynamodb",
        "ExecuteTransaction",
        {
            "TransactStatements": [
                {"Statement": "insert into items value {'pk': 'a'}"},
                {"Statement": "UPDATE \"items\" SET a = 1 WHERE pk = 'a'"},
                {"Statement": "DELETE FROM items WHERE pk = 'a'"},
                {"Statement": "EXISTS(SELECT * FROM items WHERE pk = 'b')"},
            ]
        },
        {
            "dynamodb:PartiQLDelete": (TABLE,),
            "dynamodb:PartiQLInsert": (TABLE,),
            "dynamodb:PartiQLSelect": (TABLE,),
            "dynamodb:PartiQLUpdate": (TABLE,),
        },
    ),
    ("dynamodb", "ListTables", {}, {"dynamodb:ListTables": ("*",)}),
    ("dynamodb", "DescribeTable", {"TableName": "items"}, {"dynamodb:DescribeTable": (TABLE,)}),
    (
        "dynamodbstreams",
        "GetShardIterator",
        {"StreamArn": f"{TABLE}/stream/1", "ShardId": "s", "ShardIteratorType": "LATEST"},
        {"dynamodb:GetShardIterator": (f"{TABLE}/stream/1",)},
    ),
    (
        "dynamodbstreams",
        "GetRecords",
        {"ShardIterator": f"{TABLE}/stream/1|1|AAAA"},
        {"dynamodb:GetRecords": (f"{TABLE}/stream/1",)},
    ),
]
S3: list[Case] = [
    ("s3", "GetObject", IN_FILES, {"s3:GetObject": (OBJECT,)}),
    ("s3", "GetObject", {**IN_FILES, "VersionId": "v"}, {"s3:GetObjectVersion": (OBJECT,)}),
    ("s3", "HeadObject", IN_FILES, {"s3:GetObject": (OBJECT,)}),
    ("s3", "PutObject", IN_FILES, {"s3:PutObject": (OBJECT,)}),
    (
        "s3",
        "PutObject",
        {**IN_FILES, "Tagging": "a=b", "ACL": "private"},
        {"s3:PutObject": (OBJECT,), "s3:PutObjectAcl": (OBJECT,), "s3:PutObjectTagging": (OBJECT,)},
    ),
    ("s3", "DeleteObject", IN_FILES, {"s3:DeleteObject": (OBJECT,)}),
    ("s3", "DeleteObject", {**IN_FILES, "VersionId": "v"}, {"s3:DeleteObjectVersion": (OBJECT,)}),
    (
        "s3",
        "DeleteObjects",
        {"Bucket": "files", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2", "VersionId": "v"}]}},
        {"s3:DeleteObject": (f"{BUCKET}/1",), "s3:DeleteObjectVersion": (f"{BUCKET}/2",)},
    ),
    (
        "s3",
        "CopyObject",
        {**IN_FILES, "CopySource": "from/x%20y"},
        {"s3:GetObject": ("arn:aws:s3:::from/x y",), "s3:PutObject": (OBJECT,)},
    ),
    (
        "s3",
        "UploadPartCopy",
        {**IN_FILES, "CopySource": "/from/x?versionId=1", "PartNumber": 1, "UploadId": "u"},
        {"s3:GetObjectVersion": ("arn:aws:s3:::from/x",), "s3:PutObject": (OBJECT,)},
    ),
    ("s3", "CreateMultipartUpload", IN_FILES, {"s3:PutObject": (OBJECT,)}),
    ("s3", "CompleteMultipartUpload", {**IN_FILES, "UploadId": "u"}, {"s3:PutObject": (OBJECT,)}),
    (
        "s3",
        "AbortMultipartUpload",
        {**IN_FILES, "UploadId": "u"},
        {"s3:AbortMultipartUpload": (OBJECT,)},
    ),
    ("s3", "ListParts", {**IN_FILES, "UploadId": "u"}, {"s3:ListMultipartUploadParts": (OBJECT,)}),
    ("s3", "ListObjectsV2", {"Bucket": "files"}, {"s3:ListBucket": (BUCKET,)}),
    ("s3", "HeadBucket", {"Bucket": "files"}, {"s3:ListBucket": (BUCKET,)}),
    ("s3", "ListObjectVersions", {"Bucket": "files"}, {"s3:ListBucketVersions": (BUCKET,)}),
    ("s3", "GetBucketCors", {"Bucket": "files"}, {"s3:GetBucketCORS": (BUCKET,)}),
    (
        "s3",
        "DeleteBucketEncryption",
        {"Bucket": "files"},
        {"s3:PutEncryptionConfiguration": (BUCKET,)},
    ),
    ("s3", "ListBuckets", {}, {"s3:ListAllMyBuckets": ("*",)}),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "expected"), [*DYNAMODB, *S3])
def test_actions_and_resources(
    service: str,
    operation: str,
    parameters: dict[str, Any],
    expected: dict[str, tuple[str, ...]],
) -> None:
    assert needs(service, operation, parameters, Known()) == expected


@pytest.mark.parametrize(
    ("host", "resource"),
    [
        ("files.s3.amazonaws.com", "files/a/k"),
        ("files.s3.eu-central-1.amazonaws.com:443", "files/a/k"),
        ("my.files.s3-eu-west-1.amazonaws.com", "my.files/a/k"),
        ("a.s3.s3.amazonaws.com", "a.s3/a/k"),
        ("files.localhost:4566", "files/a/k"),
        ("localhost:4566", "a/k"),
        ("127.0.0.1:4566", "a/k"),
        ("[::1]:4566", "a/k"),
        ("s3.eu-central-1.amazonaws.com", "a/k"),
        ("endpoint", "a/k"),
    ],
)
def test_a_bucket_may_be_in_the_host(host: str, resource: str) -> None:
    needed = decide_on("s3", Request("GET", "/a/k", [("Host", host)]))
    assert [(one.action, one.resources) for one in needed] == [
        ("s3:GetObject", (f"arn:aws:s3:::{resource}",))
    ]


@pytest.mark.parametrize(
    "host", ["files.example.com", "www.files.localhost", "a.b.localhost", "files.127.0.0.1"]
)
def test_a_host_that_may_name_a_bucket_is_refused(host: str) -> None:
    with pytest.raises(UnclassifiedRequestError, match="host"):
        decide_on("s3", Request("GET", "/a/k", [("Host", host)]))


@pytest.mark.parametrize(
    "statement",
    ["", "DROP TABLE items", "SELECT 1", "SELECT * FROM", "SELECT * FROM a -- b", "SELECT /* */ a"],
)
def test_a_statement_that_is_not_understood_is_refused(statement: str) -> None:
    request = written("dynamodb", "ExecuteStatement", {"Statement": statement})
    with pytest.raises(UnclassifiedRequestError, match="PartiQL"):
        decide_on("dynamodb", request)
