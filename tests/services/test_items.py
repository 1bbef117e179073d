"""What the API does when it is used as it should be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from items.logic.identity import created_at, is_item_id
from services.systems import changing_systems, every_system, item_systems

if TYPE_CHECKING:
    from services.api import Api, Reply


@item_systems
def test_create_fills_in_the_defaults(api: Api) -> None:
    reply = api("POST", api.system.collection, {})
    item = reply.json
    item_id = item[api.system.id_name]
    assert reply.status == 201
    assert is_item_id(item_id)
    assert reply.headers["Location"] == api.system.path(item)
    assert reply.headers["ETag"] == '"1"'
    assert item == {
        api.system.id_name: item_id,
        "created_at": created_at(item_id),
        "updated_at": created_at(item_id),
        "version": 1,
        "status": "pending",
        "name": "Unnamed Item",
        "description": "",
        "metadata": {},
    }


@pytest.mark.parametrize("path", ["/", "/items"])
def test_root_and_collection_do_the_same(api: Api, path: str) -> None:
    item = api("POST", path, {"name": "from " + path}).json
    assert api("GET", f"/items/{item['item_id']}").json == item
    assert api("GET", path).status == 200


@every_system
def test_what_was_created_is_read_back_the_same(api: Api) -> None:
    value = {"nothing": None, "list": [1, [], {}], "text": "", "more": "Ä 名 🎈\n"}
    item = api.create(**api.system.holding(value))
    assert item[api.system.holder] == value
    reply = api("GET", api.system.path(item))
    assert (reply.status, reply.headers["ETag"]) == (200, '"1"')
    assert reply.json == item
    assert list(reply.json) == list(item)


@item_systems
def test_texts_are_read_back_the_same(api: Api) -> None:
    fields = {"name": "Ä 名 🎈", "description": "line\nline", "status": "in progress"}
    item = api.create(**fields)
    assert fields.items() <= item.items()
    assert api("GET", api.system.path(item)).json == item


@every_system
@pytest.mark.parametrize(
    "value",
    [
        {"S": "text"},
        {"N": "1"},
        {"N": 1},
        {"NULL": True},
        {"BOOL": False},
        {"M": {"a": {"S": "x"}}},
        {"L": [{"S": "x"}]},
        {"B": "eA=="},
        {"SS": ["a"]},
        {"#a": ":b", "a.b": 1, "size": 2, "a-b": 3},
    ],
)
def test_members_named_as_dynamodb_names_its_types_are_just_members(
    api: Api, value: dict[str, object]
) -> None:
    item = api.create(**api.system.holding({"value": value, **value}))
    assert item[api.system.holder] == {"value": value, **value}
    path = api.system.path(item)
    assert api("GET", path).json == item
    if api.system.changes:
        assert api("PUT", path, api.system.change(value)).json[api.system.holder] == value


@item_systems
@pytest.mark.parametrize(
    "changes",
    [
        {"name": "new"},
        {"status": "done"},
        {"description": "new"},
        {"metadata": {"a": 1}},
        {"name": "new", "status": "done", "description": "", "metadata": {}},
    ],
)
def test_any_subset_of_the_fields_can_be_changed(api: Api, changes: dict[str, object]) -> None:
    item = api.create(name="old", metadata={"old": True})
    reply = api("PUT", api.system.path(item), changes)
    assert reply.status == 200
    assert reply.headers["ETag"] == '"2"'
    assert reply.json["updated_at"] >= item["updated_at"]
    expected = {**item, **changes, "version": 2, "updated_at": reply.json["updated_at"]}
    assert reply.json == expected
    assert api("GET", api.system.path(item)).json == expected


@changing_systems
def test_delete_answers_204_with_no_body_at_all(api: Api) -> None:
    path = api.system.path(api.create())
    reply = api("DELETE", path)
    assert (reply.status, reply.body) == (204, "")
    assert "Content-Type" not in reply.headers
    assert api("GET", path).status == 404
    assert api("DELETE", path).status == 404


@changing_systems
def test_an_update_that_lost_the_race_is_told_what_is_there(api: Api) -> None:
    path = api.system.path(api.create(name="first"))
    won = api("PUT", path, {"name": "mine"}, headers={"If-Match": '"1"'})
    lost = api("PUT", path, {"name": "theirs"}, headers={"If-Match": '"1"'})
    assert (won.status, lost.status) == (200, 412)
    assert lost.error["code"] == "precondition_failed"
    assert lost.error["details"] == {"current": won.json}
    assert lost.headers["ETag"] == won.headers["ETag"] == '"2"'
    assert api("GET", path).json == won.json


@changing_systems
@pytest.mark.parametrize("tag", ['"7"', '"abc"', 'W/"1"', '"01"', '""'])
def test_a_tag_of_another_version_changes_and_removes_nothing(api: Api, tag: str) -> None:
    item = api.create()
    path = api.system.path(item)
    assert api("PUT", path, {"name": "x"}, headers={"If-Match": tag}).status == 412
    assert api("DELETE", path, headers={"If-Match": tag}).status == 412
    assert api("GET", path).json == item


@changing_systems
def test_a_star_matches_any_version(api: Api) -> None:
    path = api.system.path(api.create())
    assert api("PUT", path, {"name": "x"}, headers={"If-Match": "*"}).status == 200
    assert api("DELETE", path, headers={"If-Match": "*"}).status == 204


@every_system
def test_a_list_goes_through_all_items_once_page_by_page(api: Api) -> None:
    created = {api.create()[api.system.id_name] for _ in range(5)}
    listed = listed_ids(api, "2")
    assert len(listed) == len(set(listed))
    assert created <= set(listed)


def listed_ids(api: Api, limit: str | None) -> list[str]:
    """The ids of all items, page by page."""
    seen: list[str] = []
    query = {} if limit is None else {"limit": limit}
    while True:
        page = api("GET", api.system.collection, query=query).json
        assert page["count"] == len(page["items"]) <= int(limit or 20)
        seen += [item[api.system.id_name] for item in page["items"]]
        if api.system.next_key not in page:
            return seen
        query["lastKey"] = page[api.system.next_key]


@every_system
def test_a_list_of_more_than_50_goes_on(api: Api) -> None:
    created = {api.create()[api.system.id_name] for _ in range(51)}
    assert created <= set(listed_ids(api, "100"))
    assert created <= set(listed_ids(api, None))


@every_system
def test_a_list_of_a_megabyte_and_more_goes_on(api: Api) -> None:
    body = api.system.holding({"text": "x" * 250_000})
    created = {api.create(**body)[api.system.id_name] for _ in range(6)}
    assert api.system.next_key in api("GET", api.system.collection, query={"limit": "100"}).json
    assert created <= set(listed_ids(api, "100"))


# 42 KB for DynamoDB, 252 KB as JSON: what DynamoDB reads at once is more than Lambda answers.
ESCAPED = "\1" * 42_000


@every_system
def test_a_list_fits_into_an_answer_of_lambda_whatever_is_in_it(api: Api) -> None:
    body = api.system.holding({"a": ESCAPED})
    made = [api.create(**body) for _ in range(24)]
    page = api("GET", api.system.collection, query={"limit": "100"})
    assert len(json.dumps(page.body, ensure_ascii=False).encode()) < 6_000_000
    assert {item[api.system.id_name] for item in made} <= set(listed_ids(api, "100"))
    for item in made if api.system.changes else []:
        assert api("DELETE", api.system.path(item)).status == 204


def test_a_list_by_status_has_the_newest_first(api: Api) -> None:
    created = [api.create(status="by status")["item_id"] for _ in range(5)]
    first = api("GET", "/items", query={"status": "by status", "limit": "3"}).json
    query = {"status": "by status", "limit": "3", "lastKey": first["lastKey"]}
    second = api("GET", "/items", query=query).json
    assert "lastKey" not in second
    listed = [item["item_id"] for item in first["items"] + second["items"]]
    assert sorted(listed) == sorted(created)
    times = [item["created_at"] for item in first["items"] + second["items"]]
    assert times == sorted(times, reverse=True)


def test_a_list_by_status_that_is_too_long_for_an_answer_goes_on(api: Api) -> None:
    made = [api.create(status="long", metadata={"a": ESCAPED})["item_id"] for _ in range(24)]
    first = api("GET", "/items", query={"status": "long", "limit": "24"}).json
    query = {"status": "long", "limit": "24", "lastKey": first["lastKey"]}
    items = first["items"] + api("GET", "/items", query=query).json["items"]
    assert 0 < first["count"] < 24
    assert len(items) > first["count"]
    listed = [item["item_id"] for item in items]
    assert len(set(listed)) == len(listed)
    assert set(listed) <= set(made)
    for item_id in made:
        assert api("DELETE", f"/items/{item_id}").status == 204


def test_an_item_moves_between_lists_with_its_status(api: Api) -> None:
    item = api.create(status="before")
    api("PUT", api.system.path(item), {"status": "after"})
    assert api("GET", "/items", query={"status": "before"}).json == {"items": [], "count": 0}
    assert api("GET", "/items", query={"status": "after"}).json["count"] == 1


def test_a_page_of_a_megabyte_and_more_leads_on(api: Api) -> None:
    created = {
        api.create(status="big", metadata={"text": "x" * 250_000})["item_id"] for _ in range(6)
    }
    first = api("GET", "/items", query={"status": "big", "limit": "100"}).json
    assert 0 < first["count"] < 6
    query = {"status": "big", "limit": "100", "lastKey": first["lastKey"]}
    second = api("GET", "/items", query=query).json
    assert {item["item_id"] for item in first["items"] + second["items"]} == created


@changing_systems
def test_a_repeated_create_answers_what_was_created_even_when_it_has_changed(api: Api) -> None:
    def create() -> Reply:
        headers = {"Idempotency-Key": "changed"}
        return api("POST", api.system.collection, api.system.smallest, headers=headers)

    first = create()
    assert api("PUT", api.system.path(first.json), {"name": "other"}).status == 200
    assert create().json == first.json
