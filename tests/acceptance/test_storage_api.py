"""storage-api, as a client on the other side of the network sees it."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any
from urllib.parse import quote

import pytest
import urllib3

from acceptance.target import JSON, NO_JSON_OBJECTS, Answer, Target, assert_error

SYSTEM = "storage-api"
EVENT_ENDS_S = 360
pytestmark = [pytest.mark.xdist_group(SYSTEM), pytest.mark.timeout(EVENT_ENDS_S + 60)]


def write(target: Target, key: str, data: Any, **fields: Any) -> dict[str, Any]:
    answer = target.request("POST", "/api/data", {"key": key, "data": data, **fields})
    assert answer.status == 201, answer.data
    written: dict[str, Any] = answer.json()
    return written


def read(target: Target, key: str) -> Answer:
    return target.request("GET", f"/api/data?key={quote(key, safe='')}")


def test_the_outputs_have_exactly_their_names(target: Target) -> None:
    names = {"ApiEndpoint", "BucketName", "SecretArn", "LambdaFunctionName", "SNSTopicArn"}
    assert set(target.outputs) == names


@pytest.mark.parametrize("key", ["a.txt", "deep/er/b.txt", "umlaut ä.txt", "日本/語", "plus+&=?#%"])
def test_a_text_is_written_read_and_deleted(target: Target, key: str) -> None:
    written = write(target, key, "Grüße")
    assert written["key"] == key
    answer = read(target, key).json()
    assert (answer["content"], answer["encoding"]) == ("Grüße", "utf-8")
    assert answer["etag"] == written["etag"]
    gone = target.request("DELETE", f"/api/data?key={quote(key, safe='')}")
    assert (gone.status, gone.data) == (204, b"")
    assert_error(read(target, key), 404)


def test_bytes_come_back_as_they_were_sent(target: Target) -> None:
    content = bytes(range(256)) * 9
    written = write(target, "bytes.bin", base64.b64encode(content).decode(), encoding="base64")
    answer = read(target, "bytes.bin").json()
    assert answer["encoding"] == "base64"
    assert base64.b64decode(answer["content"]) == content
    stored = target.client("s3").get_object(Bucket=target.outputs["BucketName"], Key="bytes.bin")
    assert stored["Body"].read() == content
    assert stored["ETag"].strip('"') == written["etag"].strip('"')


def test_a_list_of_more_than_ten_loses_nothing(target: Target) -> None:
    prefix = f"list-{uuid.uuid4().hex[:8]}/"
    made = [f"{prefix}{n:03d}" for n in range(23)]
    for key in made:
        write(target, key, "x")
    path = f"/api/data?prefix={prefix}&limit=10"
    pages = list(target.pages(path, "objects", "next_token", "token"))
    assert [each["key"] for page in pages for each in page] == made
    assert len(pages) == 3
    put = target.request("PUT", f"/api/data?prefix={prefix}&limit=10").json()
    assert [each["key"] for each in put["objects"]] == made[:10]
    assert set(put["objects"][0]) == {"key", "size", "etag", "last_modified"}


def test_a_tampered_page_token_is_answered_400(target: Target) -> None:
    for n in range(2):
        write(target, f"tampered/{n}", "x")
    answer = target.request("GET", "/api/data?prefix=tampered/&limit=1").json()
    token = answer["next_token"]
    for bad in (token[:-4], token[::-1], "x"):
        listing = target.request("GET", f"/api/data?prefix=tampered/&limit=1&token={bad}")
        assert_error(listing, 400)
    assert_error(target.request("GET", f"/api/data?prefix=other/&token={token}"), 400)


@pytest.mark.parametrize(
    "key", ["", "/absolute", "../up", "a/../b", "a//b", "tab\t", "null\x00", "x" * 1025]
)
def test_a_key_that_could_mean_something_else_is_answered_400(target: Target, key: str) -> None:
    body = {"key": key, "data": "x"}
    assert_error(target.request("POST", "/api/data", body), 400)
    if key:
        assert_error(read(target, key), 400)


@pytest.mark.parametrize("body", [*NO_JSON_OBJECTS, b"{}", b'{"key": "a"}', b'{"key": 3}'])
def test_a_bad_body_is_answered_400_and_writes_nothing(target: Target, body: bytes) -> None:
    before = target.request("GET", "/api/data?limit=100").json()
    assert_error(target.request("POST", "/api/data", body, headers=JSON), 400)
    assert target.request("GET", "/api/data?limit=100").json() == before


def test_an_unknown_path_or_method_is_not_answered_200(target: Target) -> None:
    for path in ("/api/database", "/api/data/more", "/api/nothing"):
        assert_error(target.request("GET", path), 404)
    assert target.request("GET", "/elsewhere").status == 404
    wrong = target.request("PATCH", "/api/data")
    assert_error(wrong, 405)
    assert {m.strip() for m in wrong.headers["allow"].split(",")} >= {
        "GET",
        "POST",
        "PUT",
        "DELETE",
    }


def test_conditional_writes_let_one_of_two_win(target: Target) -> None:
    key = f"race-{uuid.uuid4().hex[:8]}"
    body = {"key": key, "data": "one"}
    first = target.request("POST", "/api/data", body, headers={"if-none-match": "*"})
    assert first.status == 201, first.data
    again = target.request("POST", "/api/data", body, headers={"if-none-match": "*"})
    assert_error(again, 412)
    match = {"if-match": f'"{first.json()["etag"].strip(chr(34))}"'}
    body["data"] = "two"
    assert target.request("POST", "/api/data", body, headers=match).status == 201
    assert_error(target.request("POST", "/api/data", body, headers=match), 412)
    assert read(target, key).json()["content"] == "two"


def test_a_large_object_goes_and_comes_by_presigned_url(target: Target) -> None:
    content = b"x" * 7_000_000
    asked = target.request("POST", "/api/data?upload=presigned", {"key": "large.bin"}).json()
    http = urllib3.PoolManager(retries=False)
    put = http.request(asked["method"], asked["url"], body=content, headers=asked["headers"])
    assert put.status == 200, put.data
    assert_error(read(target, "large.bin"), 413)
    link = target.request("GET", "/api/data?key=large.bin&download=presigned").json()
    assert http.request("GET", link["url"]).data == content
    assert target.request("DELETE", "/api/data?key=large.bin").status == 204


def test_only_the_token_of_the_secret_lets_a_request_in(target: Target) -> None:
    assert target.request("GET", "/api/data", authorized=False).status == 401
    for wrong in ("Bearer wrong", "Basic abc", target.credential["authorization"] + "x", "Bearer "):
        answer = target.request("GET", "/api/data", headers={"authorization": wrong})
        assert answer.status in (401, 403), (wrong, answer.data)
    health = target.request("GET", "/api/health", authorized=False)
    assert (health.status, health.json()["status"]) == (200, "healthy")


def test_the_secret_is_in_no_environment(target: Target) -> None:
    token = target.credential["authorization"].removeprefix("Bearer ")
    functions = target.client("lambda").list_functions()["Functions"]
    assert token not in json.dumps(functions, default=str)


def test_an_event_that_no_try_handles_is_kept_and_told(target: Target) -> None:
    """Three tries, the second after one minute and the third after two more."""
    marker = uuid.uuid4().hex
    target.client("lambda").invoke(
        FunctionName=target.outputs["LambdaFunctionName"],
        InvocationType="Event",
        Payload=json.dumps({"marker": marker}).encode(),
    )
    (queue,) = target.physical_ids("AWS::SQS::Queue")
    letter = dead_letter(target, queue, marker)
    assert letter["MessageAttributes"]["ErrorCode"]["StringValue"] == "200"
    assert "no request of an API" in letter["MessageAttributes"]["ErrorMessage"]["StringValue"]


def dead_letter(target: Target, queue: str, marker: str) -> Any:
    """The message with a marker, taken out of the queue."""
    sqs, deadline = target.client("sqs"), time.monotonic() + EVENT_ENDS_S
    while time.monotonic() < deadline:
        received = sqs.receive_message(
            QueueUrl=queue,
            WaitTimeSeconds=20,
            VisibilityTimeout=1,
            MessageAttributeNames=["All"],
        )
        for message in received.get("Messages", []):
            if json.loads(message["Body"]) == {"marker": marker}:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                return message
    pytest.fail(f"no dead letter after {EVENT_ENDS_S} s")


def test_the_bucket_is_private_and_keeps_versions(target: Target) -> None:
    s3, bucket = target.client("s3"), target.outputs["BucketName"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    days = [rule["Expiration"]["Days"] for rule in rules if "Days" in rule.get("Expiration", {})]
    assert days == [90]
