"""Whatever is sent: the right status, the field and the reason, and nothing asked of S3."""

from __future__ import annotations

import json
import ntpath
import posixpath
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.application import UnknownEventError
from objects.handlers.operations import MAX_BODY_BYTES
from objects.logic.content import MAX_BYTES
from objects.logic.errors import InvalidInputError
from objects.logic.json_members import Json, json_members
from objects.logic.keys import checked_key, checked_prefix
from services.api import CONTEXT, NO_REQUESTS
from services.storage.http_api import event_of

if TYPE_CHECKING:
    from services.between import Between
    from services.storage.http_api import ObjectsApi

JSON = {"content-type": "application/json"}
TEXT = {"content-type": "text/plain"}

KEYS = [
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    "..",
    "../a",
    "a/../b",
    "a/..",
    ".",
    "a/./b",
    "..\\a",
    "a\\..\\b",
    "a\x00b",
    "a\nb",
    "a\x7f",
    "a\x85b",
    "x" * 1025,
    "ü" * 513,
]


@pytest.mark.parametrize("key", [*KEYS, None, 3, True, [], {}, "\ud800"])
def test_a_bad_key_in_a_body(watched: ObjectsApi, counting: Between, key: Any) -> None:
    for query in ({}, {"upload": "presigned"}):
        data = {} if query else {"data": "x"}
        reply = watched("POST", body={"key": key, **data}, query=query)
        assert (reply.status, reply.error["code"]) == (400, "invalid_request")
        assert reply.fields == {"key"}
        assert all(each["reason"] for each in reply.error["details"])
    assert counting.asked == []


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_a_bad_key_in_a_query(
    watched: ObjectsApi, counting: Between, method: str, key: str
) -> None:
    body = b"x" if method == "POST" else None
    reply = watched(method, body=body, query={"key": key}, headers=TEXT if body else {})
    assert (reply.status, reply.fields) == (400, {"key"})
    assert counting.asked == []


def test_a_key_that_is_missing_or_sent_twice(watched: ObjectsApi) -> None:
    assert watched("POST", body={"data": "x"}).fields == {"key"}
    assert watched("DELETE").fields == {"key"}
    twice = event_of("GET", "/api/data", "key=a&key=b", {}, b"")
    assert watched.send(twice).fields == {"key"}


def test_a_query_that_is_not_utf8(watched: ObjectsApi) -> None:
    reply = watched.send(event_of("GET", "/api/data", "key=%ff", {}, b""))
    assert (reply.status, reply.fields) == (400, {"query"})


@given(st.text(st.sampled_from("./\\ab\0\n\x85ü"), max_size=8))
def test_a_key_is_refused_or_leads_nowhere_else(text: str) -> None:
    try:
        key = checked_key(text)
    except InvalidInputError:
        return
    assert key == text
    for path in (posixpath, ntpath):
        inside = path.normpath(path.join("root", key))
        assert inside.startswith(path.join("root", ""))
    assert not set(key) & set("\0\n\x85")


@pytest.mark.parametrize("prefix", ["a/", "/", "..", "a//", ""])
def test_a_prefix_may_be_what_a_key_may_not(prefix: str) -> None:
    assert checked_prefix(prefix) == prefix


BODIES: list[tuple[bytes, str]] = [
    (b"", "body"),
    (b"null", "body"),
    (b"[]", "body"),
    (b'"text"', "body"),
    (b"3", "body"),
    (b"{", "body"),
    (b'{"key": "k", "data": "x"', "body"),
    (b'{"key": "k", "data": "x",}', "body"),
    (b'{"key": "k", "data": "x"} {}', "body"),
    (b'{"key": "k", "data": NaN}', "body"),
    (b'{"key": "k", "data": [-Infinity]}', "body"),
    (b'{"key": "k", "data": ' + b"[" * 100_000, "body"),
    (b'{"key": "k"}', "data"),
    (b'{"key": "k", "data": "\\ud800"}', "data"),
    (b'{"key": "k", "data": "***", "encoding": "base64"}', "data"),
    (b'{"key": "k", "data": "YQ", "encoding": "base64"}', "data"),
    (b'{"key": "k", "data": "\xc3\xbc", "encoding": "base64"}', "data"),
    (b'{"key": "k", "data": 3, "encoding": "base64"}', "data"),
    (b'{"key": "k", "data": "x", "encoding": "utf-16"}', "encoding"),
    (b'{"key": "k", "data": "x", "encoding": null}', "encoding"),
    (b'{"key": "k", "data": "x", "encoding": [1]}', "encoding"),
    (b'{"key": "k", "data": "x", "content_type": 3}', "content_type"),
    (b'{"key": "k", "data": "x", "content_type": "html"}', "content_type"),
    (b'{"key": "k", "data": "x", "content_type": "text/html\\r\\nx: y"}', "content_type"),
    (b'{"key": "k", "data": "x", "content_type": "a/' + b"b" * 254 + b'"}', "content_type"),
    (b'{"key": "k", "data": "x", "bucket": "y"}', "bucket"),
]


@pytest.mark.parametrize(("body", "field"), BODIES)
def test_a_bad_body(watched: ObjectsApi, counting: Between, body: bytes, field: str) -> None:
    reply = watched("POST", body=body, headers=JSON)
    assert (reply.status, reply.fields) == (400, {field})
    assert counting.asked == []


def test_a_body_that_is_not_utf8(watched: ObjectsApi) -> None:
    assert watched("POST", body=b'{"key": "\xff"}', headers=JSON).fields == {"body"}


def test_a_body_that_is_not_base64(watched: ObjectsApi) -> None:
    event = {**event_of("POST", "/api/data", "", JSON, b"*"), "isBase64Encoded": True}
    assert watched.send(event).fields == {"body"}


@pytest.mark.parametrize(
    ("method", "query", "headers", "field"),
    [
        ("GET", {"limit": "0"}, {}, "limit"),
        ("GET", {"limit": "1001"}, {}, "limit"),
        ("PUT", {"limit": "1.0"}, {}, "limit"),
        ("PUT", {"limit": "\u0661"}, {}, "limit"),
        ("PUT", {"limit": ""}, {}, "limit"),
        ("GET", {"lastKey": "x"}, {}, "lastKey"),
        ("PUT", {"prefix": "a\x00"}, {}, "prefix"),
        ("GET", {"prefix": "x" * 1025}, {}, "prefix"),
        ("GET", {"key": "k", "prefix": "x"}, {}, "prefix"),
        ("GET", {"key": "k", "download": "yes"}, {}, "download"),
        ("DELETE", {"key": "k", "prefix": "x"}, {}, "prefix"),
        ("POST", {"upload": "yes"}, {}, "upload"),
        ("POST", {"uplaod": "presigned"}, {}, "uplaod"),
        ("GET", {"key": "k"}, {"if-none-match": "abc"}, "If-None-Match"),
        ("GET", {"key": "k"}, {"if-match": '"a", "b"'}, "If-Match"),
        ("GET", {"key": "k", "download": "presigned"}, {"if-match": '"a"'}, "If-Match"),
        ("GET", {}, {"if-none-match": '"a"'}, "If-None-Match"),
        ("PUT", {}, {"if-match": '"a"'}, "If-Match"),
        ("DELETE", {"key": "k"}, {"if-match": "*"}, "If-Match"),
        ("DELETE", {"key": "k"}, {"if-none-match": "*"}, "If-None-Match"),
        ("POST", {"key": "k"}, {"if-none-match": '"a"', **TEXT}, "If-None-Match"),
        ("POST", {"key": "k"}, {"if-none-match": "*", "if-match": '"a"', **TEXT}, "If-None-Match"),
        ("POST", {"key": "k"}, {"content-type": "text/plain\x7f"}, "Content-Type"),
        ("POST", {"key": "k"}, JSON, "key"),
    ],
)
def test_a_bad_query_or_header(
    watched: ObjectsApi,
    counting: Between,
    method: str,
    query: dict[str, str],
    headers: dict[str, str],
    field: str,
) -> None:
    body = b"{}" if method == "POST" else None
    reply = watched(method, body=body, query=query, headers=headers)
    assert (reply.status, reply.fields) == (400, {field}), reply.body
    assert counting.asked == []


@pytest.mark.parametrize(
    "body", [{"limit": "5"}, {"limit": 0}, {"limit": 2.5}, {"limit": None}, {"limit": [1]}]
)
def test_a_bad_limit_in_a_list_request(watched: ObjectsApi, body: dict[str, Any]) -> None:
    assert watched("PUT", body=body).fields == {"limit"}


def test_other_bad_list_requests(watched: ObjectsApi, counting: Between) -> None:
    assert watched("PUT", body={"prefix": 3}).fields == {"prefix"}
    assert watched("PUT", body={"token": None}).fields == {"token"}
    assert watched("PUT", body={"more": 3}).fields == {"more"}
    assert watched("PUT", body={"prefix": "a"}, query={"prefix": "b"}).fields == {"prefix"}
    assert watched("PUT", body=b"x", headers=TEXT).status == 415
    assert counting.asked == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/jsonx", ""])
def test_another_content_type_without_a_key_is_415(
    watched: ObjectsApi, counting: Between, content_type: str
) -> None:
    reply = watched("POST", body=b"{}", headers={"content-type": content_type})
    assert (reply.status, reply.error["code"]) == (415, "unsupported_media_type")
    assert counting.asked == []


def test_too_much_is_413_and_names_the_way_out(watched: ObjectsApi, counting: Between) -> None:
    binary = {"content-type": "application/octet-stream"}
    replies = [
        watched("POST", body=b"x" * (MAX_BYTES + 1), query={"key": "k"}, headers=binary),
        watched("POST", body={"key": "k", "data": "x" * (MAX_BYTES + 1)}),
    ]
    for reply in replies:
        assert (reply.status, reply.error["code"]) == (413, "payload_too_large")
        assert "upload=presigned" in reply.error["message"]
    body = json.dumps({"key": "k", "data": "x" * MAX_BODY_BYTES}).encode()
    assert watched("POST", body=body, headers=JSON).status == 413
    assert counting.asked == []


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    document=st.dictionaries(st.text(), NESTED, max_size=5), indent=st.sampled_from([None, 0, 3])
)
def test_members_are_split_where_json_says(document: dict[str, Any], indent: int | None) -> None:
    members = json_members(json.dumps(document, indent=indent).encode())
    parsed = {k: json.loads(v.text) if isinstance(v, Json) else v for k, v in members.items()}
    assert parsed == document
    assert list(members) == list(document)


def test_of_two_members_of_a_name_the_last_one_counts() -> None:
    assert json_members(b'{"a": [1], "a": [2]}') == {"a": Json("[2]")}


@pytest.mark.parametrize("event", NO_REQUESTS)
def test_an_event_that_is_no_request_fails_so_that_it_is_retried_and_kept(
    api: ObjectsApi, event: Any
) -> None:
    with pytest.raises(UnknownEventError):
        api.handler(event, CONTEXT)
