"""Whatever is sent: the right status, the field and the reason, and nothing written."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_api.deadline import Deadline
from aws_api.repeats import Repeats
from gateway.application import UnknownEventError
from gateway.body import MAX_BYTES
from items.data.connection import Connection
from items.data.table import ItemSizeError, ItemTable
from items.logic.errors import ItemTooLargeError
from items.logic.identity import new_item_id
from items.operations.translate import translate
from items.systems.web_app import WEB_APP
from observability.tracing import Tracing
from services.api import NO_REQUESTS, environment
from services.systems import (
    CRUD,
    RECORDS,
    WEB,
    System,
    changing_systems,
    every_system,
    item_systems,
)

if TYPE_CHECKING:
    from services.api import Api
    from services.between import Between

DEEP = "[" * 100_000
NO_OBJECTS = [None, "", "null", "{", "[]", '"text"', "3", "true", DEEP, '{"data": NaN}']
VALUES: list[tuple[str, str]] = [
    ("NaN", "body"),
    ("-Infinity", "body"),
    ('{"": 1}', "{}.a."),
    ('[{"b": 1' + "0" * 38 + "}]", "{}.a[0].b"),
    ("1e126", "{}.a"),
    ("1e-131", "{}.a"),
    ("1e99999999999999999999", "{}.a"),
    ("1.7976931348623157e308", "{}.a"),
    ("9" * 5000, "{}.a"),
    ('"\\ud800"', "{}.a"),
    ('{"\\udfff": 1}', "{}.a.?"),
    (json.dumps({"x" * 65_536: 1}), "{}.a." + "x" * 100),
    ("[" * 28 + "]" * 28, "{}.a" + "[0]" * 27),
]
BODIES: list[tuple[Any, set[str]]] = [
    ({"name": 1}, {"name"}),
    ({"name": None}, {"name"}),
    ({"name": ""}, {"name"}),
    ({"name": "x" * 256}, {"name"}),
    ({"description": ["x"]}, {"description"}),
    ({"description": "x" * 4097}, {"description"}),
    ({"status": ""}, {"status"}),
    ({"status": 3}, {"status"}),
    ({"status": None}, {"status"}),
    ({"status": "x" * 65}, {"status"}),
    ({"metadata": []}, {"metadata"}),
    ({"metadata": None}, {"metadata"}),
    ('{"name": "\\ud800"}', {"name"}),
    (
        {"item_id": "x", "id": "x", "created_at": "x", "version": 2},
        {"item_id", "id", "created_at", "version"},
    ),
    ({"name": 1, "status": 2, "more": 3}, {"name", "status", "more"}),
]


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


def refused(watched: Api, between: Between, item: str, body: Any, fields: set[str]) -> None:
    """A body is refused, for a new item and for a change, by field; nothing is written."""
    requests = [("POST", watched.system.collection)]
    if watched.system.changes:
        requests.append(("PUT", item))
    for method, path in requests:
        reply = watched(method, path, body, headers={"Content-Type": "application/json"})
        assert reply.status == 400, reply.body
        assert reply.error["code"] == "invalid_request"
        assert reply.fields == fields
        assert all(each["reason"] for each in reply.error["details"])
    assert between.asked == []


@every_system
@pytest.mark.parametrize("body", NO_OBJECTS)
def test_what_is_no_object_is_refused(watched: Api, between: Between, body: str | None) -> None:
    refused(watched, between, watched.system.path(new_item_id(1)), body, {"body"})


@every_system
@pytest.mark.parametrize(("value", "field"), VALUES)
def test_a_value_that_cannot_be_kept_is_refused(
    watched: Api, between: Between, value: str, field: str
) -> None:
    body = json.dumps(watched.system.holding({"a": "VALUE"})).replace('"VALUE"', value)
    item = watched.system.path(new_item_id(1))
    refused(watched, between, item, body, {field.format(watched.system.holder)})


@item_systems
@pytest.mark.parametrize(("body", "fields"), BODIES)
def test_a_bad_item_is_refused_by_field_and_nothing_is_written(
    api: Api, watched: Api, between: Between, body: Any, fields: set[str]
) -> None:
    item = api.create()
    refused(watched, between, api.system.path(item), body, fields)
    assert api("GET", api.system.path(item)).json == item


@changing_systems
def test_an_empty_update_is_refused(api: Api) -> None:
    reply = api("PUT", api.system.path(api.create()), {})
    assert (reply.status, reply.fields) == (400, {"body"})


@every_system
def test_nesting_is_kept_to_28_levels_and_refused_beyond(api: Api) -> None:
    item = api.create(**api.system.holding(nested(28)))
    assert api("GET", api.system.path(item)).json == item
    headers = {"Idempotency-Key": "deep"}
    kept = api("POST", api.system.collection, api.system.holding(nested(28)), headers=headers)
    assert kept.status == 201
    assert api("POST", api.system.collection, api.system.holding(nested(29))).status == 400


@every_system
@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "+1", "1.0", "ten", "", " 1", "01", "\u0661", "1e1"]
)
def test_a_bad_limit_is_refused(watched: Api, between: Between, limit: str) -> None:
    reply = watched("GET", watched.system.collection, query={"limit": limit})
    assert (reply.status, reply.fields) == (400, {"limit"})
    assert between.asked == []


@pytest.mark.parametrize("limit", ["1", "20", "100"])
def test_a_good_limit_is_taken(api: Api, limit: str) -> None:
    assert api("GET", "/items", query={"limit": limit}).status == 200


def test_a_parameter_sent_twice_is_refused(api: Api) -> None:
    event = {
        "httpMethod": "GET",
        "resource": "/items",
        "queryStringParameters": {"limit": "2"},
        "multiValueQueryStringParameters": {"limit": ["1", "2"]},
    }
    assert api.send(event).fields == {"limit"}


@every_system
def test_an_unknown_parameter_is_refused(watched: Api, between: Between) -> None:
    reply = watched(
        "GET", watched.system.collection, query={"lastkey": "x", "Limit": "3", "limit": "2"}
    )
    assert (reply.status, reply.fields) == (400, {"lastkey", "Limit"})
    assert between.asked == []


@every_system
def test_a_status_filter_is_there_where_there_is_an_index(api: Api) -> None:
    reply = api("GET", api.system.collection, query={"status": "pending"})
    assert reply.status == (200 if api.system.has_index else 400)


@every_system
@pytest.mark.parametrize("token", ["", "x", "eyJhZnRlciI6IngifQ", "%"])
def test_a_bad_page_token_is_refused(watched: Api, between: Between, token: str) -> None:
    reply = watched("GET", watched.system.collection, query={"lastKey": token})
    assert (reply.status, reply.fields) == (400, {"lastKey"})
    assert between.asked == []


@pytest.mark.parametrize("status", ["", "x" * 65])
def test_a_bad_status_filter_is_refused(api: Api, status: str) -> None:
    assert api("GET", "/items", query={"status": status}).fields == {"status"}


_UPPER_CASE_ID = "00000000-0001-758E-BF77-422CDEB4B09D"


@changing_systems
@pytest.mark.parametrize("item_id", ["x", "..", _UPPER_CASE_ID, "0" * 36, "%00", "ü"])
def test_what_is_no_id_is_not_found_without_asking(
    watched: Api, between: Between, item_id: str
) -> None:
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
        assert watched(method, watched.system.path(item_id), body).status == 404
    assert between.asked == []


@every_system
def test_an_unknown_id_is_not_found(api: Api) -> None:
    reply = api("GET", api.system.path(new_item_id(1)))
    assert (reply.status, reply.error["code"]) == (404, "not_found")


@changing_systems
def test_an_unknown_id_is_not_found_and_not_made(api: Api) -> None:
    path = api.system.path(new_item_id(1))
    assert api("PUT", path, {"name": "x"}).status == 404
    assert api("PUT", path, {"name": "x"}, headers={"If-Match": '"1"'}).status == 404
    assert api("DELETE", path).status == 404
    assert api("GET", path).status == 404


@changing_systems
@pytest.mark.parametrize("tag", ["1", '"1', '"1", "2"', "W/1", "'1'"])
def test_a_malformed_if_match_is_refused(api: Api, tag: str) -> None:
    path = api.system.path(api.create())
    reply = api("PUT", path, {"name": "x"}, headers={"If-Match": tag})
    assert (reply.status, reply.fields) == (400, {"If-Match"})


@every_system
@pytest.mark.parametrize("key", ["", " ", "x" * 256, "ä"])
def test_a_bad_idempotency_key_is_refused(api: Api, key: str) -> None:
    body, headers = api.system.smallest, {"Idempotency-Key": key}
    reply = api("POST", api.system.collection, body, headers=headers)
    assert (reply.status, reply.fields) == (400, {"Idempotency-Key"})


@every_system
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/jsonp", "application/json; charset=latin-1"],
)
def test_another_content_type_is_415(watched: Api, between: Between, content_type: str) -> None:
    body, headers = json.dumps(watched.system.smallest), {"Content-Type": content_type}
    reply = watched("POST", watched.system.collection, body, headers=headers)
    assert (reply.status, reply.error["code"]) == (415, "unsupported_media_type")
    assert between.asked == []


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; Charset=UTF-8", "application/json;"]
)
def test_json_in_any_spelling_is_taken(api: Api, content_type: str) -> None:
    reply = api("POST", "/items", "{}", headers={"Content-Type": content_type})
    assert reply.status == 201


def test_no_content_type_is_415(api: Api) -> None:
    event = {"httpMethod": "POST", "resource": "/items", "body": "{}"}
    assert api.send(event).status == 415


@every_system
def test_a_body_over_256_kb_is_413(watched: Api, between: Between) -> None:
    where = watched.system.collection
    body = json.dumps(watched.system.holding({"a": "x" * (256 * 1024 - 100)}))
    largest = body + " " * (256 * 1024 - len(body))
    assert watched("POST", where, largest).status == 201
    before = len(between.asked)
    reply = watched("POST", where, largest + " ")
    assert (reply.status, reply.error["code"]) == (413, "payload_too_large")
    assert len(between.asked) == before


def test_the_largest_body_fits_into_an_item() -> None:
    """The worst body is full of `1,`: two bytes here, three in DynamoDB.

    Source: Amazon DynamoDB developer guide, "DynamoDB item sizes and formats": a number takes a
    byte for two digits and one more, a member of a list one more (documented).
    """
    numbers = MAX_BYTES // len("1,")
    most = 3 * numbers
    other_fields_and_record = 2048
    assert most + other_fields_and_record < 400 * 1024


def test_an_item_that_would_become_too_large_is_413(api: Api, dynamodb: str) -> None:
    item = api.create()
    variables = environment(dynamodb)
    connection = Connection(variables, Tracing(variables), Repeats(Deadline()))
    table = ItemTable(connection, WEB.table, WEB_APP.kind.key)
    with pytest.raises(ItemSizeError):
        table.update(item["item_id"], {("metadata",): {"a": "x" * 410_000}}, None)
    answer = translate(ItemTooLargeError())
    assert answer is not None
    assert answer.status == 413
    assert api("GET", f"/items/{item['item_id']}").json == item


@every_system
def test_a_wrong_method_is_405_and_says_which_are_right(watched: Api, between: Between) -> None:
    system = watched.system
    item = system.path(new_item_id(1))
    for method, path, allowed in (
        ("PUT", system.collection, system.methods["collection"]),
        ("DELETE", system.collection, system.methods["collection"]),
        ("POST", item, system.methods["item"]),
        ("PATCH", system.path("x"), system.methods["item"]),
    ):
        reply = watched(method, path)
        assert reply.status == 405
        assert reply.headers["Allow"] == allowed
        assert reply.error["code"] == "method_not_allowed"
    assert between.asked == []


@every_system
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_404(api: Api, method: str) -> None:
    item = api.system.path(new_item_id(1))
    for path in (f"{item}/more", "/nothing/here", "/api/database/items"):
        assert api(method, path).error["code"] == "not_found"


def test_a_body_in_base64_is_read_and_a_broken_one_refused(api: Api) -> None:
    event = {
        "httpMethod": "POST",
        "resource": "/items",
        "headers": {"content-type": "application/json"},
        "isBase64Encoded": True,
    }
    encoded = base64.b64encode(b'{"name": "b64"}').decode()
    assert api.send({**event, "body": encoded}).json["name"] == "b64"
    assert api.send({**event, "body": "***"}).fields == {"body"}
    latin = base64.b64encode(b'{"name": "\xe9"}').decode()
    assert api.send({**event, "body": latin}).fields == {"body"}


def test_an_event_in_which_everything_is_null_or_missing_is_answered(api: Api) -> None:
    names = ["headers", "queryStringParameters", "multiValueQueryStringParameters"]
    names += ["pathParameters", "requestContext", "body", "isBase64Encoded", "resource"]
    event = {"httpMethod": "GET", "path": "/items", **dict.fromkeys(names)}
    assert api.send(event).status == 200
    assert api.send({"httpMethod": "GET", "path": "/items"}).status == 200
    item = api.create()
    assert api.send({"httpMethod": "GET", "path": f"/items/{item['item_id']}"}).json == item
    assert api.send({"httpMethod": "GET", "path": "/items/"}).status == 404


@pytest.mark.parametrize("event", NO_REQUESTS)
def test_an_event_that_is_no_request_is_never_taken_for_one_of_the_root(
    api: Api, event: Any
) -> None:
    """Answered with a list of items, the event would count as handled."""
    with pytest.raises(UnknownEventError):
        api.send(event)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "pending", 10**38, -(10**40), 1e126, "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.text() | st.sampled_from(
    ["name", "status", "description", "metadata", "item_id", "id", "data", "created_at", "extra"]
)


def exact(text: str) -> Any:
    """JSON with its numbers as they are written; a float would be the nearest binary one."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


@every_system
@given(body=st.dictionaries(NAMES, JSON_VALUES, max_size=5) | JSON_VALUES)
def test_any_json_is_created_or_refused_but_never_breaks_anything(
    api: Api, system: System, body: Any
) -> None:
    if isinstance(body, dict):
        body = {**system.smallest, **body}
    reply = api("POST", system.collection, json.dumps(body))
    expected = (201, 400, 409) if system is RECORDS else (201, 400)
    assert reply.status in expected, reply.body
    if reply.status == 201:
        sent, made = exact(json.dumps(body)), exact(reply.body)
        ours = {"id", "created_at", "updated_at"} if system is CRUD else set()
        assert {name: sent[name] for name in sent if name not in ours}.items() <= made.items()
        assert exact(api("GET", system.path(reply.json)).body) == made


@every_system
@given(body=st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_is_refused_or_created(api: Api, body: str) -> None:
    assert api("POST", api.system.collection, body).status in (201, 400)


@every_system
@given(query=st.dictionaries(st.sampled_from(["limit", "lastKey", "status"]), st.text()))
def test_any_query_is_answered_or_refused(api: Api, query: dict[str, str]) -> None:
    assert api("GET", api.system.collection, query=query).status in (200, 400)
