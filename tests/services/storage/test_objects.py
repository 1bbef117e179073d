"""The routes of the objects API, on a real bucket."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.storage.aws import admin

if TYPE_CHECKING:
    from services.storage.conftest import Storage
    from services.storage.http_api import ObjectsApi

RELAXED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_a_text_is_written_and_read(api: ObjectsApi) -> None:
    written = api("POST", body={"key": "notes/a.txt", "data": "hello, wörld\n"})
    assert written.status == 201
    assert set(written.json) == {"key", "etag"}
    assert written.headers["ETag"] == written.json["etag"]
    assert written.headers["Location"] == "/api/data?key=notes%2Fa.txt"
    read = api.read("notes/a.txt")
    assert (read.status, read.headers["ETag"]) == (200, written.json["etag"])
    assert read.json == {
        "key": "notes/a.txt",
        "content": "hello, wörld\n",
        "encoding": "utf-8",
        "content_type": "text/plain; charset=utf-8",
        "etag": written.json["etag"],
    }


@RELAXED
@given(text=st.text(max_size=300))
def test_any_text_comes_back(api: ObjectsApi, text: str) -> None:
    api.write("any-text", text)
    read = api.read("any-text").json
    assert (read["content"], read["encoding"]) == (text, "utf-8")


@RELAXED
@given(content=st.binary(max_size=300))
def test_any_bytes_come_back(api: ObjectsApi, content: bytes) -> None:
    api.write("any-bytes", base64.b64encode(content).decode(), encoding="base64")
    assert bytes_in(api.read("any-bytes").json) == content
    raw = api("POST", body=content, query={"key": "raw"}, headers={"content-type": "image/png"})
    assert raw.status == 201
    read = api.read("raw").json
    assert (bytes_in(read), read["content_type"]) == (content, "image/png")


def bytes_in(document: dict[str, Any]) -> bytes:
    if document["encoding"] == "base64":
        return base64.b64decode(document["content"], validate=True)
    return str(document["content"]).encode()


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "true",
        "[]",
        "{}",
        "3",
        "3.0",
        "-0",
        "0.1",
        "1e400",
        "123456789012345678901234567890123456789012345678901234567890",
        "9" * 5000,
        '{"b": 1.10, "a": [1, 2.50, {"ü": "\\u00fc\\ud83d\\ude00"}]}',
        '{"}": "],{", "n": {"key": "x", "data": 1e-7}}',
    ],
)
def test_json_comes_back_as_it_was_spelt(api: ObjectsApi, text: str) -> None:
    body = f'{{ "data" : {text} ,\n"key":"document" }}'.encode()
    written = api("POST", body=body, headers={"content-type": "application/json; charset=UTF-8"})
    assert written.status == 201, written.body
    read = api.read("document").json
    assert (read["content"], read["encoding"]) == (text, "utf-8")
    assert read["content_type"] == "application/json"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner | st.text()) | st.dictionaries(st.text(), inner | st.text()),
    max_leaves=20,
)


@RELAXED
@given(value=JSON_VALUES, ascii_only=st.booleans())
def test_any_json_comes_back(api: ObjectsApi, value: Any, ascii_only: bool) -> None:  # noqa: FBT001
    body = json.dumps({"key": "value", "data": value}, ensure_ascii=ascii_only)
    json_type = {"content-type": "application/json"}
    written = api("POST", body=body.encode("utf-8", "surrogatepass"), headers=json_type)
    assert written.status == 201, written.body
    read = api.read("value").json["content"]
    assert json.loads(read) == value
    assert read == json.dumps(value, ensure_ascii=ascii_only)


SEGMENT = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/\\"),
    min_size=1,
    max_size=40,
).filter(lambda segment: segment not in (".", ".."))


@RELAXED
@given(key=st.lists(SEGMENT, min_size=1, max_size=5).map("/".join))
def test_any_usable_key_is_written_listed_read_and_deleted(api: ObjectsApi, key: str) -> None:
    written = api("POST", body={"key": key, "data": key})
    assert written.status == 201, written.body
    location = parse_qs(urlsplit(written.headers["Location"]).query, keep_blank_values=True)
    assert location == {"key": [key]}
    assert api.read(key).json["content"] == key
    assert key in [each["key"] for each in api("PUT", query={"prefix": key}).json["objects"]]
    assert api("DELETE", query={"key": key}).status == 204
    assert api.read(key).status == 404


def test_a_content_type_is_kept(api: ObjectsApi) -> None:
    api.write("page", "<p>", content_type="text/html; charset=utf-8")
    assert api.read("page").json["content_type"] == "text/html; charset=utf-8"


def test_a_missing_key_is_404(api: ObjectsApi) -> None:
    reply = api.read("nothing/here")
    assert (reply.status, reply.error["code"]) == (404, "not_found")
    assert reply.error["request_id"] == "HBhapgCqoAMEJ0w="


def test_delete_has_no_body_and_may_be_repeated(api: ObjectsApi) -> None:
    api.write("short-lived", "x")
    for _ in range(2):
        reply = api("DELETE", query={"key": "short-lived"})
        assert (reply.status, reply.body) == (204, "")
    assert api.read("short-lived").status == 404


def test_an_object_written_by_someone_else_is_read(api: ObjectsApi, shared: Storage) -> None:
    client = admin("s3", shared.endpoint)
    client.put_object(Bucket=shared.bucket_name, Key="foreign.bin", Body=b"\xff\xfe\x00")
    read = api.read("foreign.bin").json
    assert (read["encoding"], read["content_type"]) == ("base64", "binary/octet-stream")
    assert bytes_in(read) == b"\xff\xfe\x00"


@pytest.mark.parametrize("path", ["/api/database", "/api/data/", "/api/data/x", "/api", "/api/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_unknown_path_is_404(api: ObjectsApi, method: str, path: str) -> None:
    reply = api(method, path, query={"key": "k"})
    assert (reply.status, reply.error["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/data", "GET, HEAD, POST, PUT, DELETE, OPTIONS"),
        ("POST", "/api/health", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_405(api: ObjectsApi, method: str, path: str, allowed: str) -> None:
    reply = api(method, path)
    assert (reply.status, reply.error["code"]) == (405, "method_not_allowed")
    assert reply.headers["Allow"] == allowed


def test_answers_have_no_cors_headers(api: ObjectsApi) -> None:
    """The HTTP API writes them, and would drop ours."""
    for reply in (api("GET", headers={"origin": "https://a.example"}), api("GET", "/api/none")):
        assert not [name for name in reply.headers if name.startswith("Access-Control")]


def test_health(api: ObjectsApi) -> None:
    reply = api("GET", "/api/health")
    assert (reply.status, reply.json["status"]) == (200, "healthy")
    assert reply.json["checks"]["s3"]["status"] == "healthy"
