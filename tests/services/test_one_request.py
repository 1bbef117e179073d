"""Every operation is one request to DynamoDB, counted on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from services.api import Api
    from services.engine import Between

CASES: list[tuple[str, str, Any, dict[str, str], int, str]] = [
    ("GET", "/", None, {}, 200, "Scan"),
    ("GET", "/items", None, {}, 200, "Scan"),
    ("HEAD", "/items", None, {}, 200, "Scan"),
    ("POST", "/", {}, {}, 201, "PutItem"),
    ("POST", "/items", {}, {"Idempotency-Key": "one-request"}, 201, "TransactWriteItems"),
    ("GET", "/items/{id}", None, {}, 200, "GetItem"),
    ("PUT", "/items/{id}", {"name": "x"}, {}, 200, "UpdateItem"),
    ("PUT", "/items/{id}", {"name": "x"}, {"If-Match": '"1"'}, 200, "UpdateItem"),
    ("PUT", "/items/{id}", {"name": "x"}, {"If-Match": '"9"'}, 412, "UpdateItem"),
    ("PUT", "/items/{gone}", {"name": "x"}, {}, 404, "UpdateItem"),
    ("DELETE", "/items/{id}", None, {}, 204, "DeleteItem"),
    ("DELETE", "/items/{id}", None, {"If-Match": '"9"'}, 412, "DeleteItem"),
    ("DELETE", "/items/{gone}", None, {}, 404, "DeleteItem"),
    ("GET", "/items/{gone}", None, {}, 404, "GetItem"),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "operation"), CASES)
def test_one_request(
    api: Api,
    watched: Api,
    between: Between,
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
    status: int,
    operation: str,
) -> None:
    item = api.create()["item_id"]
    gone = api.create()["item_id"]
    api("DELETE", f"/items/{gone}")
    reply = watched(method, path.format(id=item, gone=gone), body, headers=headers)
    assert reply.status == status, reply.body
    assert between.operations == [operation]


def test_a_list_by_status_is_one_query(api: Api, watched: Api, between: Between) -> None:
    for _ in range(3):
        api.create(status="one query")
    query = {"status": "one query", "limit": "2"}
    first = watched("GET", "/items", query=query).json
    second = watched("GET", "/items", query={**query, "lastKey": first["lastKey"]}).json
    assert (first["count"], second["count"]) == (2, 1)
    assert between.operations == ["Query", "Query"]


def test_a_page_that_dynamodb_cuts_short_is_still_one_request(
    api: Api, watched: Api, between: Between
) -> None:
    for _ in range(6):
        api.create(status="cut", metadata={"text": "x" * 250_000})
    page = watched("GET", "/items", query={"status": "cut", "limit": "100"}).json
    assert "lastKey" in page
    assert between.operations == ["Query"]


def test_only_a_repeated_create_takes_a_second_request(watched: Api, between: Between) -> None:
    key = {"Idempotency-Key": "second-request"}
    first = watched("POST", "/items", {"name": "x"}, headers=key)
    between.operations.clear()
    again = watched("POST", "/items", {"name": "x"}, headers=key)
    assert again.json == first.json
    assert between.operations == ["TransactWriteItems", "GetItem"]
