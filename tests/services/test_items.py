"""What the API does when it is used as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from items.logic.identity import created_at, is_item_id

if TYPE_CHECKING:
    from services.api import Api


def test_create_fills_in_the_defaults(api: Api) -> None:
    reply = api("POST", "/items", {})
    item = reply.json
    assert reply.status == 201
    assert is_item_id(item["item_id"])
    assert item["created_at"] == item["updated_at"] == created_at(item["item_id"])
    assert reply.headers["Location"] == f"/items/{item['item_id']}"
    assert reply.headers["ETag"] == '"1"'
    rest = {name: item[name] for name in item if not name.endswith(("_id", "_at"))}
    assert rest == {
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


def test_what_was_created_is_read_back_the_same(api: Api) -> None:
    fields = {"name": "Ä 名 🎈", "description": "line\nline", "status": "in progress"}
    item = api.create(**fields, metadata={"nothing": None, "list": [1, [], {}], "text": ""})
    reply = api("GET", f"/items/{item['item_id']}")
    assert reply.status == 200
    assert reply.json == item
    assert list(reply.json) == list(item)
    assert fields.items() <= item.items()


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
    item = api.create(metadata={"value": value, **value})
    assert item["metadata"] == {"value": value, **value}
    path = f"/items/{item['item_id']}"
    assert api("GET", path).json == item
    assert api("PUT", path, {"metadata": value}).json["metadata"] == value


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
    reply = api("PUT", f"/items/{item['item_id']}", changes)
    assert reply.status == 200
    assert reply.headers["ETag"] == '"2"'
    assert reply.json["updated_at"] >= item["updated_at"]
    expected = {**item, **changes, "version": 2, "updated_at": reply.json["updated_at"]}
    assert reply.json == expected
    assert api("GET", f"/items/{item['item_id']}").json == expected


def test_delete_answers_204_with_no_body_at_all(api: Api) -> None:
    path = f"/items/{api.create()['item_id']}"
    reply = api("DELETE", path)
    assert (reply.status, reply.body) == (204, "")
    assert "Content-Type" not in reply.headers
    assert api("GET", path).status == 404
    assert api("DELETE", path).status == 404


def test_an_update_that_lost_the_race_is_told_what_is_there(api: Api) -> None:
    path = f"/items/{api.create(name='first')['item_id']}"
    won = api("PUT", path, {"name": "mine"}, headers={"If-Match": '"1"'})
    lost = api("PUT", path, {"name": "theirs"}, headers={"If-Match": '"1"'})
    assert (won.status, lost.status) == (200, 412)
    assert lost.error["code"] == "precondition_failed"
    assert lost.error["details"] == {"current": won.json}
    assert api("GET", path).json == won.json


@pytest.mark.parametrize("tag", ['"7"', '"abc"', 'W/"1"', '"01"', '""'])
def test_a_tag_of_another_version_changes_and_removes_nothing(api: Api, tag: str) -> None:
    item = api.create()
    path = f"/items/{item['item_id']}"
    assert api("PUT", path, {"name": "x"}, headers={"If-Match": tag}).status == 412
    assert api("DELETE", path, headers={"If-Match": tag}).status == 412
    assert api("GET", path).json == item


def test_a_star_matches_any_version(api: Api) -> None:
    path = f"/items/{api.create()['item_id']}"
    assert api("PUT", path, {"name": "x"}, headers={"If-Match": "*"}).status == 200
    assert api("DELETE", path, headers={"If-Match": "*"}).status == 204


def test_a_list_goes_through_all_items_once_page_by_page(api: Api) -> None:
    created = {api.create(name=f"page {n}")["item_id"] for n in range(5)}
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        page = api("GET", "/items", query=query).json
        assert page["count"] == len(page["items"]) <= 2
        seen += [item["item_id"] for item in page["items"]]
        if "lastKey" not in page:
            break
        query["lastKey"] = page["lastKey"]
    assert len(seen) == len(set(seen))
    assert created <= set(seen)


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


def test_an_item_moves_between_lists_with_its_status(api: Api) -> None:
    item = api.create(status="before")
    api("PUT", f"/items/{item['item_id']}", {"status": "after"})
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
