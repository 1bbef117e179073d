"""Naming the operation of a request, with botocore's own requests as the oracle."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
import pytest

from cloudworthy.local.endpoint.call import Protocol, Signature, SignatureKind
from cloudworthy.local.endpoint.classify import classify
from cloudworthy.local.endpoint.parse import parse_signature
from cloudworthy.local.model.http import Request

B, K = "bucket", "folder/key"
S3_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("ListBuckets", {}),
    ("CreateBucket", {"Bucket": B}),
    ("DeleteBucket", {"Bucket": B}),
    ("HeadBucket", {"Bucket": B}),
    ("ListObjects", {"Bucket": B}),
    ("ListObjectsV2", {"Bucket": B, "Prefix": "acl"}),
    ("ListObjectVersions", {"Bucket": B}),
    ("ListMultipartUploads", {"Bucket": B}),
    ("GetBucketLocation", {"Bucket": B}),
    ("GetBucketVersioning", {"Bucket": B}),
    ("GetBucketPolicy", {"Bucket": B}),
    ("DeleteBucketPolicy", {"Bucket": B}),
    ("PutBucketPolicy", {"Bucket": B, "Policy": "{}"}),
    ("GetBucketEncryption", {"Bucket": B}),
    ("GetPublicAccessBlock", {"Bucket": B}),
    ("GetBucketTagging", {"Bucket": B}),
    ("GetBucketCors", {"Bucket": B}),
    ("GetBucketLifecycleConfiguration", {"Bucket": B}),
    ("GetBucketNotificationConfiguration", {"Bucket": B}),
    ("DeleteObjects", {"Bucket": B, "Delete": {"Objects": [{"Key": K}]}}),
    ("GetObject", {"Bucket": B, "Key": K, "ResponseContentType": "acl"}),
    ("HeadObject", {"Bucket": B, "Key": K}),
    ("PutObject", {"Bucket": B, "Key": K, "Body": b"x"}),
    ("CopyObject", {"Bucket": B, "Key": K, "CopySource": "a/b"}),
    ("DeleteObject", {"Bucket": B, "Key": K, "VersionId": "v"}),
    ("GetObjectTagging", {"Bucket": B, "Key": K}),
    ("GetObjectAttributes", {"Bucket": B, "Key": K, "ObjectAttributes": ["ETag"]}),
    ("CreateMultipartUpload", {"Bucket": B, "Key": K}),
    ("UploadPart", {"Bucket": B, "Key": K, "UploadId": "u", "PartNumber": 1, "Body": b"x"}),
    (
        "UploadPartCopy",
        {"Bucket": B, "Key": K, "UploadId": "u", "PartNumber": 1, "CopySource": "a/b"},
    ),
    ("CompleteMultipartUpload", {"Bucket": B, "Key": K, "UploadId": "u"}),
    ("AbortMultipartUpload", {"Bucket": B, "Key": K, "UploadId": "u"}),
    ("ListParts", {"Bucket": B, "Key": K, "UploadId": "u"}),
]
LAMBDA_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("Invoke", {"FunctionName": "f"}),
    ("Invoke", {"FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:f"}),
    ("GetFunction", {"FunctionName": "f"}),
    ("GetFunctionConfiguration", {"FunctionName": "f"}),
    ("UpdateFunctionCode", {"FunctionName": "f", "ZipFile": b""}),
    ("ListFunctions", {}),
]
OTHER_CALLS: list[tuple[str, str, dict[str, Any], Protocol]] = [
    ("dynamodb", "GetItem", {"TableName": "ttt", "Key": {"a": {"S": "b"}}}, Protocol.JSON_1_0),
    ("dynamodbstreams", "ListStreams", {}, Protocol.JSON_1_0),
    ("secretsmanager", "GetSecretValue", {"SecretId": "s"}, Protocol.JSON_1_1),
    ("sqs", "SendMessage", {"QueueUrl": "http://q/1/q", "MessageBody": "m"}, Protocol.JSON_1_0),
    ("sns", "Publish", {"TopicArn": "t", "Message": "m"}, Protocol.QUERY),
    ("sts", "GetCallerIdentity", {}, Protocol.QUERY),
    ("iam", "ListRoles", {}, Protocol.QUERY),
]


@cache
def client_of(service: str) -> Any:
    session: Any = boto3.session.Session(
        aws_access_key_id="AKIAX", aws_secret_access_key="y", region_name="us-east-1"
    )
    return session.client(service, endpoint_url="http://127.0.0.1:1")


def sent(service: str, operation: str, parameters: dict[str, Any]) -> Request:
    """What boto3 would send, caught before it leaves."""
    client = client_of(service)
    caught: list[Request] = []

    def catch(request: Any, **_: Any) -> Any:
        target = request.url.removeprefix("http://127.0.0.1:1")
        headers = [
            (k, v.decode() if isinstance(v, bytes) else v) for k, v in request.headers.items()
        ]
        body = request.body
        body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
        caught.append(Request(request.method, target, headers, body))
        raise InterruptedError

    method = next(k for k, v in client.meta.method_to_api_mapping.items() if v == operation)
    client.meta.events.register("before-send", catch)
    try:
        with pytest.raises(InterruptedError):
            getattr(client, method)(**parameters)
    finally:
        client.meta.events.unregister("before-send", catch)
    return caught[0]


@pytest.mark.parametrize(("operation", "parameters"), S3_CALLS)
def test_s3_operations(operation: str, parameters: dict[str, Any]) -> None:
    request = sent("s3", operation, parameters)
    found = classify(request, parse_signature(request))
    assert (found.service, found.name, found.protocol) == ("s3", operation, Protocol.REST_XML)


def test_what_an_object_holds_does_not_name_an_operation_of_s3() -> None:
    form = {"ContentType": "application/x-www-form-urlencoded", "Body": b"Action=GetObject"}
    request = sent("s3", "PutObject", {"Bucket": B, "Key": K, **form})
    request.headers.append(("X-Amz-Target", "AmazonS3.GetObject"))
    found = classify(request, parse_signature(request))
    assert (found.service, found.name, found.protocol) == ("s3", "PutObject", Protocol.REST_XML)


@pytest.mark.parametrize(("operation", "parameters"), LAMBDA_CALLS)
def test_lambda_operations(operation: str, parameters: dict[str, Any]) -> None:
    request = sent("lambda", operation, parameters)
    found = classify(request, parse_signature(request))
    assert (found.service, found.name, found.protocol) == ("lambda", operation, Protocol.REST_JSON)


@pytest.mark.parametrize(("service", "operation", "parameters", "protocol"), OTHER_CALLS)
def test_other_operations(
    service: str, operation: str, parameters: dict[str, Any], protocol: Protocol
) -> None:
    request = sent(service, operation, parameters)
    found = classify(request, parse_signature(request))
    assert (found.service, found.name, found.protocol) == (service, operation, protocol)


def test_what_no_rest_service_knows_gets_method_and_path() -> None:
    signature = Signature(SignatureKind.V4_HEADER, service="scheduler")
    found = classify(Request("GET", "/unheard/x?y=z", []), signature)
    assert found.name == "GET /unheard/x"
