"""web-app, as a client on the other side of the network sees it."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from acceptance.target import (
    BAD_LIMITS,
    BEYOND_DYNAMODB,
    NO_JSON_OBJECTS,
    NUMBERS,
    Target,
    assert_error,
    assert_refused,
    assert_requests_of_another_kind_are_refused,
    assert_same_number,
)

SYSTEM = "web-app"
pytestmark = pytest.mark.xdist_group(SYSTEM)


def create(target: Target, **fields: Any) -> dict[str, Any]:
    answer = target.request("POST", "/items", fields)
    assert answer.status == 201, answer.data
    item: dict[str, Any] = answer.json()
    return item


def test_a_new_item_has_defaults_and_a_key_that_follows_from_its_id(
    target: Target,
) -> None:
    answer = target.request("POST", "/items", {})
    item = answer.json()
    assert answer.status == 201
    assert (item["status"], item["name"], item["version"]) == ("pending", "Unnamed Item", 1)
    assert item["created_at"] == item["updated_at"]
    made = uuid.UUID(item["item_id"])
    assert made.version == 7
    created = datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
    assert (
        item["created_at"]
        == created.strftime("%Y-%m-%dT%H:%M:%S.") + f"{made.int >> 80:d}"[-3:] + "Z"
    )
    assert answer.headers["etag"] == '"1"'


def test_an_item_can_be_read_changed_and_deleted(target: Target) -> None:
    item = create(target, name="Lamp", metadata={"watts": 7.5})
    path = f"/items/{item['item_id']}"
    assert target.request("GET", path).json() == item
    changed = target.request("PUT", path, {"status": "done"}).json()
    assert changed == {
        **item,
        "status": "done",
        "version": 2,
        "updated_at": changed["updated_at"],
    }
    gone = target.request("DELETE", path)
    assert (gone.status, gone.data) == (204, b"")
    assert target.request("GET", path).status == 404


@pytest.mark.parametrize("field", ["name", "description", "status", "metadata"])
def test_any_one_field_can_be_changed_alone(target: Target, field: str) -> None:
    item = create(target)
    value: Any = {"a": 1} if field == "metadata" else "other"
    answer = target.request("PUT", f"/items/{item['item_id']}", {field: value})
    assert answer.status == 200
    assert answer.json()[field] == value


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_comes_back_as_it_was_sent(target: Target, number: float) -> None:
    item = create(target, metadata={"n": number})
    body = target.request("GET", f"/items/{item['item_id']}").data
    assert_same_number(number, body, json.loads(body)["metadata"]["n"])


@pytest.mark.parametrize(
    "body",
    [
        *NO_JSON_OBJECTS,
        b'{"metadata": {"n": 1e400}}',
        b'{"metadata": {"n": ' + BEYOND_DYNAMODB + b"}}",
        b'{"name": 3}',
        b'{"status": ""}',
        b'{"status": 3}',
        b'{"unknown": 1}',
        b'{"item_id": "x"}',
        b'{"metadata": []}',
        b'{"name": "' + b"x" * 10_000 + b'"}',
    ],
)
def test_a_bad_body_is_answered_400_and_writes_nothing(target: Target, body: bytes) -> None:
    assert_refused(target, "/items", body)


def test_wrong_content_type_method_path_and_size(target: Target) -> None:
    large = {"description": "x" * 400_000}
    assert_requests_of_another_kind_are_refused(target, "/items", large)
    assert_error(target.request("GET", "/nothing/here"), 404)


@pytest.mark.parametrize("limit", BAD_LIMITS)
def test_a_bad_limit_is_answered_400(target: Target, limit: str) -> None:
    assert_error(target.request("GET", f"/items?limit={limit}"), 400)


def test_a_list_comes_in_pages_without_gaps_or_repeats(target: Target) -> None:
    status = f"s{uuid.uuid4().hex[:8]}"
    made = [create(target, status=status)["item_id"] for _ in range(7)]
    pages = list(target.pages(f"/items?status={status}&limit=3", "items", "lastKey", "lastKey"))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(item["item_id"] for page in pages for item in page) == sorted(made)


def test_a_tampered_page_token_is_answered_400(target: Target) -> None:
    for _ in range(2):
        create(target, status="tampered")
    token = target.request("GET", "/items?status=tampered&limit=1").json()["lastKey"]
    for bad in (token[:-4], token[::-1], "x", token + "x"):
        assert target.request("GET", f"/items?status=tampered&lastKey={bad}").status == 400
    assert target.request("GET", f"/items?status=other&lastKey={token}").status == 400


def test_the_same_idempotency_key_creates_once(target: Target) -> None:
    headers = {"idempotency-key": uuid.uuid4().hex}
    answers: list[Any] = []

    def post() -> None:
        answers.append(target.request("POST", "/items", {"name": "Once"}, headers=headers))

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    created = [a for a in answers if a.status == 201]
    # A twin that comes while the first is being written may be told to come again.
    assert {a.status for a in answers} <= {201, 409, 503}
    assert len({a.json()["item_id"] for a in created}) == 1
    again = target.request("POST", "/items", {"name": "Once"}, headers=headers)
    assert (again.status, again.json()) == (201, created[0].json())
    other = target.request("POST", "/items", {"name": "Other"}, headers=headers)
    assert other.status == 422


def test_the_second_of_two_updates_loses_with_412_and_both_versions(
    target: Target,
) -> None:
    item = create(target)
    path, match = f"/items/{item['item_id']}", {"if-match": '"1"'}
    assert target.request("PUT", path, {"name": "A"}, headers=match).status == 200
    lost = target.request("PUT", path, {"name": "B"}, headers=match)
    assert lost.status == 412
    assert lost.json()["error"]["details"]["current"]["name"] == "A"
    assert target.request("GET", path).json()["name"] == "A"


def test_without_the_key_nothing_but_health_and_preflight_answers(target: Target) -> None:
    for method, path in [("GET", "/items"), ("POST", "/items"), ("GET", "/"), ("GET", "/x")]:
        answer = target.request(method, path, authorized=False)
        assert_error(answer, 403)
        assert answer.headers["access-control-allow-origin"]
    wrong = target.request("GET", "/items", authorized=False, headers={"x-api-key": "x" * 40})
    assert wrong.status == 403
    assert target.request("GET", "/health", authorized=False).status == 200
    preflight = target.request(
        "OPTIONS", "/items", authorized=False, headers={"origin": "http://a.b"}
    )
    assert preflight.status in (200, 204)
    assert "POST" in preflight.headers["access-control-allow-methods"]


def test_health_names_what_it_checked(target: Target) -> None:
    answer = target.request("GET", "/health", authorized=False).json()
    assert answer["status"] == "healthy"
    assert set(answer["checks"]) == {"dynamodb", "s3"}


def test_the_site_serves_page_and_api_on_one_origin(target: Target) -> None:
    site = target.outputs["SiteUrl"].rstrip("/")
    page = target.request("GET", "/", authorized=False, base=site)
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    items = target.request("GET", "/items?limit=1", base=site)
    assert items.status == 200
    assert set(items.json()) >= {"items", "count"}
    assert target.request("GET", "/nothing.js", authorized=False, base=site).status in (
        403,
        404,
    )


def test_the_outputs_have_exactly_their_names(target: Target) -> None:
    assert set(target.outputs) == {
        "ApiEndpoint",
        "BucketName",
        "TableName",
        "LambdaFunctionName",
        "LogGroupName",
        "SiteUrl",
    }
