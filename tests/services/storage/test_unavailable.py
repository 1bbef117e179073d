"""One request an operation, counted on the wire; and what is repeated when S3 is not well."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from aws_api.repeats import ATTEMPTS
from objects.handlers.wiring import application
from services.storage.http_api import ObjectsApi

if TYPE_CHECKING:
    from services.between import Between
    from services.storage.conftest import Storage


def failure(status: int, code: str) -> tuple[int, bytes]:
    return status, f"<Error><Code>{code}</Code><Message>SECRET words</Message></Error>".encode()


SLOW_DOWN = failure(503, "SlowDown")
CONFLICT = failure(409, "ConditionalRequestConflict")
BROKEN = failure(500, "InternalError")
WRITE = {"key": "busy", "data": "x"}

OPERATIONS: list[tuple[str, Any, dict[str, str], str]] = [
    ("GET", None, {"key": "busy"}, "GET /{bucket}/busy"),
    ("HEAD", None, {"key": "busy"}, "GET /{bucket}/busy"),
    ("GET", None, {}, "GET /{bucket}"),
    ("PUT", None, {"prefix": "busy"}, "GET /{bucket}"),
    ("POST", WRITE, {}, "PUT /{bucket}/busy"),
    ("DELETE", None, {"key": "busy"}, "DELETE /{bucket}/busy"),
]


@pytest.mark.parametrize(("method", "body", "query", "request_line"), OPERATIONS)
def test_an_operation_is_one_request(
    watched: ObjectsApi,
    counting: Between,
    shared: Storage,
    method: str,
    body: Any,
    query: dict[str, str],
    request_line: str,
) -> None:
    watched.write("busy", "x")
    counting.asked.clear()
    assert watched(method, body=body, query=query).status < 300
    assert counting.asked == [request_line.format(bucket=shared.bucket_name)]


@pytest.mark.parametrize("answer", [SLOW_DOWN, BROKEN, failure(503, "ServiceUnavailable"), None])
@pytest.mark.parametrize(("method", "body", "query", "request_line"), OPERATIONS[2:])
def test_busy_for_good_is_503_with_retry_after(
    watched: ObjectsApi,
    counting: Between,
    method: str,
    body: Any,
    query: dict[str, str],
    request_line: str,
    answer: tuple[int, bytes] | None,
) -> None:
    counting.failures[:] = [answer] * ATTEMPTS
    reply = watched(method, body=body, query=query)
    assert (reply.status, reply.error["code"]) == (503, "service_unavailable")
    assert reply.headers["Retry-After"] == "1"
    assert "SECRET" not in reply.body
    assert len(counting.asked) == ATTEMPTS, request_line


@pytest.mark.parametrize("answer", [SLOW_DOWN, BROKEN, None])
def test_what_may_be_repeated_is(
    watched: ObjectsApi, counting: Between, answer: tuple[int, bytes] | None
) -> None:
    counting.failures[:] = [answer]
    watched.write("again", "x")
    counting.failures[:] = [answer, answer]
    assert watched.read("again").json["content"] == "x"
    assert len(counting.asked) == 5


@pytest.mark.parametrize("answer", [SLOW_DOWN, CONFLICT])
def test_a_conditional_write_that_surely_did_nothing_is_repeated(
    watched: ObjectsApi, counting: Between, answer: tuple[int, bytes]
) -> None:
    watched("DELETE", query={"key": "once"})
    counting.failures[:] = [answer]
    reply = watched("POST", body={"key": "once", "data": "x"}, headers={"if-none-match": "*"})
    assert reply.status == 201


@pytest.mark.parametrize("answer", [BROKEN, None])
def test_a_conditional_write_that_may_have_been_done_is_not(
    watched: ObjectsApi, counting: Between, answer: tuple[int, bytes] | None
) -> None:
    etag = watched.write("once", "x")
    counting.asked.clear()
    counting.failures[:] = [answer]
    changed = {"key": "once", "data": "y"}
    assert watched("POST", body=changed, headers={"if-match": etag}).status == 503
    assert len(counting.asked) == 1
    counting.failures[:] = [answer]
    deleted = watched("DELETE", query={"key": "once"}, headers={"if-match": etag})
    assert deleted.status == 503


@pytest.mark.parametrize(
    "refusal", [failure(403, "AccessDenied"), failure(404, "NoSuchBucket"), failure(400, "Odd")]
)
@pytest.mark.parametrize(("method", "body", "query", "request_line"), OPERATIONS[2:])
def test_a_refusal_is_500_and_tells_nothing(
    shared: Storage,
    counting: Between,
    refusal: tuple[int, bytes],
    method: str,
    body: Any,
    query: dict[str, str],
    request_line: str,
) -> None:
    log = io.StringIO()
    api = ObjectsApi(application(shared.environment(counting.url), log))
    counting.failures[:] = [refusal]
    reply = api(method, body=body, query=query)
    assert (reply.status, reply.error["code"]) == (500, "internal_error")
    assert set(reply.error) == {"code", "message", "request_id"}
    assert len(counting.asked) == 1, request_line
    error, _ = (json.loads(line) for line in log.getvalue().splitlines())
    assert error["level"] == "ERROR"
    assert "SECRET" not in log.getvalue()
    assert "busy" not in log.getvalue()


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "refused"), (404, "missing"), (503, "busy"), (500, "failing")]
)
def test_an_unhealthy_bucket_is_503(
    shared: Storage, counting: Between, status: int, reason: str
) -> None:
    api = ObjectsApi(application(shared.environment(counting.url), io.StringIO()))
    counting.failures[:] = [(status, b"")]
    reply = api("GET", "/api/health")
    assert (reply.status, reply.json["status"]) == (503, "unhealthy")
    assert reply.json["checks"]["s3"]["reason"] == reason
    assert reply.headers["Retry-After"] == "1"
    assert counting.asked == [f"HEAD /{shared.bucket_name}"]


def test_the_log_has_no_key_and_no_content(shared: Storage) -> None:
    log = io.StringIO()
    api = ObjectsApi(application(shared.environment(shared.endpoint), log))
    api.write("CANARY", "CANARY")
    api.read("CANARY")
    api("PUT", query={"prefix": "CANARY", "token": "CANARY"})
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["route"] for line in lines] == ["/api/data"] * 3
    assert "CANARY" not in log.getvalue()
