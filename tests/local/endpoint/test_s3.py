"""S3 through the endpoint, as boto3 and browsers use it."""

from __future__ import annotations

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.endpoint.served import REGION, Served, fetch

PART_BYTES = 5 * 1024**2
FORM_BOUNDARY = "form-boundary"


@pytest.fixture(scope="module")
def s3(aws: Served) -> Any:
    return aws.client(
        "s3", config=Config(s3={"addressing_style": "path"}, signature_version="s3v4")
    )


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"bucket-{uuid4()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def failure(call: Any, **arguments: Any) -> tuple[int, str]:
    """Status and code of the error of a call."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


# versions


def test_versions_and_delete_markers(s3: Any, versioned: str) -> None:
    at = {"Bucket": versioned, "Key": "doc"}
    first = s3.put_object(**at, Body=b"one")["VersionId"]
    second = s3.put_object(**at, Body=b"two")["VersionId"]
    assert s3.get_object(**at)["Body"].read() == b"two"
    assert s3.get_object(**at, VersionId=first)["Body"].read() == b"one"
    deleted = s3.delete_object(**at)
    assert deleted["DeleteMarker"] is True
    assert failure(s3.get_object, **at) == (404, "NoSuchKey")
    assert s3.list_objects_v2(Bucket=versioned)["KeyCount"] == 0
    listed = s3.list_object_versions(Bucket=versioned)
    assert [it["VersionId"] for it in listed["Versions"]] == [second, first]
    assert [it["IsLatest"] for it in listed["DeleteMarkers"]] == [True]
    marker = listed["DeleteMarkers"][0]["VersionId"]
    assert marker == deleted["VersionId"]
    assert s3.delete_object(**at, VersionId=marker)["VersionId"] == marker
    assert s3.get_object(**at)["Body"].read() == b"two"
    s3.delete_object(**at, VersionId=second)
    assert s3.get_object(**at)["VersionId"] == first


def test_without_versions_a_deletion_is_one(s3: Any, bucket: str) -> None:
    at = {"Bucket": bucket, "Key": "doc"}
    assert "VersionId" not in s3.put_object(**at, Body=b"one")
    assert "DeleteMarker" not in s3.delete_object(**at)
    assert failure(s3.get_object, **at) == (404, "NoSuchKey")
    s3.delete_object(**at)


def test_many_objects_are_deleted_at_once(s3: Any, bucket: str) -> None:
    for key in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    objects = [{"Key": key} for key in ("a", "b", "missing")]
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})["Deleted"]
    assert sorted(it["Key"] for it in deleted) == ["a", "b", "missing"]


# presigned URLs


def test_presigned_get_and_put(s3: Any, bucket: str) -> None:
    at = {"Bucket": bucket, "Key": "a b/ü.txt"}
    url = s3.generate_presigned_url("put_object", Params={**at, "ContentType": "text/plain"})
    put = fetch(url, method="PUT", body=b"hello", headers={"Content-Type": "text/plain"})
    assert (put.status, put.headers["ETag"]) == (200, etag(b"hello"))
    shown = {**at, "ResponseContentDisposition": 'attachment; filename="u.txt"'}
    got = fetch(s3.generate_presigned_url("get_object", Params=shown))
    assert (got.status, got.body) == (200, b"hello")
    assert got.headers["Content-Type"] == "text/plain"
    assert got.headers["Content-Disposition"] == 'attachment; filename="u.txt"'


def test_a_presigned_url_of_a_function_is_checked(aws: Served, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="doc", Body=b"one")
    signer = aws.client("s3", aws.role("signer"), config=Config(signature_version="s3v4"))
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "doc"})
    assert fetch(url).body == b"one"
    other = fetch(url.replace("/doc?", "/other?"))
    assert other.status == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in other.body
    assert fetch(url, method="DELETE").status == 403


def form(fields: dict[str, str], content: bytes) -> bytes:
    parts = [
        f'--{FORM_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = (
        f'--{FORM_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    )
    return "".join([*parts, head]).encode() + content + f"\r\n--{FORM_BOUNDARY}--\r\n".encode()


def post(presigned: dict[str, Any], content: bytes, **changed: str) -> Any:
    headers = {"Content-Type": f"multipart/form-data; boundary={FORM_BOUNDARY}"}
    body = form({**presigned["fields"], **changed}, content)
    return fetch(presigned["url"], method="POST", body=body, headers=headers)


def test_a_form_uploads(s3: Any, bucket: str) -> None:
    presigned = s3.generate_presigned_post(
        bucket,
        "uploads/${filename}",
        Fields={"Content-Type": "text/plain", "success_action_status": "201"},
        Conditions=[{"Content-Type": "text/plain"}, {"success_action_status": "201"}],
    )
    answer = post(presigned, b"from a form")
    assert answer.status == 201
    assert b"<Key>uploads/f.txt</Key>" in answer.body
    got = s3.get_object(Bucket=bucket, Key="uploads/f.txt")
    assert (got["Body"].read(), got["ContentType"]) == (b"from a form", "text/plain")


def test_a_form_answers_204(s3: Any, bucket: str) -> None:
    answer = post(s3.generate_presigned_post(bucket, "doc"), b"x")
    assert (answer.status, answer.body, answer.headers["ETag"]) == (204, b"", etag(b"x"))


def test_a_form_of_a_function_is_checked(aws: Served, bucket: str) -> None:
    signer = aws.client("s3", aws.role("forms"), config=Config(signature_version="s3v4"))
    presigned = signer.generate_presigned_post(bucket, "doc")
    assert post(presigned, b"x").status == 204
    assert aws.calls.records[-1].function_logical_id == "forms"
    forged = post(presigned, b"x", **{"x-amz-signature": "0" * 64})
    assert forged.status == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in forged.body


def test_a_form_leads_back_to_the_page(s3: Any, bucket: str) -> None:
    page = {"success_action_redirect": "http://page.example/done?a=1"}
    presigned = s3.generate_presigned_post(bucket, "doc", Fields=page, Conditions=[page])
    answer = post(presigned, b"x")
    assert answer.status == 303
    assert answer.headers["Location"].startswith(
        f"http://page.example/done?a=1&bucket={bucket}&key=doc&etag=%22"
    )


@pytest.mark.parametrize(
    ("conditions", "expires_s", "changed", "content", "status", "code"),
    [
        ([["content-length-range", 1, 4]], 60, {}, b"12345", 400, "EntityTooLarge"),
        ([["content-length-range", 3, 4]], 60, {}, b"1", 400, "EntityTooSmall"),
        ([], 60, {"key": "elsewhere"}, b"1", 403, "AccessDenied"),
        ([], 60, {"x-amz-meta-extra": "1"}, b"1", 403, "AccessDenied"),
        ([], -1, {}, b"1", 403, "AccessDenied"),
    ],
)
def test_a_form_is_held_to_its_policy(
    s3: Any,
    bucket: str,
    conditions: list[Any],
    expires_s: int,
    changed: dict[str, str],
    content: bytes,
    status: int,
    code: str,
) -> None:
    presigned = s3.generate_presigned_post(
        bucket, "doc", Conditions=conditions, ExpiresIn=expires_s
    )
    answer = post(presigned, content, **changed)
    assert answer.status == status
    assert f"<Code>{code}</Code>".encode() in answer.body
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


LATER = "2999-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "policy",
    [
        {"expiration": "2999-01-01T00:00:00", "conditions": []},
        {"expiration": 5, "conditions": []},
        {"expiration": LATER, "conditions": 5},
        {"expiration": LATER, "conditions": [["eq", "$key"]]},
        {"expiration": LATER, "conditions": [["content-length-range", "a", "b"]]},
        {"expiration": LATER, "conditions": [5]},
        [],
    ],
)
def test_a_policy_that_cannot_be_read_is_refused(s3: Any, bucket: str, policy: Any) -> None:
    encoded = base64.b64encode(json.dumps(policy).encode()).decode()
    answer = post(s3.generate_presigned_post(bucket, "doc"), b"x", policy=encoded)
    assert answer.status == 400
    assert b"<Code>InvalidPolicyDocument</Code>" in answer.body


# multipart


def upload(s3: Any, at: dict[str, str], *parts: bytes) -> tuple[str, dict[str, Any]]:
    upload_id = s3.create_multipart_upload(**at)["UploadId"]
    made = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(**at, UploadId=upload_id, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in enumerate(parts, 1)
    ]
    return upload_id, {"Parts": made}


def test_multipart(s3: Any, bucket: str) -> None:
    at = {"Bucket": bucket, "Key": "big"}
    first, second = b"a" * PART_BYTES, b"b" * 10
    upload_id, parts = upload(s3, at, first, second)
    assert [it["Size"] for it in s3.list_parts(**at, UploadId=upload_id)["Parts"]] == [
        PART_BYTES,
        10,
    ]
    listed = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [it["UploadId"] for it in listed] == [upload_id]
    done = s3.complete_multipart_upload(**at, UploadId=upload_id, MultipartUpload=parts)
    digests = b"".join(hashlib.md5(it, usedforsecurity=False).digest() for it in (first, second))
    assert done["ETag"] == f'{etag(digests)[:-1]}-2"'
    assert s3.head_object(**at)["ContentLength"] == PART_BYTES + 10
    assert s3.get_object(**at, Range="bytes=-12")["Body"].read() == b"aa" + second


def test_multipart_that_is_wrong(s3: Any, bucket: str) -> None:
    at = {"Bucket": bucket, "Key": "big"}
    upload_id, parts = upload(s3, at, b"a", b"b")
    complete = s3.complete_multipart_upload
    assert failure(complete, **at, UploadId=upload_id, MultipartUpload=parts) == (
        400,
        "EntityTooSmall",
    )
    other = {"Parts": [{"PartNumber": 1, "ETag": etag(b"other")}]}
    assert failure(complete, **at, UploadId=upload_id, MultipartUpload=other) == (
        400,
        "InvalidPart",
    )
    s3.abort_multipart_upload(**at, UploadId=upload_id)
    assert failure(complete, **at, UploadId=upload_id, MultipartUpload=parts) == (
        404,
        "NoSuchUpload",
    )


# conditional writes


def test_a_write_only_if_there_is_nothing(s3: Any, bucket: str) -> None:
    at = {"Bucket": bucket, "Key": "doc"}
    s3.put_object(**at, Body=b"one", IfNoneMatch="*")
    assert failure(s3.put_object, **at, Body=b"two", IfNoneMatch="*") == (
        412,
        "PreconditionFailed",
    )
    assert s3.get_object(**at)["Body"].read() == b"one"


def test_of_writes_at_the_same_time_one_is_first(s3: Any, bucket: str) -> None:
    def write(number: int) -> bool:
        try:
            s3.put_object(Bucket=bucket, Key="doc", Body=b"%d" % number, IfNoneMatch="*")
        except s3.exceptions.ClientError:
            return False
        return True

    with ThreadPoolExecutor(8) as executor:
        assert sum(executor.map(write, range(16))) == 1


def test_a_write_only_over_what_was_read(s3: Any, bucket: str) -> None:
    at = {"Bucket": bucket, "Key": "doc"}
    assert failure(s3.put_object, **at, Body=b"x", IfMatch=etag(b"x")) == (404, "NoSuchKey")
    read = s3.put_object(**at, Body=b"one")["ETag"]
    s3.put_object(**at, Body=b"two", IfMatch=read)
    assert failure(s3.put_object, **at, Body=b"three", IfMatch=read) == (
        412,
        "PreconditionFailed",
    )
    assert s3.get_object(**at)["Body"].read() == b"two"


def test_a_deleted_version_is_nothing(s3: Any, versioned: str) -> None:
    at = {"Bucket": versioned, "Key": "doc"}
    s3.put_object(**at, Body=b"one")
    s3.delete_object(**at)
    assert failure(s3.put_object, **at, Body=b"x", IfMatch=etag(b"one")) == (404, "NoSuchKey")
    s3.put_object(**at, Body=b"two", IfNoneMatch="*")
    assert s3.get_object(**at)["Body"].read() == b"two"


def test_a_multipart_upload_completes_on_a_condition(s3: Any, bucket: str) -> None:
    at = {"Bucket": bucket, "Key": "doc"}
    upload_id, parts = upload(s3, at, b"one")
    s3.put_object(**at, Body=b"there")
    complete = {**at, "UploadId": upload_id, "MultipartUpload": parts}
    assert failure(s3.complete_multipart_upload, **complete, IfNoneMatch="*") == (
        412,
        "PreconditionFailed",
    )
    assert failure(s3.complete_multipart_upload, **complete, IfMatch=etag(b"else")) == (
        412,
        "PreconditionFailed",
    )
    assert s3.get_object(**at)["Body"].read() == b"there"
    s3.complete_multipart_upload(**complete, IfMatch=etag(b"there"))
    assert s3.get_object(**at)["Body"].read() == b"one"


# reads


@pytest.mark.parametrize(
    ("asked", "content", "content_range"),
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
    ],
)
def test_ranges(s3: Any, bucket: str, asked: str, content: bytes, content_range: str) -> None:
    at = {"Bucket": bucket, "Key": "doc"}
    s3.put_object(**at, Body=b"0123456789")
    got = s3.get_object(**at, Range=asked)
    assert (got["Body"].read(), got["ContentRange"]) == (content, content_range)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert failure(s3.get_object, **at, Range="bytes=20-30") == (416, "InvalidRange")


def test_conditional_reads(s3: Any, bucket: str) -> None:
    at = {"Bucket": bucket, "Key": "doc"}
    s3.put_object(**at, Body=b"one")
    past, future = (datetime.now(UTC) + timedelta(hours=it) for it in (-1, 1))
    for read in (s3.get_object, s3.head_object):
        assert failure(read, **at, IfNoneMatch=etag(b"one"))[0] == 304
        assert failure(read, **at, IfMatch=etag(b"two"))[0] == 412
        assert failure(read, **at, IfModifiedSince=future)[0] == 304
        assert failure(read, **at, IfUnmodifiedSince=past)[0] == 412
        assert read(**at, IfMatch=etag(b"one"), IfModifiedSince=past)["ETag"] == etag(b"one")
    assert failure(s3.get_object, **at, IfMatch=etag(b"two")) == (412, "PreconditionFailed")


# copies


def test_copies(s3: Any, versioned: str) -> None:
    source = {"Bucket": versioned, "Key": "a b"}
    first = s3.put_object(**source, Body=b"one", Metadata={"n": "1"})["VersionId"]
    s3.put_object(**source, Body=b"two")
    to = {"Bucket": versioned, "Key": "copy"}
    copied = s3.copy_object(**to, CopySource={**source, "VersionId": first})
    assert copied["CopyObjectResult"]["ETag"] == etag(b"one")
    assert copied["CopySourceVersionId"] == first
    got = s3.get_object(**to)
    assert (got["Body"].read(), got["Metadata"]) == (b"one", {"n": "1"})
    s3.copy_object(**to, CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "2"})
    got = s3.get_object(**to)
    assert (got["Body"].read(), got["Metadata"]) == (b"two", {"n": "2"})
    missing = {"Bucket": versioned, "Key": "missing"}
    assert failure(s3.copy_object, **to, CopySource=missing) == (404, "NoSuchKey")
    assert failure(s3.copy_object, **to, CopySource=source, CopySourceIfMatch='"x"') == (
        412,
        "PreconditionFailed",
    )
    assert failure(s3.copy_object, **to, CopySource=to) == (400, "InvalidRequest")
