"""The health route, with a real table and a bucket that answers as S3 does."""

from __future__ import annotations

import io
import json
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from health.checks import CheckFailedError, Health
from health.wiring import application, asked_by_any_event
from local_server import LocalServer, QuietRequest
from observability.logger import json_logger
from services.api import CONTEXT, NO_REQUESTS, Api, environment
from services.between import Between

if TYPE_CHECKING:
    from collections.abc import Iterator


class Bucket(LocalServer):
    """S3, as far as HeadBucket goes."""

    def __init__(self) -> None:
        super().__init__(_Head)
        self.status = 200
        self.delay_s = 0.0
        self.asked: list[str] = []


class _Head(QuietRequest):
    server: Bucket

    def do_HEAD(self) -> None:  # noqa: N802 - the name that http.server looks for
        self.server.asked.append(self.path)
        time.sleep(self.server.delay_s)
        self.answer(self.server.status, [], b"")


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with Bucket() as bucket:
        yield bucket


def health_of(endpoint: str, bucket: Bucket, **more: str) -> Api:
    variables = environment(
        endpoint,
        AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{bucket.server_port}",
        BUCKET_NAME="site-bucket",
        POWERTOOLS_SERVICE_NAME=str(uuid.uuid4()),
        **more,
    )
    return Api(application(variables, io.StringIO()))


def test_all_is_well(between: Between, bucket: Bucket) -> None:
    reply = health_of(between.url, bucket)("GET", "/health")
    assert reply.status == 200
    assert reply.json["status"] == "healthy"
    assert {name: check["status"] for name, check in reply.json["checks"].items()} == {
        "dynamodb": "healthy",
        "s3": "healthy",
    }
    assert between.asked == ["DescribeTable"]
    assert bucket.asked == ["/site-bucket"]


@pytest.mark.parametrize("event", NO_REQUESTS)
def test_any_event_asks(dynamodb: str, bucket: Bucket, event: Any) -> None:
    handler = asked_by_any_event(health_of(dynamodb, bucket).handler)
    assert handler(event, CONTEXT)["statusCode"] == 200


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "refused"), (404, "missing"), (503, "busy"), (500, "failing")]
)
def test_a_bucket_that_is_not_well(dynamodb: str, bucket: Bucket, status: int, reason: str) -> None:
    bucket.status = status
    reply = health_of(dynamodb, bucket)("GET", "/health")
    assert (reply.status, reply.json["status"]) == (503, "unhealthy")
    assert reply.json["checks"]["dynamodb"]["status"] == "healthy"
    assert reply.json["checks"]["s3"]["reason"] == reason
    assert "site-bucket" not in reply.body


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDeniedException", "refused"),
        ("InternalServerError", "failing"),
        ("ThrottlingException", "busy"),
        ("ResourceNotFoundException", "missing"),
    ],
)
def test_a_table_that_is_not_well(between: Between, bucket: Bucket, code: str, reason: str) -> None:
    status = 500 if code == "InternalServerError" else 400
    between.failures[:] = [(status, json.dumps({"__type": f"x#{code}"}).encode())] * 3
    reply = health_of(between.url, bucket)("GET", "/health")
    assert reply.status == 503
    assert reply.json["checks"]["dynamodb"]["reason"] == reason
    assert len(between.asked) == 1


def test_what_does_not_answer_takes_less_than_two_seconds(dynamodb: str, bucket: Bucket) -> None:
    bucket.delay_s = 3
    api = health_of(dynamodb, bucket)
    started = time.monotonic()
    reply = api("GET", "/health")
    assert time.monotonic() - started < 2
    assert reply.json["checks"]["s3"]["reason"] == "no answer in time"


def test_an_answer_is_kept_for_a_second() -> None:
    now = [0.0]
    calls = []
    logger = json_logger({"POWERTOOLS_SERVICE_NAME": str(uuid.uuid4())}, io.StringIO())
    health = Health({"a": lambda: calls.append(1)}, logger, monotonic=lambda: now[0])
    for moment in (0.0, 0.5, 0.9, 1.0, 1.5):
        now[0] = moment
        assert health.verdicts()["a"].healthy
    assert len(calls) == 2


def test_checks_run_side_by_side_and_a_broken_one_is_unhealthy() -> None:
    met = threading.Barrier(2, timeout=5)

    def failing() -> None:
        met.wait()
        raise CheckFailedError("missing")

    def breaking() -> None:
        met.wait()
        raise ZeroDivisionError("SECRET")

    stream = io.StringIO()
    logger = json_logger({"POWERTOOLS_SERVICE_NAME": str(uuid.uuid4())}, stream)
    verdicts = Health({"a": failing, "b": breaking}, logger).verdicts()
    assert [verdicts[name].reason for name in ("a", "b")] == ["missing", "check failed"]
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {line["check"] for line in lines} == {"a", "b"}
    assert "SECRET" not in stream.getvalue()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_405(dynamodb: str, bucket: Bucket, method: str) -> None:
    reply = health_of(dynamodb, bucket)(method, "/health")
    assert reply.status == 405
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert bucket.asked == []
