"""Lists: complete, page by page, with tokens that nobody can make up."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objects.handlers.wiring import application
from objects.logic.errors import InvalidInputError
from objects.logic.page_tokens import PageTokens
from secret_value.cached import CachedSecret
from services.storage.aws import admin
from services.storage.conftest import TOKEN, storage_at
from services.storage.http_api import ObjectsApi

if TYPE_CHECKING:
    from services.between import Between
    from services.storage.conftest import Storage

COUNT = 1017
SECRET_READ = "GetSecretValue"


@pytest.fixture(scope="module")
def full(aws: str) -> Storage:
    """A bucket with more objects than one request to S3 lists."""
    storage = storage_at(aws)
    connection = HTTPConnection(aws.removeprefix("http://"))
    many = [f"many/{number:04}" for number in range(COUNT)]
    for key in (*many, "a b+c&d=e", "ü/ä", "zz"):
        connection.request("PUT", f"/{storage.bucket_name}/{quote(key)}", b"x")
        with connection.getresponse() as response:
            response.read()
    connection.close()
    return storage


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def listing(full: Storage, counting: Between, seconds: Seconds) -> ObjectsApi:
    variables = full.environment(counting.url)
    return ObjectsApi(application(variables, io.StringIO(), monotonic=seconds))


def test_a_list_says_what_there_is(storage: Storage) -> None:
    api = ObjectsApi(application(storage.environment(storage.endpoint), io.StringIO()))
    assert api("PUT").json == {"objects": []}
    etag = api.write("a/ü", "four")
    (listed,) = api("GET").json["objects"]
    last_modified = listed.pop("last_modified")
    assert listed == {"key": "a/ü", "size": 4, "etag": etag}
    (stored,) = admin("s3", storage.endpoint).list_objects_v2(Bucket=storage.bucket_name)[
        "Contents"
    ]
    assert last_modified == f"{stored['LastModified']:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("limit", ["50", "1000"])
def test_every_object_is_listed_once(listing: ObjectsApi, counting: Between, limit: str) -> None:
    keys = listing.keys(limit=limit)
    assert len(keys) == len(set(keys)) == COUNT + 3
    assert keys == sorted(keys, key=str.encode)
    pages = -(-(COUNT + 3) // int(limit))
    assert len([each for each in counting.asked if each != SECRET_READ]) == pages
    assert counting.asked.count(SECRET_READ) == 1


def test_more_than_ten_are_not_cut(listing: ObjectsApi) -> None:
    page = listing("PUT", query={"prefix": "many/"}).json
    assert len(page["objects"]) == 100
    assert "next_token" in page


def test_both_ways_to_ask_for_a_list_are_one(listing: ObjectsApi) -> None:
    first = listing("PUT", body={"prefix": "many/", "limit": 7}).json
    assert first == listing("GET", query={"prefix": "many/", "limit": "7"}).json
    more = {"prefix": "many/", "token": first["next_token"]}
    second = listing("PUT", body={"limit": 3}, query=more).json
    assert [each["key"] for each in second["objects"]] == ["many/0007", "many/0008", "many/0009"]


def test_a_list_on_one_page_does_not_read_the_secret(
    listing: ObjectsApi, counting: Between, full: Storage
) -> None:
    page = listing("PUT", query={"prefix": "ü", "limit": "1"}).json
    assert [each["key"] for each in page["objects"]] == ["ü/ä"]
    assert "next_token" not in page
    assert counting.asked == [f"GET /{full.bucket_name}"]


def test_no_other_route_reads_the_secret(watched: ObjectsApi, counting: Between) -> None:
    watched.write("k", "x")
    watched.read("k")
    watched("GET", query={"key": "k", "download": "presigned"})
    watched("POST", body={"key": "k"}, query={"upload": "presigned"})
    watched("DELETE", query={"key": "k"})
    watched("GET", "/api/health")
    assert SECRET_READ not in counting.asked


def test_the_secret_is_read_once_in_a_while(
    listing: ObjectsApi, counting: Between, seconds: Seconds
) -> None:
    for _ in range(5):
        assert "next_token" in listing("PUT").json
        seconds.now += 20
    assert counting.asked.count(SECRET_READ) == 1
    seconds.now += 20
    assert "next_token" in listing("PUT").json
    assert counting.asked.count(SECRET_READ) == 2


def test_a_rotation_is_noticed(
    aws: str, storage: Storage, counting: Between, seconds: Seconds
) -> None:
    """A token that another execution environment has signed with the new secret is good."""
    variables = storage.environment(counting.url)
    old = ObjectsApi(application(variables, io.StringIO(), monotonic=seconds))
    for key in "abc":
        old.write(key, "x")
    signed_before = old("PUT", query={"limit": "1"}).json["next_token"]
    storage.rotate("New" * 16)
    new = ObjectsApi(application(storage.environment(aws), io.StringIO()))
    signed_after = new("PUT", query={"limit": "1"}).json["next_token"]
    assert old("PUT", query={"token": signed_before}).status == 200
    seconds.now += 5
    assert old("PUT", query={"token": signed_after}).status == 200
    assert new("PUT", query={"token": signed_before}).fields == {"token"}
    assert counting.asked.count(SECRET_READ) == 2


def test_wrong_tokens_are_refused_and_read_the_secret_no_more_than_once(
    listing: ObjectsApi, counting: Between, seconds: Seconds
) -> None:
    token = listing("PUT", query={"limit": "5", "prefix": "many/"}).json["next_token"]
    seconds.now += 10
    counting.asked.clear()
    for wrong in ("", "x", "%", "ü", token[:-4], token + "AAAA", token[4:], "A" * 9000, TOKEN):
        reply = listing("PUT", query={"prefix": "many/", "token": wrong})
        assert (reply.status, reply.fields) == (400, {"token"})
        assert TOKEN not in reply.body or wrong == TOKEN
    other = listing("PUT", query={"token": token})
    assert (other.status, other.fields) == (400, {"token"})
    assert "another prefix" in other.error["message"]
    assert counting.asked == [SECRET_READ]


PAGE_TOKENS = PageTokens(CachedSecret(lambda: TOKEN, look_again_s=1e9))


@given(after=st.text(), prefix=st.text(), position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_token_is_refused(after: str, prefix: str, position: int, bit: int) -> None:
    after, prefix = (text.encode("utf-8", "replace").decode() for text in (after, prefix))
    token = PAGE_TOKENS.make(after, prefix)
    assert PAGE_TOKENS.after(token, prefix) == after
    changed = bytearray(base64.urlsafe_b64decode(token))
    changed[position % len(changed)] ^= 1 << bit
    with pytest.raises(InvalidInputError):
        PAGE_TOKENS.after(base64.urlsafe_b64encode(bytes(changed)).decode(), prefix)


@given(st.text())
def test_a_made_up_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidInputError):
        PAGE_TOKENS.after(token, "")


def test_a_token_does_not_hold_the_secret() -> None:
    token = base64.urlsafe_b64decode(PAGE_TOKENS.make("a", "b"))
    assert json.loads(token[32:]) == ["b", "a"]
    assert TOKEN.encode() not in token


@pytest.mark.parametrize("secret", ["not json", "[]", "{}", '{"token": ""}', '{"token": 3}'])
def test_a_secret_that_is_none_is_503(storage: Storage, counting: Between, secret: str) -> None:
    client = admin("secretsmanager", storage.endpoint)
    client.put_secret_value(SecretId=storage.secret_arn, SecretString=secret)
    log = io.StringIO()
    api = ObjectsApi(application(storage.environment(counting.url), log))
    for key in "ab":
        api.write(key, "x")
    assert len(api("PUT").json["objects"]) == 2
    reply = api("PUT", query={"limit": "1"})
    assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
    assert "expected a JSON object with token" in log.getvalue()
