"""Conditional requests: who lost a race is told so, and writes nothing."""

from __future__ import annotations

import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from objects.handlers.wiring import application
from services.storage.http_api import ObjectsApi

if TYPE_CHECKING:
    from services.api import Reply
    from services.storage.conftest import Storage

CREATE_ONLY = {"if-none-match": "*"}


@pytest.fixture
def key() -> str:
    return f"conditional/{uuid.uuid4()}"


def put(api: ObjectsApi, key: str, data: str, headers: dict[str, str]) -> Reply:
    return api("POST", body={"key": key, "data": data}, headers=headers)


def test_create_only(api: ObjectsApi, key: str) -> None:
    assert put(api, key, "first", CREATE_ONLY).status == 201
    second = put(api, key, "second", CREATE_ONLY)
    assert (second.status, second.error["code"]) == (412, "precondition_failed")
    assert api.read(key).json["content"] == "first"
    api("DELETE", query={"key": key})
    assert put(api, key, "third", CREATE_ONLY).status == 201


def test_change_only_what_was_seen(api: ObjectsApi, key: str) -> None:
    seen = api.write(key, "one")
    changed = put(api, key, "two", {"if-match": seen})
    assert changed.status == 201
    for stale in (seen, '"other"', f"W/{changed.json['etag']}"):
        assert put(api, key, "three", {"if-match": stale}).status == 412
    assert api.read(key).json["content"] == "two"


def test_a_raw_body_has_conditions_too(api: ObjectsApi, key: str) -> None:
    headers = {"content-type": "image/png", **CREATE_ONLY}
    replies = [api("POST", body=b"\x00", query={"key": key}, headers=headers) for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 412]


def test_change_of_an_object_that_is_gone(api: ObjectsApi, key: str) -> None:
    assert put(api, key, "x", {"if-match": '"abc"'}).status == 412
    assert api.read(key).status == 404


def test_delete_only_what_was_seen(api: ObjectsApi, key: str) -> None:
    old = api.write(key, "one")
    new = api.write(key, "two")
    refused = api("DELETE", query={"key": key}, headers={"if-match": old})
    assert refused.status == 412
    assert api.read(key).json["etag"] == new
    assert api("DELETE", query={"key": key}, headers={"if-match": new}).status == 204
    assert api("DELETE", query={"key": key}, headers={"if-match": new}).status == 412


@pytest.mark.parametrize("weak", ["", "W/"])
def test_what_has_not_changed_is_not_sent_again(api: ObjectsApi, key: str, weak: str) -> None:
    etag = api.write(key, "one")
    reply = api("GET", query={"key": key}, headers={"if-none-match": f"{weak}{etag}"})
    assert (reply.status, reply.body, reply.headers["ETag"]) == (304, "", etag)
    api.write(key, "two")
    again = api("GET", query={"key": key}, headers={"if-none-match": etag})
    assert (again.status, again.json["content"]) == (200, "two")


def test_a_read_of_what_was_seen(api: ObjectsApi, key: str) -> None:
    etag = api.write(key, "one")
    assert api("GET", query={"key": key}, headers={"if-match": etag}).status == 200
    assert api("GET", query={"key": key}, headers={"if-match": '"x"'}).status == 412


@pytest.fixture(scope="module")
def environments(shared: Storage) -> list[ObjectsApi]:
    """Execution environments, each of which carries out one request at a time."""
    variables = [shared.environment(shared.endpoint) for _ in range(6)]
    return [ObjectsApi(application(each, io.StringIO())) for each in variables]


def test_of_many_who_create_at_once_one_does(environments: list[ObjectsApi], key: str) -> None:
    with ThreadPoolExecutor(len(environments)) as pool:
        replies = list(
            pool.map(
                lambda numbered: put(numbered[1], key, str(numbered[0]), CREATE_ONLY),
                enumerate(environments),
            )
        )
    statuses = [reply.status for reply in replies]
    assert sorted(statuses) == [201] + [412] * (len(environments) - 1)
    assert environments[0].read(key).json["content"] == str(statuses.index(201))


def test_no_change_is_lost_when_many_change_what_they_saw(
    environments: list[ObjectsApi], key: str
) -> None:
    environments[0].write(key, "0")

    def count_up(api: ObjectsApi) -> None:
        while True:
            seen = api.read(key).json
            reply = put(api, key, str(int(seen["content"]) + 1), {"if-match": seen["etag"]})
            if reply.status == 201:
                return
            assert reply.status == 412

    with ThreadPoolExecutor(len(environments)) as pool:
        list(pool.map(count_up, environments))
    assert environments[0].read(key).json["content"] == str(len(environments))
