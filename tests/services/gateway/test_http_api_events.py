"""Events of HTTP APIs, payload version 2.0, as the facts have them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facts.facts import fact
from gateway.errors import BadRequestError
from gateway.request import Request, request_of
from services.storage.http_api import event_of


def request_with(**members: Any) -> Request:
    return request_of({"version": "2.0", **members}, "invocation-1")


def test_an_event_with_nothing_in_it() -> None:
    request = request_with()
    assert (request.method, request.path, request.resource) == ("GET", "/", "")
    assert (dict(request.query), request.body, request.caller) == ({}, b"", "")
    assert request.request_id == "invocation-1"


def test_method_path_and_id() -> None:
    request = request_of(event_of("POST", "/api/data", "", {}, b""), "invocation-1")
    assert (request.method, request.path) == ("POST", "/api/data")
    assert request.request_id == "HBhapgCqoAMEJ0w="


@pytest.mark.parametrize("fact_id", ["httpapi-event-006", "httpapi-event-007"])
def test_a_path_without_the_name_of_the_stage(fact_id: str) -> None:
    expect = fact(fact_id).expect
    context = {"stage": expect["requestContext.stage"]}
    assert request_with(rawPath=expect["rawPath"], requestContext=context).path == "/pets/6"
    other = request_with(rawPath="/device", requestContext={"stage": "dev"})
    assert other.path == "/device"


def test_repeated_parameters_and_cookies() -> None:
    expect = fact("httpapi-event-016").expect
    request = request_with(
        rawQueryString=expect["rawQueryString"],
        queryStringParameters=expect["queryStringParameters"],
        cookies=expect["cookies"],
        headers={"x-a": "1,2"},
    )
    assert request.query == {"status": ["pending"], "tag": ["important", "urgent"]}
    assert request.headers == {"x-a": "1,2", "cookie": "session=abc123; theme=dark"}


def test_a_comma_in_a_parameter_is_the_callers() -> None:
    request = request_with(rawQueryString="a=1%2C2&b=1+%2B&c=&d=%C3%BC")
    assert request.query == {"a": ["1,2"], "b": ["1 +"], "c": [""], "d": ["ü"]}


def test_a_query_that_is_not_utf8() -> None:
    with pytest.raises(BadRequestError, match="query: not UTF-8"):
        request_with(rawQueryString="a=%ff")


@given(body=st.binary(), path=st.text(), query=st.text())
def test_whatever_is_sent_arrives(body: bytes, path: str, query: str) -> None:
    """Nothing that a caller may send makes the parser fail, and no byte of a body is lost."""
    encoded = base64.b64encode(body).decode()
    request = request_with(rawPath=path, body=encoded, isBase64Encoded=True, rawQueryString=query)
    assert request.body == body
    assert request.path == (path or "/")


@pytest.mark.parametrize(
    ("authorizer", "caller"),
    [
        ({"jwt": {"claims": {"sub": "u-1"}, "scopes": None}}, "u-1"),
        ({"iam": {"userArn": "arn:aws:iam::1:user/u"}}, "arn:aws:iam::1:user/u"),
        ({"lambda": {"principalId": "token"}}, "token"),
        ({"lambda": None}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_the_caller_is_whom_the_authorizer_found(authorizer: Any, caller: str) -> None:
    assert request_with(requestContext={"authorizer": authorizer}).caller == caller


def test_a_rest_api_event_is_read_as_before() -> None:
    event = {"version": "1.0", "httpMethod": "PUT", "resource": "/items/{id}", "path": "/items/1"}
    request = request_of(event, "invocation-1")
    assert (request.method, request.resource, request.path) == ("PUT", "/items/{id}", "/items/1")
