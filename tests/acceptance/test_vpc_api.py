"""vpc-api, as a client on the other side of the network sees it."""

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
    assert_created_once,
    assert_error,
    assert_refused,
    assert_requests_of_another_kind_are_refused,
    assert_same_number,
    assert_second_update_loses,
)

SYSTEM = "vpc-api"
pytestmark = pytest.mark.xdist_group(SYSTEM)


def create(target: Target, **fields: Any) -> dict[str, Any]:
    answer = target.request("POST", "/api/items", fields)
    assert answer.status == 201, answer.data
    item: dict[str, Any] = answer.json()
    return item


def test_the_outputs_have_exactly_their_names(target: Target) -> None:
    names = {"APIGatewayURL", "DynamoDBTableName", "S3BucketName", "APIKeyId"}
    assert set(target.outputs) == names


def test_an_item_can_be_made_read_changed_and_deleted(target: Target) -> None:
    item = create(target, name="Lamp", metadata={"watts": 7.5})
    path = f"/api/items/{item['id']}"
    assert (item["status"], item["name"]) == ("pending", "Lamp")
    assert target.request("GET", path).json() == item
    changed = target.request("PUT", path, {"status": "done"}).json()
    assert changed["status"] == "done"
    assert changed["created_at"] == item["created_at"]
    gone = target.request("DELETE", path)
    assert (gone.status, gone.data) == (204, b"")
    assert_error(target.request("GET", path), 404)


def test_the_key_is_required_on_every_route(target: Target) -> None:
    item = create(target)
    before = target.rows()
    for method, path in [
        ("GET", "/api/items"),
        ("POST", "/api/items"),
        ("GET", f"/api/items/{item['id']}"),
        ("PUT", f"/api/items/{item['id']}"),
        ("DELETE", f"/api/items/{item['id']}"),
        ("GET", "/"),
        ("GET", "/nothing/here"),
    ]:
        answer = target.request(method, path, authorized=False)
        assert_error(answer, 403)
        assert answer.headers["access-control-allow-origin"]
        wrong = target.request(method, path, authorized=False, headers={"x-api-key": "x" * 40})
        assert_error(wrong, 403)
    assert target.rows() == before


def test_a_preflight_needs_no_key(target: Target) -> None:
    asked = {"origin": "https://example.org", "access-control-request-method": "PUT"}
    answer = target.request("OPTIONS", "/api/items/x", headers=asked, authorized=False)
    assert answer.status in (200, 204)
    assert "PUT" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    "body",
    [
        *NO_JSON_OBJECTS,
        b'{"name": 3}',
        b'{"status": ""}',
        b'{"metadata": []}',
        b'{"unknown": 1}',
        b'{"id": "mine"}',
        b'{"metadata": {"n": ' + BEYOND_DYNAMODB + b"}}",
        b'{"name": "' + b"x" * 10_000 + b'"}',
    ],
)
def test_a_bad_body_is_answered_400_and_writes_nothing(target: Target, body: bytes) -> None:
    assert_refused(target, "/api/items", body)


def test_wrong_content_type_method_path_and_size(target: Target) -> None:
    large = {"description": "x" * 400_000}
    assert_requests_of_another_kind_are_refused(target, "/api/items", large)
    assert_error(target.request("GET", "/api/itemsx"), 404)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_comes_back_as_it_was_sent(target: Target, number: float) -> None:
    item = create(target, metadata={"n": number})
    body = target.request("GET", f"/api/items/{item['id']}").data
    assert_same_number(number, body, json.loads(body)["metadata"]["n"])


@pytest.mark.parametrize("limit", BAD_LIMITS)
def test_a_bad_limit_is_answered_400(target: Target, limit: str) -> None:
    assert_error(target.request("GET", f"/api/items?limit={limit}"), 400)


def test_a_list_of_more_than_a_megabyte_loses_nothing(target: Target) -> None:
    large = "x" * 4000
    made = {
        create(target, name=f"{n}", description=large, metadata={"text": large * 40})["id"]
        for n in range(9)
    }
    pages = target.pages("/api/items?limit=100", "items", "lastKey", "lastKey")
    found = [item["id"] for page in pages for item in page]
    assert len(found) == len(set(found))
    assert made <= set(found)
    for item_id in made:
        assert target.request("DELETE", f"/api/items/{item_id}").status == 204


def test_a_tampered_page_token_is_answered_400(target: Target) -> None:
    for _ in range(2):
        create(target)
    token = target.request("GET", "/api/items?limit=1").json()["lastKey"]
    for bad in (token[:-4], token[::-1], "x"):
        assert_error(target.request("GET", f"/api/items?lastKey={bad}"), 400)


def test_the_same_idempotency_key_creates_once(target: Target) -> None:
    assert_created_once(target, "/api/items", {"name": "Once"})


def test_the_second_of_two_updates_loses_with_412(target: Target) -> None:
    assert_second_update_loses(target, "/api/items", create(target)["id"])


def test_the_bucket_for_assets_is_private_and_keeps_versions(target: Target) -> None:
    s3, bucket = target.client("s3"), target.outputs["S3BucketName"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(blocked.values())
