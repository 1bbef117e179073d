"""Every operation is one request to DynamoDB, counted on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from items.logic.identity import new_item_id
from services.systems import changing_systems, every_system

if TYPE_CHECKING:
    from services.api import Api
    from services.between import Between

Case = tuple[str, str, dict[str, str], int, str]
COMMON: list[Case] = [
    ("GET", "collection", {}, 200, "Scan"),
    ("HEAD", "collection", {}, 200, "Scan"),
    ("POST", "collection", {}, 201, "PutItem"),
    ("POST", "collection", {"Idempotency-Key": "one-request"}, 201, "TransactWriteItems"),
    ("GET", "item", {}, 200, "GetItem"),
    ("GET", "unknown", {}, 404, "GetItem"),
]
CHANGES: list[Case] = [
    ("PUT", "item", {}, 200, "UpdateItem"),
    ("PUT", "item", {"If-Match": '"1"'}, 200, "UpdateItem"),
    ("PUT", "item", {"If-Match": '"9"'}, 412, "UpdateItem"),
    ("PUT", "unknown", {}, 404, "UpdateItem"),
    ("DELETE", "item", {}, 204, "DeleteItem"),
    ("DELETE", "item", {"If-Match": '"9"'}, 412, "DeleteItem"),
    ("DELETE", "unknown", {}, 404, "DeleteItem"),
]


def check(api: Api, watched: Api, between: Between, case: Case) -> None:
    method, where, headers, status, operation = case
    paths = {
        "collection": api.system.collection,
        "item": api.system.path(api.create()),
        "unknown": api.system.path(new_item_id(1)),
    }
    bodies: dict[str, Any] = {"POST": api.system.smallest, "PUT": {"name": "x"}}
    reply = watched(method, paths[where], bodies.get(method), headers=headers)
    assert reply.status == status, reply.body
    assert between.asked == [operation]


@every_system
@pytest.mark.parametrize("case", COMMON)
def test_one_request(api: Api, watched: Api, between: Between, case: Case) -> None:
    check(api, watched, between, case)


@changing_systems
@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_one_request(api: Api, watched: Api, between: Between, case: Case) -> None:
    check(api, watched, between, case)


def test_a_list_by_status_is_one_query(api: Api, watched: Api, between: Between) -> None:
    for _ in range(3):
        api.create(status="one query")
    query = {"status": "one query", "limit": "2"}
    first = watched("GET", "/items", query=query).json
    second = watched("GET", "/items", query={**query, "lastKey": first["lastKey"]}).json
    assert (first["count"], second["count"]) == (2, 1)
    assert between.asked == ["Query", "Query"]


def test_a_page_that_dynamodb_cuts_short_is_still_one_request(
    api: Api, watched: Api, between: Between
) -> None:
    for _ in range(6):
        api.create(status="cut", metadata={"text": "x" * 250_000})
    page = watched("GET", "/items", query={"status": "cut", "limit": "100"}).json
    assert "lastKey" in page
    assert between.asked == ["Query"]


@every_system
def test_only_a_repeated_create_takes_a_second_request(
    api: Api, watched: Api, between: Between
) -> None:
    key = {"Idempotency-Key": "second-request"}
    where, body = api.system.collection, api.system.smallest
    first = watched("POST", where, body, headers=key)
    between.asked.clear()
    again = watched("POST", where, body, headers=key)
    assert again.json == first.json
    assert between.asked == ["TransactWriteItems", "GetItem"]
