from __future__ import annotations

import json

import pytest

from cloudworthy.local.apigateway.errors import GatewayError
from cloudworthy.local.apigateway.proxy_response import parse_proxy_response


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"not json",
        b"null",
        b"[]",
        b"7",
        b'{"body": NaN}',
        b'{"statusCode": true}',
        b'{"statusCode": null}',
        b'{"statusCode": "2xx"}',
        b'{"statusCode": "\xc2\xb2\xc2\xb2\xc2\xb2"}',
        b'{"statusCode": 100}',
        b'{"statusCode": 600}',
        b'{"statusCode": 200.5}',
        b'{"body": []}',
        b'{"headers": []}',
        b'{"headers": {"a": {}}}',
        b'{"multiValueHeaders": {"a": {}}}',
        b'{"multiValueHeaders": {"a": [[]]}}',
        b'{"cookies": []}',
    ],
)
def test_malformed_answers(payload: bytes) -> None:
    with pytest.raises(GatewayError) as caught:
        parse_proxy_response(payload, accepts_binary=False)
    assert caught.value.status == 502


@pytest.mark.parametrize(
    ("body", "expected"), [(None, b""), ("", b""), (5, b"5"), (1.5, b"1.5"), (True, b"true")]
)
def test_scalars_become_text(body: object, expected: bytes) -> None:
    payload = json.dumps({"body": body}).encode()
    assert parse_proxy_response(payload, accepts_binary=False).body == expected


def test_half_of_a_surrogate_pair_is_replaced() -> None:
    response = parse_proxy_response(b'{"body": "cut \\ud83d"}', accepts_binary=False)
    assert response.body == b"cut ?"


def test_a_value_in_both_kinds_of_header_is_sent_once() -> None:
    payload = b'{"headers": {"X-A": "1"}, "multiValueHeaders": {"x-a": ["1", "2"]}}'
    response = parse_proxy_response(payload, accepts_binary=False)
    assert [value for name, value in response.headers if name == "x-a"] == ["1", "2"]


def test_a_header_without_a_value_is_left_out() -> None:
    response = parse_proxy_response(b'{"headers": {"X-A": null}}', accepts_binary=False)
    assert response.header("x-a") is None
