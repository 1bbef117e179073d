"""What is special about automation: ids that callers choose, and records that never change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from items.logic.identity import created_at, is_item_id
from services.api import Api
from services.engine import stored_with
from services.systems import automation

if TYPE_CHECKING:
    from services.api import Reply
    from services.between import Between

pytestmark = automation


def post(api: Api, body: dict[str, Any], key: str | None = None) -> Reply:
    return api("POST", "/", body, headers=None if key is None else {"Idempotency-Key": key})


def test_without_an_id_one_is_made(api: Api) -> None:
    reply = post(api, {"data": {"a": [1, 2.5]}})
    record = reply.json
    assert is_item_id(record["id"])
    assert record == {
        "id": record["id"],
        "timestamp": created_at(record["id"]),
        "data": {"a": [1, 2.5]},
    }
    assert reply.headers["Location"] == f"/{record['id']}"


@pytest.mark.parametrize("chosen", ["a", "job-1", "2026-01-02T03:04:05.678Z", "...", "x" * 128])
def test_a_caller_may_choose_the_id(api: Api, chosen: str) -> None:
    reply = post(api, {"id": chosen, "data": {}})
    assert (reply.status, reply.json["id"]) == (201, chosen)
    assert reply.headers["Location"] == f"/{chosen}"
    assert api("GET", f"/{chosen}").json == reply.json


@given(chosen=st.from_regex(r"[A-Za-z0-9._:-]{1,128}", fullmatch=True))
def test_any_id_of_the_allowed_characters_is_taken_once(api: Api, chosen: str) -> None:
    reply = post(api, {"id": chosen, "data": {"id": chosen}})
    assert reply.status in ((400,) if chosen in (".", "..") else (201, 409))
    if reply.status == 201:
        assert api("GET", f"/{chosen}").json["data"] == {"id": chosen}


def test_a_taken_id_is_409_and_nothing_is_overwritten(
    api: Api, watched: Api, between: Between
) -> None:
    first = post(api, {"id": "taken", "data": {"a": 1}}).json
    for body in ({"id": "taken", "data": {"a": 2}}, {"id": "taken", "data": {"a": 1}}):
        reply = post(watched, body)
        assert (reply.status, reply.error["code"]) == (409, "conflict")
    assert between.asked == ["PutItem", "PutItem"]
    assert api("GET", "/taken").json == first


def test_of_many_who_choose_an_id_at_once_one_gets_it(api: Api, dynamodb: str) -> None:
    """All send the same, in the same millisecond or so: still only one has created it."""
    environments = [Api(api.system.handler(dynamodb), api.system) for _ in range(6)]
    with ThreadPoolExecutor(len(environments)) as pool:
        body = {"id": "race", "data": {"a": "race data"}}
        replies = list(pool.map(lambda it: post(it, body), environments))
    assert sorted({reply.status for reply in replies}) == [201, 409]
    assert [reply.status for reply in replies].count(201) == 1
    assert stored_with(dynamodb, api.system, "race data") == 1


def test_with_a_key_a_repeat_answers_the_same(api: Api) -> None:
    body = {"id": "with-key", "data": {"a": 1}}
    first, again = post(api, body, "k1"), post(api, body, "k1")
    assert (first.status, again.status) == (201, 201)
    assert again == first


def test_with_a_key_an_id_that_somebody_else_took_is_409(
    api: Api, watched: Api, between: Between
) -> None:
    first = post(api, {"id": "else", "data": {"a": 1}}).json
    reply = post(watched, {"id": "else", "data": {"a": 1}}, "k2")
    assert (reply.status, reply.error["code"]) == (409, "conflict")
    assert between.asked == ["TransactWriteItems"]
    assert api("GET", "/else").json == first


def test_a_key_stands_for_the_id_too(api: Api) -> None:
    post(api, {"id": "id-1", "data": {}}, "k3")
    others: list[dict[str, Any]] = [{"id": "id-2", "data": {}}, {"data": {}}]
    for other in others:
        assert post(api, other, "k3").error["code"] == "idempotency_key_reused"
    assert api("GET", "/id-2").status == 404


def test_a_lost_answer_about_a_chosen_id_is_not_taken_for_a_success_or_a_conflict(
    api: Api, watched: Api, between: Between
) -> None:
    between.failures[:] = [None]
    reply = post(watched, {"id": "lost", "data": {}})
    assert (reply.status, between.asked) == (503, ["PutItem"])
    assert api("GET", "/lost").status == 200


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"data"}),
        ({"id": "x"}, {"data"}),
        ({"data": None}, {"data"}),
        ({"data": []}, {"data"}),
        ({"data": "x"}, {"data"}),
        ({"data": {}, "id": ""}, {"id"}),
        ({"data": {}, "id": None}, {"id"}),
        ({"data": {}, "id": 3}, {"id"}),
        ({"data": {}, "id": "x" * 129}, {"id"}),
        ({"data": {}, "id": "a/b"}, {"id"}),
        ({"data": {}, "id": "a b"}, {"id"}),
        ({"data": {}, "id": "a\n"}, {"id"}),
        ({"data": {}, "id": "é"}, {"id"}),
        ({"data": {}, "id": "\ud800"}, {"id"}),
        ({"data": {}, "id": "."}, {"id"}),
        ({"data": {}, "id": ".."}, {"id"}),
        ({"data": {}, "timestamp": "x", "version": 1}, {"timestamp", "version"}),
        ({"id": 3, "more": 1}, {"id", "data", "more"}),
    ],
)
def test_a_bad_record_is_refused(
    watched: Api, between: Between, body: dict[str, Any], fields: set[str]
) -> None:
    reply = post(watched, body)
    assert (reply.status, reply.fields) == (400, fields)
    assert between.asked == []


@pytest.mark.parametrize("path", ["/é", "/a b", "/..", "/" + "x" * 129])
def test_what_is_no_id_is_not_found_without_asking(
    watched: Api, between: Between, path: str
) -> None:
    assert watched("GET", path).status == 404
    assert between.asked == []


def test_a_list_goes_on_after_an_id_that_was_chosen(api: Api) -> None:
    chosen = {f"page:{n}" for n in range(4)}
    for each in chosen:
        post(api, {"id": each, "data": {}})
    listed, query = [], {"limit": "1"}
    while True:
        page = api("GET", "/", query=query).json
        listed += [record["id"] for record in page["items"]]
        if "lastKey" not in page:
            break
        query["lastKey"] = page["lastKey"]
    assert chosen <= set(listed)
    assert len(set(listed)) == len(listed)


def test_records_cannot_be_changed_or_removed(api: Api) -> None:
    record = api.create()
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        assert api(method, f"/{record['id']}", {"data": {}}).status == 405
    assert api("GET", f"/{record['id']}").json == record
