"""Requests that are too long for an API, or for the function behind it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cloudworthy.local.apigateway.http.definition import build_http_apis
from cloudworthy.local.apigateway.size_limits import MAX_BODY_BYTES, MAX_HEADER_BYTES
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.functions import MAX_EVENT_BYTES, MAX_PAYLOAD_BYTES
from local.apigateway.backends import LAMBDA, api_of
from local.apigateway.http import deploying
from local.apigateway.http import serving as http
from local.apigateway.serving import rest_api, serving

CHUNKED = [("Transfer-Encoding", "chunked")]
BINARY = [("Content-Type", "image/png")]
REST = replace(rest_api("/x"), binary_media_types=("image/png",))
HTTP = http.http_api("ANY /x")
FITS_AS_BASE64, TOO_LONG_AS_BASE64 = 4_700_000, 4_720_000
"""Bytes that are 6.27 and 6.29 million characters, of the 6,291,456 that an event may have."""


async def test_a_chunked_body_counts_as_it_arrives() -> None:
    body = b"x" * (MAX_BODY_BYTES + 1)
    async with serving(REST) as served:
        rest = await served.send("POST", "/stage/x", CHUNKED, body)
        assert served.functions.requests == []
    async with http.serving(HTTP) as served_http:
        other = await served_http.send("POST", "/x", CHUNKED, body)
        assert served_http.functions.requests == []
    assert (rest.status, rest.body) == (413, b"HTTP content length exceeded 10485760 bytes.")
    assert (other.status, other.body) == (413, b'{"message":"Request Entity Too Large"}')


async def test_a_binary_body_counts_as_the_base64_that_a_function_gets() -> None:
    async with serving(REST) as served:
        rest = [
            await served.send("POST", "/stage/x", BINARY, bytes(size))
            for size in (FITS_AS_BASE64, TOO_LONG_AS_BASE64)
        ]
        assert len(served.functions.requests) == 1
    async with http.serving(HTTP) as served_http:
        other = [
            await served_http.send("POST", "/x", BINARY, bytes(size))
            for size in (FITS_AS_BASE64, TOO_LONG_AS_BASE64)
        ]
        assert len(served_http.functions.requests) == 1
    assert [each.status for each in (*rest, *other)] == [200, 413, 200, 413]
    assert json.loads(rest[1].body) == {"message": "Request Too Long"}
    assert json.loads(other[1].body) == {"message": "Request Entity Too Large"}


@pytest.mark.parametrize(
    ("kind", "limit"), [("RequestResponse", MAX_PAYLOAD_BYTES), ("Event", MAX_EVENT_BYTES)]
)
async def test_a_function_that_is_no_proxy_gets_as_much_as_lambda_takes(
    kind: str, limit: int
) -> None:
    mapped = {"header.X-Amz-Invocation-Type": f"'{kind}'"}
    api = api_of(replace(LAMBDA, request_parameters=mapped))
    async with serving(api) as served:
        statuses = [
            (await served.send("POST", "/stage/x", [], b'"%s"' % (b"x" * length))).status
            for length in (limit - 2, limit - 1)
        ]
        assert len(served.functions.requests) == 1
    assert statuses == [200, 413]


@pytest.mark.parametrize("place", ["target", "header"])
async def test_an_http_api_takes_10240_bytes_of_request_line_and_header_values(
    place: str,
) -> None:
    async with http.serving(HTTP) as served:
        host = "127.0.0.1"
        taken = len("GET /x?a= HTTP/1.1") + len(host)
        statuses = []
        for number in (MAX_HEADER_BYTES - taken, MAX_HEADER_BYTES - taken + 1):
            value = "v" * number
            target, headers = (f"/x?a={value}", []) if place == "target" else ("/x?a=", [value])
            sent = [("Host", host), *(("X-Long", it) for it in headers)]
            statuses.append((await served.send("GET", target, sent)).status)
    assert statuses == [200, 431]


@pytest.mark.parametrize(("timeout", "expected_s"), [({}, 30.0), ({"TimeoutInMillis": 50}, 0.05)])
def test_an_integration_of_an_http_api_may_take_30_seconds(
    timeout: dict[str, int], expected_s: float
) -> None:
    (api,) = build_http_apis(deploying.deployment({"GET /x": {}}, deploying.integration(**timeout)))
    assert api.routes[0].integration.timeout_s == expected_s


@pytest.mark.parametrize("timeout_ms", [49, 30_001])
def test_a_timeout_that_an_http_api_does_not_take(timeout_ms: int) -> None:
    found = deploying.integration(TimeoutInMillis=timeout_ms)
    with pytest.raises(TemplateError, match="50 to 30000 ms"):
        build_http_apis(deploying.deployment({"GET /x": {}}, found))
