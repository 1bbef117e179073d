"""CORS headers are on every answer, errors included."""

from __future__ import annotations

import pytest

from services.api import Api
from services.systems import WEB, System, every_system

REQUESTS = [
    ("GET", "/items", None),
    ("POST", "/items", "{}"),
    ("POST", "/items", "nonsense"),
    ("GET", "/items/x", None),
    ("PATCH", "/items", None),
    ("GET", "/nothing", None),
    ("OPTIONS", "/items", None),
]


def api_for(endpoint: str, origins: str, system: System = WEB) -> Api:
    return Api(system.handler(endpoint, CORS_ORIGINS=origins), system)


@every_system
def test_every_answer_of_every_system_has_them(system: System, dynamodb: str) -> None:
    api = api_for(dynamodb, "https://a.example", system)
    item = system.path(api.create())
    for method, path, status in (
        ("GET", system.collection, 200),
        ("POST", system.collection, 400),
        ("PATCH", system.collection, 405),
        ("GET", item, 200),
        ("OPTIONS", item, 204),
        ("GET", "/not/anything/here", 404),
    ):
        reply = api(method, path)
        assert (reply.status, reply.headers["Vary"]) == (status, "Origin")
        assert reply.headers["Access-Control-Allow-Origin"] == "https://a.example"


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
@pytest.mark.parametrize(
    ("origin", "answered"),
    [
        ({"Origin": "https://a.example"}, "https://a.example"),
        ({"origin": "https://b.example"}, "https://b.example"),
        ({"Origin": "https://evil.example"}, "https://a.example"),
        ({}, "https://a.example"),
    ],
)
def test_an_allowed_origin_is_echoed(
    dynamodb: str, method: str, path: str, body: str | None, origin: dict[str, str], answered: str
) -> None:
    api = api_for(dynamodb, "https://a.example, https://b.example")
    reply = api(method, path, body, headers=origin)
    assert reply.headers["Access-Control-Allow-Origin"] == answered
    assert reply.headers["Vary"] == "Origin"


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_a_star_is_for_everyone(dynamodb: str, method: str, path: str, body: str | None) -> None:
    reply = api_for(dynamodb, "*")(method, path, body, headers={"Origin": "https://x.example"})
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in reply.headers["Access-Control-Expose-Headers"]


def test_an_answer_to_an_event_that_cannot_be_read_has_them_too(dynamodb: str) -> None:
    event = {"httpMethod": "POST", "resource": "/items", "body": "*", "isBase64Encoded": True}
    reply = api_for(dynamodb, "*").send(event)
    assert reply.status == 400
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_head_has_the_headers_of_get_and_no_body(api: Api) -> None:
    path = f"/items/{api.create()['item_id']}"
    get, head = api("GET", path), api("HEAD", path)
    assert (head.status, head.body) == (200, "")
    assert head.headers == get.headers


def test_options_that_reaches_the_function_is_answered(api: Api) -> None:
    reply = api("OPTIONS", "/items")
    assert (reply.status, reply.body) == (204, "")
    assert reply.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
