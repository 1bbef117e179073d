"""What is answered, and what is repeated, when DynamoDB is not well."""

from __future__ import annotations

import io
import json
import socket
import uuid
from typing import TYPE_CHECKING

import pytest

from items.handlers.wiring import application
from services.api import Api, environment

if TYPE_CHECKING:
    from services.engine import Between


def failure(status: int, code: str) -> tuple[int, bytes]:
    document = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "SECRET words"}
    return status, json.dumps(document).encode()


THROTTLED = failure(400, "ProvisionedThroughputExceededException")
BROKEN = failure(500, "InternalServerError")


@pytest.mark.parametrize(
    "answer",
    [THROTTLED, failure(400, "ThrottlingException"), BROKEN, failure(503, "ServiceUnavailable")],
)
def test_busy_for_good_is_503_with_retry_after(
    api: Api, watched: Api, between: Between, answer: tuple[int, bytes]
) -> None:
    path = f"/items/{api.create()['item_id']}"
    for method, where, body in (
        ("GET", path, None),
        ("GET", "/items", None),
        ("POST", "/items", {}),
        ("PUT", path, {"name": "x"}),
        ("DELETE", path, None),
    ):
        between.failures[:] = [answer] * 9
        reply = watched(method, where, body)
        assert (reply.status, reply.error["code"]) == (503, "service_unavailable")
        assert reply.headers["Retry-After"] == "1"
        assert "SECRET" not in reply.body


@pytest.mark.parametrize("answer", [THROTTLED, BROKEN, None])
def test_a_read_is_repeated(
    api: Api, watched: Api, between: Between, answer: tuple[int, bytes] | None
) -> None:
    item = api.create()
    between.failures[:] = [answer]
    assert watched("GET", f"/items/{item['item_id']}").json == item
    assert between.operations == ["GetItem", "GetItem"]


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "repeated"}])
def test_a_create_whose_answer_was_lost_is_repeated_and_creates_once(
    api: Api, watched: Api, between: Between, headers: dict[str, str]
) -> None:
    between.failures[:] = [None]
    reply = watched("POST", "/items", {"status": f"lost {len(headers)}"}, headers=headers)
    assert reply.status == 201
    assert len(between.operations) >= 2
    listed = api("GET", "/items", query={"status": f"lost {len(headers)}"}).json
    assert listed["items"] == [reply.json]


def test_an_update_is_repeated_only_when_it_surely_did_nothing(
    api: Api, watched: Api, between: Between
) -> None:
    path = f"/items/{api.create()['item_id']}"
    between.failures[:] = [THROTTLED, THROTTLED]
    assert watched("PUT", path, {"name": "x"}).json["version"] == 2
    assert between.operations == ["UpdateItem"] * 3
    between.operations.clear()
    between.failures[:] = [None]
    assert watched("PUT", path, {"name": "y"}).status == 503
    assert between.operations == ["UpdateItem"]
    assert api("GET", path).json["version"] == 3


def test_a_delete_whose_answer_was_lost_is_not_repeated(
    api: Api, watched: Api, between: Between
) -> None:
    path = f"/items/{api.create()['item_id']}"
    between.failures[:] = [None]
    assert watched("DELETE", path).status == 503
    assert between.operations == ["DeleteItem"]
    assert api("GET", path).status == 404


@pytest.mark.parametrize(
    "code", ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"]
)
def test_a_refusal_is_500_and_tells_nothing(watched: Api, between: Between, code: str) -> None:
    between.failures[:] = [failure(400, code)] * 9
    reply = watched("GET", "/items")
    assert (reply.status, reply.error["code"]) == (500, "internal_error")
    assert set(reply.error) == {"code", "message", "request_id"}
    for hidden in ("SECRET", "Items", code, "Traceback", "dynamo"):
        assert hidden not in reply.body
    assert between.operations == ["Scan"]


def test_a_cancelled_transaction_without_a_record_is_503(watched: Api, between: Between) -> None:
    between.failures[:] = [failure(400, "TransactionCanceledException")]
    reply = watched("POST", "/items", {}, headers={"Idempotency-Key": "conflict"})
    assert reply.status == 503
    assert between.operations == ["TransactWriteItems", "GetItem"]


def test_nobody_there_is_503() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        variables = environment(
            f"http://127.0.0.1:{taken.getsockname()[1]}", POWERTOOLS_SERVICE_NAME=str(uuid.uuid4())
        )
        api = Api(application(variables, io.StringIO()))
        assert api("GET", "/items").status == 503
        assert api("POST", "/items", {}).status == 503
