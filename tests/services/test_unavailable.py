"""What is answered, and what is repeated, when DynamoDB is not well."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

from aws_api.repeats import ATTEMPTS
from services.api import Api
from services.engine import stored_with
from services.systems import WEB, changing_systems, every_system

if TYPE_CHECKING:
    from services.between import Between


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
    path = api.system.path(api.create())
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


@every_system
@pytest.mark.parametrize("answer", [THROTTLED, BROKEN, None])
def test_a_read_is_repeated(
    api: Api, watched: Api, between: Between, answer: tuple[int, bytes] | None
) -> None:
    item = api.create()
    between.failures[:] = [answer]
    assert watched("GET", api.system.path(item)).json == item
    assert between.asked == ["GetItem", "GetItem"]


@every_system
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "repeated"}])
def test_a_create_whose_answer_was_lost_is_repeated_and_creates_once(
    api: Api, watched: Api, between: Between, dynamodb: str, headers: dict[str, str]
) -> None:
    between.failures[:] = [None]
    text = f"lost {len(headers)}"
    body = api.system.holding({"text": text})
    reply = watched("POST", api.system.collection, body, headers=headers)
    assert reply.status == 201
    assert len(between.asked) >= 2
    assert api("GET", api.system.path(reply.json)).json == reply.json
    assert stored_with(dynamodb, api.system, text) == 1


@changing_systems
def test_an_update_is_repeated_only_when_it_surely_did_nothing(
    api: Api, watched: Api, between: Between
) -> None:
    path = api.system.path(api.create())
    between.failures[:] = [THROTTLED, THROTTLED]
    assert watched("PUT", path, {"name": "x"}).headers["ETag"] == '"2"'
    assert between.asked == ["UpdateItem"] * 3
    between.asked.clear()
    between.failures[:] = [None]
    assert watched("PUT", path, {"name": "y"}).status == 503
    assert between.asked == ["UpdateItem"]
    assert api("GET", path).headers["ETag"] == '"3"'


@changing_systems
def test_a_delete_whose_answer_was_lost_is_not_repeated(
    api: Api, watched: Api, between: Between
) -> None:
    path = api.system.path(api.create())
    between.failures[:] = [None]
    assert watched("DELETE", path).status == 503
    assert between.asked == ["DeleteItem"]
    assert api("GET", path).status == 404


@every_system
@pytest.mark.parametrize(
    "code", ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"]
)
def test_a_refusal_is_500_and_tells_nothing(watched: Api, between: Between, code: str) -> None:
    between.failures[:] = [failure(400, code)] * 9
    reply = watched("GET", watched.system.collection)
    assert (reply.status, reply.error["code"]) == (500, "internal_error")
    assert set(reply.error) == {"code", "message", "request_id"}
    for hidden in ("SECRET", watched.system.table, code, "Traceback", "dynamo"):
        assert hidden not in reply.body
    assert between.asked == ["Scan"]


@every_system
def test_a_transaction_is_known_again_by_its_token(watched: Api, between: Between) -> None:
    between.failures[:] = [None]
    body = watched.system.holding({"text": "known again"})
    headers = {"Idempotency-Key": "known-again"}
    assert watched("POST", watched.system.collection, body, headers=headers).status == 201
    assert between.asked == ["TransactWriteItems", "TransactWriteItems"]


def cancelled(*reasons: str) -> tuple[int, bytes]:
    """A transaction that was cancelled, with a reason for each of its parts."""
    document = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join(reasons)}]",
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return 400, json.dumps(document).encode()


@pytest.mark.parametrize(
    "reasons",
    [
        ("None", "ThrottlingError"),
        ("ProvisionedThroughputExceeded", "None"),
        ("TransactionConflict", "TransactionConflict"),
    ],
)
def test_a_transaction_that_was_not_begun_is_repeated(
    watched: Api, between: Between, reasons: tuple[str, ...]
) -> None:
    between.failures[:] = [cancelled(*reasons)]
    headers = {"Idempotency-Key": f"begun {reasons}".replace(" ", "")}
    assert watched("POST", "/items", {}, headers=headers).status == 201
    assert between.asked == ["TransactWriteItems"] * 2
    between.asked.clear()
    between.failures[:] = [cancelled(*reasons)] * ATTEMPTS
    headers = {"Idempotency-Key": f"never {reasons}".replace(" ", "")}
    reply = watched("POST", "/items", {}, headers=headers)
    assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
    assert between.asked == ["TransactWriteItems"] * ATTEMPTS


@every_system
def test_a_cancelled_transaction_without_a_record_is_503(watched: Api, between: Between) -> None:
    between.failures[:] = [failure(400, "TransactionCanceledException")]
    headers = {"Idempotency-Key": "conflict"}
    reply = watched("POST", watched.system.collection, watched.system.smallest, headers=headers)
    assert reply.status == 503
    assert between.asked == ["TransactWriteItems", "GetItem"]


def test_nobody_there_is_503() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        api = Api(WEB.handler(f"http://127.0.0.1:{taken.getsockname()[1]}"))
        assert api("GET", "/items").status == 503
        assert api("POST", "/items", {}).status == 503
