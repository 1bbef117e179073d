"""crud-api, as a client on the other side of the network sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from acceptance.target import (
    BAD_LIMITS,
    BEYOND_DYNAMODB,
    NO_JSON_OBJECTS,
    NUMBERS,
    Target,
    assert_allows,
    assert_created_once,
    assert_error,
    assert_refused,
    assert_requests_of_another_kind_are_refused,
    assert_same_number,
    assert_second_update_loses,
)

SYSTEM = "crud-api"
pytestmark = pytest.mark.xdist_group(SYSTEM)


def create(target: Target, **fields: Any) -> dict[str, Any]:
    answer = target.request("POST", "/items", {"name": "Thing", **fields})
    assert answer.status == 201, answer.data
    document: dict[str, Any] = answer.json()
    return document


def test_a_document_can_be_made_read_changed_and_deleted(target: Target) -> None:
    made = create(target, colour="red")
    path = f"/items/{made['id']}"
    assert target.request("GET", path).json() == made
    changed = target.request("PUT", path, {"colour": "blue"}).json()
    assert (changed["colour"], changed["name"]) == ("blue", "Thing")
    assert changed["created_at"] == made["created_at"]
    gone = target.request("DELETE", path)
    assert (gone.status, gone.data) == (204, b"")
    for method in ("GET", "DELETE"):
        assert_error(target.request(method, path), 404)
    assert_error(target.request("PUT", path, {"colour": "red"}), 404)


@pytest.mark.parametrize(
    "name",
    ["status", "name-with-hyphens", "a.b", "a[0]", "#x", ":y", "size", "version", "ä ö", "fields"],
)
def test_a_field_may_have_any_name(target: Target, name: str) -> None:
    """Reserved words of DynamoDB, and characters that its expressions know."""
    made = create(target, **{name: "one"})
    path = f"/items/{made['id']}"
    assert target.request("GET", path).json()[name] == "one"
    assert target.request("PUT", path, {name: "two"}).json()[name] == "two"
    assert target.request("GET", path).json()[name] == "two"


def test_a_document_that_was_read_can_be_put_back(target: Target) -> None:
    made = create(target, colour="red")
    answer = target.request("PUT", f"/items/{made['id']}", {**made, "colour": "blue"})
    assert answer.status == 200, answer.data
    assert answer.json()["created_at"] == made["created_at"]


def test_an_id_in_a_body_overwrites_no_other_document(target: Target) -> None:
    victim = create(target, colour="red")
    target.request("POST", "/items", {"name": "Other", "id": victim["id"]})
    other = create(target)
    target.request("PUT", f"/items/{other['id']}", {"id": victim["id"], "colour": "green"})
    assert target.request("GET", f"/items/{victim['id']}").json() == victim


@pytest.mark.parametrize(
    "body",
    [
        *NO_JSON_OBJECTS,
        b"{}",
        b'{"colour": "red"}',
        b'{"name": 3}',
        b'{"name": ""}',
        b'{"name": "A", "n": ' + BEYOND_DYNAMODB + b"}",
    ],
)
def test_a_bad_body_is_answered_400_and_writes_nothing(target: Target, body: bytes) -> None:
    assert_refused(target, "/items", body)


def test_wrong_content_type_method_path_and_size(target: Target) -> None:
    large = {"name": "A", "text": "x" * 400_000}
    assert_requests_of_another_kind_are_refused(target, "/items", large)
    assert_allows(target, "PATCH", "/items/x", {"GET", "PUT", "DELETE"})
    assert_error(target.request("GET", "/nothing/here"), 404)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_comes_back_as_it_was_sent(target: Target, number: float) -> None:
    made = create(target, n=number)
    body = target.request("GET", f"/items/{made['id']}").data
    assert_same_number(number, body, json.loads(body)["n"])


@pytest.mark.parametrize("limit", BAD_LIMITS)
def test_a_bad_limit_is_answered_400(target: Target, limit: str) -> None:
    assert_error(target.request("GET", f"/items?limit={limit}"), 400)


def test_a_list_comes_in_pages_without_gaps_or_repeats(target: Target) -> None:
    made = {create(target)["id"] for _ in range(7)}
    pages = list(target.pages("/items?limit=3", "items", "nextKey", "lastKey"))
    found = [document["id"] for page in pages for document in page]
    assert all(len(page) <= 3 for page in pages)
    assert len(found) == len(set(found))
    assert made <= set(found)


def test_a_tampered_page_token_is_answered_400(target: Target) -> None:
    for _ in range(2):
        create(target)
    token = target.request("GET", "/items?limit=1").json()["nextKey"]
    for bad in (token[:-4], token[::-1], "x"):
        assert_error(target.request("GET", f"/items?lastKey={bad}"), 400)


def test_the_same_idempotency_key_creates_once(target: Target) -> None:
    assert_created_once(target, "/items", {"name": "Once"})


def test_the_second_of_two_updates_loses_with_412(target: Target) -> None:
    assert_second_update_loses(target, "/items", create(target)["id"])


def test_nothing_answers_without_the_key(target: Target) -> None:
    for method, path in [
        ("GET", "/items"),
        ("POST", "/items"),
        ("PUT", "/items/x"),
        ("DELETE", "/items/x"),
    ]:
        answer = target.request(method, path, authorized=False)
        assert_error(answer, 403)
        assert answer.headers["access-control-allow-origin"]
