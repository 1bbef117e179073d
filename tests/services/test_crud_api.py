"""What is special about crud-api: any fields, and a function for each operation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from items.logic.open_fields import MAX_FIELDS
from services.systems import CRUD_FUNCTIONS, crud_api

if TYPE_CHECKING:
    from services.api import Api
    from services.between import Between
    from services.systems import System

pytestmark = crud_api

SERVICES = Path(__file__).resolve().parents[2] / "services"
OWN = ("id", "created_at", "updated_at")
NAMES = [
    *("size", "status", "order", "data", "timestamp", "ttl", "values", "SET", "REMOVE", "null"),
    *("a-b", "a.b", "a[0]", "a b", "#a", ":b", "#0", ":0", "$", "'", '"', "\\", "\n", "ä", "名"),
    *("fields", "fields.name", "version", "item_id", "ID", "Id", "S", "M", "_", "0", "x" * 300),
]


def callers(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in document if name not in OWN}


def test_a_document_is_the_callers_fields_and_three_of_ours(api: Api) -> None:
    reply = api("POST", "/items", {"name": "x", "b": 1, "a": [None]})
    assert list(reply.json) == [*OWN, "name", "a", "b"]
    assert callers(reply.json) == {"name": "x", "b": 1, "a": [None]}
    assert reply.json["created_at"] == reply.json["updated_at"]
    assert reply.headers["Location"] == f"/items/{reply.json['id']}"


@pytest.mark.parametrize("name", NAMES)
def test_fields_are_kept_whatever_their_names(api: Api, name: str) -> None:
    made = api.create(**{name: {"n": 1}})
    path = f"/items/{made['id']}"
    assert made[name] == {"n": 1}
    changed = api("PUT", path, {name: [2.5], "other": name})
    assert changed.status == 200
    assert callers(changed.json) == {"name": "x", name: [2.5], "other": name}
    assert api("GET", path).json == changed.json


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**38) + 1, 10**38 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELD_NAMES = (st.text(min_size=1) | st.sampled_from(NAMES)).filter(
    lambda name: name not in (*OWN, "name")
)
BODIES = st.dictionaries(FIELD_NAMES, VALUES, max_size=6)


@given(fields=BODIES, changes=BODIES, name=st.text(min_size=1, max_size=255))
def test_any_fields_come_back_and_those_of_an_update_replace_them(
    api: Api, fields: dict[str, Any], changes: dict[str, Any], name: str
) -> None:
    made = api.create(**fields)
    path = f"/items/{made['id']}"
    assert callers(made) == {"name": "x", **fields}
    assert api("GET", path).json == made
    changed = api("PUT", path, {**changes, "name": name}).json
    assert callers(changed) == {**fields, **changes, "name": name}
    assert (changed["id"], changed["created_at"]) == (made["id"], made["created_at"])
    assert api("GET", path).json == changed


def test_a_document_that_was_read_can_be_put_back(api: Api) -> None:
    made = api.create(extra=[1, 2.5, {"a": None}])
    reply = api("PUT", f"/items/{made['id']}", made)
    assert reply.status == 200
    assert reply.json == {**made, "updated_at": reply.json["updated_at"]}


def test_the_id_and_the_times_in_a_body_touch_no_other_document(api: Api) -> None:
    other = api.create(extra="other")
    theirs = {"id": other["id"], "created_at": "1999", "updated_at": "1999"}
    made = api.create(**theirs, extra="new")
    assert made["id"] != other["id"]
    assert "1999" not in (made["created_at"], made["updated_at"])
    changed = api("PUT", f"/items/{made['id']}", {**theirs, "extra": "changed"}).json
    assert changed == {**made, "extra": "changed", "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > "2"
    assert api("GET", f"/items/{other['id']}").json == other


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name"}),
        ({"a": 1}, {"name"}),
        ({"name": None}, {"name"}),
        ({"name": 3}, {"name"}),
        ({"name": ""}, {"name"}),
        ({"name": "x" * 256}, {"name"}),
        ({"name": "x", "": 1}, {""}),
        ({"name": "x", "y" * 65_536: 1}, {"y" * 100}),
        ({"name": 1, "a": 10**40}, {"name", "a"}),
        ({"name": "x", **{f"f{n}": n for n in range(MAX_FIELDS)}}, {"body"}),
    ],
)
def test_a_bad_document_is_refused(
    watched: Api, between: Between, body: dict[str, Any], fields: set[str]
) -> None:
    reply = watched("POST", "/items", body)
    assert (reply.status, reply.fields) == (400, fields)
    assert between.asked == []


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"id": "x", "created_at": "x", "updated_at": "x"}, {"body"}),
        ({"name": None}, {"name"}),
        ({"": 1}, {""}),
        ({"a": {"": 1}}, {"a."}),
        ({f"f{n}": n for n in range(MAX_FIELDS + 1)}, {"body"}),
    ],
)
def test_a_bad_change_is_refused(
    api: Api, watched: Api, between: Between, body: dict[str, Any], fields: set[str]
) -> None:
    made = api.create()
    reply = watched("PUT", f"/items/{made['id']}", body)
    assert (reply.status, reply.fields) == (400, fields)
    assert between.asked == []


def test_as_many_fields_as_may_be_sent_fit_into_an_update(api: Api) -> None:
    fields = {f"field {n}": n for n in range(MAX_FIELDS - 1)}
    path = f"/items/{api.create()['id']}"
    reply = api("PUT", path, {"name": "y", **fields}, headers={"If-Match": '"1"'})
    assert reply.status == 200
    assert callers(reply.json) == {"name": "y", **fields}


def test_a_document_grows_until_it_is_too_large_and_then_stays(api: Api) -> None:
    path = f"/items/{api.create(extra='x' * 250_000)['id']}"
    before = api("GET", path).json
    reply = api("PUT", path, {"more": "x" * 250_000})
    assert (reply.status, reply.error["code"]) == (413, "payload_too_large")
    assert api("GET", path).json == before


def test_the_version_is_in_the_entity_tag_and_nowhere_else(api: Api) -> None:
    made = api("POST", "/items", {"name": "x", "version": "mine"})
    path = f"/items/{made.json['id']}"
    changed = api("PUT", path, {"a": 1}, headers={"If-Match": made.headers["ETag"]})
    assert (changed.headers["ETag"], changed.json["version"]) == ('"2"', "mine")
    lost = api("PUT", path, {"a": 2}, headers={"If-Match": made.headers["ETag"]})
    assert lost.error["details"] == {"current": changed.json}
    assert lost.headers["ETag"] == '"2"'


def test_head_of_one_document_is_not_there(watched: Api, between: Between) -> None:
    """The function that would answer it may not read documents."""
    reply = watched("HEAD", "/items/x")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, PUT, DELETE, OPTIONS")
    assert between.asked == []


ONLY_FOR = {
    "items.data.idempotency": {"crud_create"},
    "items.logic.creator": {"crud_create"},
    "items.logic.open_fields": {"crud_create", "crud_update"},
    "gateway.body": {"crud_create", "crud_update"},
    "items.logic.updater": {"crud_update"},
    "items.logic.remover": {"crud_delete"},
    "items.logic.reader": {"crud_get"},
    "items.logic.page_tokens": {"crud_list"},
    "items.systems.item_api": set(),
    "boto3": set(),
    "botocore.session": set(),
    "pydantic": set(),
}


@pytest.mark.parametrize("name", CRUD_FUNCTIONS.values())
def test_a_function_imports_what_its_operation_needs(
    system: System, dynamodb: str, name: str
) -> None:
    program = f"import json, sys, items.handlers.{name}; print(json.dumps(list(sys.modules)))"
    variables = {**system.environment(dynamodb), "PYTHONPATH": str(SERVICES)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**variables, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(json.loads(done.stdout))
    assert {each for each in ONLY_FOR if each in imported} == {
        each for each, functions in ONLY_FOR.items() if name in functions
    }
