"""automation, as a client on the other side of the network sees it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from acceptance.target import (
    BAD_LIMITS,
    BEYOND_DYNAMODB,
    NO_JSON_OBJECTS,
    NUMBERS,
    Target,
    assert_created_once,
    assert_error,
    assert_refused,
    assert_requests_of_another_kind_are_refused,
    assert_same_number,
)

SYSTEM = "automation"
pytestmark = pytest.mark.xdist_group(SYSTEM)


def create(target: Target, data: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = target.request("POST", "/", {"data": data, **fields})
    assert answer.status == 201, answer.data
    item: dict[str, Any] = answer.json()
    return item


def test_the_outputs_have_exactly_their_names(target: Target) -> None:
    assert set(target.outputs) == {"ApiEndpoint", "TableName", "FunctionName"}


def test_an_item_is_made_and_read(target: Target) -> None:
    item = create(target, {"colour": "red", "parts": [1, "two", None, {"three": 3.5}]})
    assert set(item) == {"id", "data", "timestamp"}
    assert target.request("GET", f"/{item['id']}").json() == item
    assert_error(target.request("GET", f"/{uuid.uuid4()}"), 404)


def test_an_id_that_is_taken_is_refused_and_nothing_is_overwritten(target: Target) -> None:
    chosen = f"mine-{uuid.uuid4().hex[:8]}"
    item = create(target, {"n": 1}, id=chosen)
    assert item["id"] == chosen
    assert_error(target.request("POST", "/", {"id": chosen, "data": {"n": 2}}), 409)
    assert target.request("GET", f"/{chosen}").json() == item


@pytest.mark.parametrize(
    "body",
    [
        *NO_JSON_OBJECTS,
        b"{}",
        b'{"data": 3}',
        b'{"data": []}',
        b'{"id": 3, "data": {}}',
        b'{"id": "", "data": {}}',
        b'{"id": "a/b", "data": {}}',
        b'{"data": {}, "unknown": 1}',
        b'{"data": {"n": ' + BEYOND_DYNAMODB + b"}}",
    ],
)
def test_a_bad_body_is_answered_400_and_writes_nothing(target: Target, body: bytes) -> None:
    assert_refused(target, "/", body)


def test_wrong_content_type_method_and_size(target: Target) -> None:
    large = {"data": {"text": "x" * 400_000}}
    assert_requests_of_another_kind_are_refused(target, "/", large, wrong="DELETE")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_comes_back_as_it_was_sent(target: Target, number: float) -> None:
    item = create(target, {"list": [number]})
    body = target.request("GET", f"/{item['id']}").data
    assert_same_number(number, body, json.loads(body)["data"]["list"][0])


@pytest.mark.parametrize("limit", BAD_LIMITS)
def test_a_bad_limit_is_answered_400(target: Target, limit: str) -> None:
    assert_error(target.request("GET", f"/?limit={limit}"), 400)


def test_a_list_of_more_than_fifty_loses_nothing(target: Target) -> None:
    made = {create(target, {"n": n})["id"] for n in range(55)}
    pages = list(target.pages("/?limit=25", "items", "lastKey", "lastKey"))
    found = [item["id"] for page in pages for item in page]
    assert len(pages) >= 3
    assert len(found) == len(set(found))
    assert made <= set(found)
    assert target.request("GET", "/?limit=5").json()["count"] == 5


def test_a_tampered_page_token_is_answered_400(target: Target) -> None:
    for _ in range(2):
        create(target, {})
    token = target.request("GET", "/?limit=1").json()["lastKey"]
    for bad in (token[:-4], token[::-1], "x"):
        assert_error(target.request("GET", f"/?lastKey={bad}"), 400)


def test_the_same_idempotency_key_creates_once(target: Target) -> None:
    assert_created_once(target, "/", {"data": {"n": 1}})


def test_nothing_answers_without_the_key_and_preflight_names_the_methods(target: Target) -> None:
    for method, path in [("GET", "/"), ("POST", "/"), ("GET", "/x")]:
        answer = target.request(method, path, authorized=False)
        assert_error(answer, 403)
        assert answer.headers["access-control-allow-origin"]
    asked = {"origin": "https://example.org", "access-control-request-method": "POST"}
    preflight = target.request("OPTIONS", "/", headers=asked, authorized=False)
    allowed = {m.strip() for m in preflight.headers["access-control-allow-methods"].split(",")}
    assert allowed == {"GET", "POST", "OPTIONS"}


def test_the_function_runs_and_its_role_is_its_own(target: Target) -> None:
    function = target.client("lambda").get_function_configuration(
        FunctionName=target.outputs["FunctionName"]
    )
    assert (function["MemorySize"], function["Timeout"]) == (256, 30)
    assert function["TracingConfig"]["Mode"] == "Active"
    assert not [name for name in function["Environment"]["Variables"] if "SECRET" in name]
