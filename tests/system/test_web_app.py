"""web-app through HTTP, as a client on the other side of the network sees it."""

from __future__ import annotations

import json
import math
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from running_system import RunningSystem

pytestmark = pytest.mark.xdist_group("web-app")


def create(web_app: RunningSystem, **fields: Any) -> dict[str, Any]:
    answer = web_app.request("POST", "/items", fields)
    assert answer.status == 201, answer.data
    item: dict[str, Any] = answer.json()
    return item


def test_a_new_item_has_defaults_and_a_key_that_follows_from_its_id(
    web_app: RunningSystem,
) -> None:
    answer = web_app.request("POST", "/items", {})
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


def test_an_item_can_be_read_changed_and_deleted(web_app: RunningSystem) -> None:
    item = create(web_app, name="Lamp", metadata={"watts": 7.5})
    path = f"/items/{item['item_id']}"
    assert web_app.request("GET", path).json() == item
    changed = web_app.request("PUT", path, {"status": "done"}).json()
    assert changed == {
        **item,
        "status": "done",
        "version": 2,
        "updated_at": changed["updated_at"],
    }
    gone = web_app.request("DELETE", path)
    assert (gone.status, gone.data) == (204, b"")
    assert web_app.request("GET", path).status == 404


@pytest.mark.parametrize("field", ["name", "description", "status", "metadata"])
def test_any_one_field_can_be_changed_alone(web_app: RunningSystem, field: str) -> None:
    item = create(web_app)
    value: Any = {"a": 1} if field == "metadata" else "other"
    answer = web_app.request("PUT", f"/items/{item['item_id']}", {field: value})
    assert answer.status == 200
    assert answer.json()[field] == value


@pytest.mark.parametrize(
    "number",
    [0, 3, -1, 2**53 + 1, 10**37, 0.1, 1e-7, 1.5, -2.25, 1.7976931348623157e100],
)
def test_a_number_comes_back_as_it_was_sent(web_app: RunningSystem, number: float) -> None:
    item = create(web_app, metadata={"n": number})
    text = web_app.request("GET", f"/items/{item['item_id']}").data.decode()
    back = json.loads(text)["metadata"]["n"]
    assert math.isclose(back, number, rel_tol=0, abs_tol=0)
    if isinstance(number, int):
        assert f'"n":{number}' in text.replace(" ", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"3",
        b'"text"',
        b"{",
        b'{"name": NaN}',
        b'{"metadata": {"n": 1e400}}',
        b'{"metadata": {"n": 123456789012345678901234567890123456789}}',
        b'{"name": 3}',
        b'{"status": ""}',
        b'{"status": 3}',
        b'{"unknown": 1}',
        b'{"item_id": "x"}',
        b'{"metadata": []}',
        b'{"name": "' + b"x" * 10_000 + b'"}',
        b"\xff\xfe",
    ],
)
def test_bad_input_is_answered_400_and_writes_nothing(web_app: RunningSystem, body: bytes) -> None:
    before = scan_count(web_app)
    answer = web_app.request("POST", "/items", body, headers={"content-type": "application/json"})
    assert answer.status == 400, answer.data
    error = answer.json()["error"]
    assert error["code"]
    assert error["message"]
    assert error["request_id"]
    assert scan_count(web_app) == before


def scan_count(web_app: RunningSystem) -> int:
    table = web_app.address["outputs"]["TableName"]
    pages = (
        web_app.client("dynamodb").get_paginator("scan").paginate(TableName=table, Select="COUNT")
    )
    return sum(page["Count"] for page in pages)


def test_wrong_content_type_method_path_and_size(web_app: RunningSystem) -> None:
    plain = {"content-type": "text/plain"}
    assert web_app.request("POST", "/items", b"{}", headers=plain).status == 415
    wrong = web_app.request("PATCH", "/items")
    assert wrong.status == 405
    assert {m.strip() for m in wrong.headers["allow"].split(",")} >= {"GET", "POST"}
    assert web_app.request("GET", "/nothing/here").status == 404
    large = json.dumps({"description": "x" * 400_000}).encode()
    answer = web_app.request("POST", "/items", large, headers={"content-type": "application/json"})
    assert answer.status == 413


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5", ""])
def test_a_bad_limit_is_answered_400(web_app: RunningSystem, limit: str) -> None:
    assert web_app.request("GET", f"/items?limit={limit}").status == 400


def test_a_list_comes_in_pages_without_gaps_or_repeats(web_app: RunningSystem) -> None:
    status = f"s{uuid.uuid4().hex[:8]}"
    made = [create(web_app, status=status)["item_id"] for _ in range(7)]
    found, token, pages = [], "", 0
    while True:
        page = web_app.request("GET", f"/items?status={status}&limit=3{token}").json()
        found += [item["item_id"] for item in page["items"]]
        assert page["count"] == len(page["items"]) <= 3
        pages += 1
        if "lastKey" not in page:
            break
        token = f"&lastKey={page['lastKey']}"
    assert sorted(found) == sorted(made)
    assert pages == 3


def test_a_tampered_page_token_is_answered_400(web_app: RunningSystem) -> None:
    for _ in range(2):
        create(web_app, status="tampered")
    token = web_app.request("GET", "/items?status=tampered&limit=1").json()["lastKey"]
    for bad in (token[:-4], token[::-1], "x", token + "x"):
        assert web_app.request("GET", f"/items?status=tampered&lastKey={bad}").status == 400
    assert web_app.request("GET", f"/items?status=other&lastKey={token}").status == 400


def test_the_same_idempotency_key_creates_once(web_app: RunningSystem) -> None:
    headers = {"idempotency-key": uuid.uuid4().hex}
    answers: list[Any] = []

    def post() -> None:
        answers.append(web_app.request("POST", "/items", {"name": "Once"}, headers=headers))

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    created = [a for a in answers if a.status == 201]
    # A twin that comes while the first is being written may be told to come again.
    assert {a.status for a in answers} <= {201, 409, 503}
    assert len({a.json()["item_id"] for a in created}) == 1
    again = web_app.request("POST", "/items", {"name": "Once"}, headers=headers)
    assert (again.status, again.json()) == (201, created[0].json())
    other = web_app.request("POST", "/items", {"name": "Other"}, headers=headers)
    assert other.status == 422


def test_the_second_of_two_updates_loses_with_412_and_both_versions(
    web_app: RunningSystem,
) -> None:
    item = create(web_app)
    path, match = f"/items/{item['item_id']}", {"if-match": '"1"'}
    assert web_app.request("PUT", path, {"name": "A"}, headers=match).status == 200
    lost = web_app.request("PUT", path, {"name": "B"}, headers=match)
    assert lost.status == 412
    assert lost.json()["error"]["details"]["current"]["name"] == "A"
    assert web_app.request("GET", path).json()["name"] == "A"


def test_without_the_key_nothing_but_health_and_preflight_answers(web_app: RunningSystem) -> None:
    for method, path in [("GET", "/items"), ("POST", "/items"), ("GET", "/"), ("GET", "/x")]:
        answer = web_app.request(method, path, key=False)
        assert answer.status == 403
        assert "error" in answer.json()
        assert answer.headers["access-control-allow-origin"]
    wrong = web_app.request("GET", "/items", key=False, headers={"x-api-key": "x" * 40})
    assert wrong.status == 403
    assert web_app.request("GET", "/health", key=False).status == 200
    preflight = web_app.request("OPTIONS", "/items", key=False, headers={"origin": "http://a.b"})
    assert preflight.status in (200, 204)
    assert "POST" in preflight.headers["access-control-allow-methods"]


def test_health_names_what_it_checked(web_app: RunningSystem) -> None:
    answer = web_app.request("GET", "/health", key=False).json()
    assert answer["status"] == "healthy"
    assert set(answer["checks"]) == {"dynamodb", "s3"}


def test_the_site_serves_page_and_api_on_one_origin(web_app: RunningSystem) -> None:
    page = web_app.request("GET", "/", key=False, base=web_app.site_url)
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    items = web_app.request("GET", "/items?limit=1", base=web_app.site_url)
    assert items.status == 200
    assert set(items.json()) >= {"items", "count"}
    assert web_app.request("GET", "/nothing.js", key=False, base=web_app.site_url).status in (
        403,
        404,
    )


def test_the_outputs_have_exactly_their_names(web_app: RunningSystem) -> None:
    outputs = web_app.address["outputs"]
    assert set(outputs) == {
        "ApiEndpoint",
        "BucketName",
        "TableName",
        "LambdaFunctionName",
        "LogGroupName",
        "SiteUrl",
    }
    assert outputs["ApiEndpoint"].rstrip("/") == web_app.api_url.rstrip("/")
    assert outputs["SiteUrl"].rstrip("/") == web_app.site_url.rstrip("/")
