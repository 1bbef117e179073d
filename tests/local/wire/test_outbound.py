from __future__ import annotations

import pytest

from cloudworthy.local.model.http import Request, Response, UnknownHostError, UnreachableError
from cloudworthy.local.wire.outbound import OutboundHttp
from cloudworthy.local.wire.server import HttpServer


async def test_a_request_goes_out_as_it_is() -> None:
    requests: list[Request] = []

    async def handle(request: Request) -> Response:
        requests.append(request)
        return Response(302, [("Location", "/elsewhere")], b"moved")

    server = HttpServer(handle)
    port = await server.start(0)
    outbound = OutboundHttp()
    try:
        for path in ("/a%20b?c=d", ""):
            url = f"http://127.0.0.1:{port}{path}"
            response = await outbound.send("PUT", url, [("X-One", "1")], b"body")
            assert (response.status, response.body) == (302, b"moved")
    finally:
        outbound.close()
        await server.stop()
    assert [request.target for request in requests] == ["/a%20b?c=d", "/"]
    assert requests[0].header("host") == f"127.0.0.1:{port}"
    assert (requests[0].header("x-one"), requests[0].body) == ("1", b"body")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/", UnreachableError),
        ("https://127.0.0.1:1/", UnreachableError),
        ("ftp://x/", UnknownHostError),
        ("nonsense", UnknownHostError),
        ("http://", UnknownHostError),
        ("http://127.0.0.1:99999/", UnknownHostError),
        ("http://127.0.0.1:http/", UnknownHostError),
        ("http://[127.0.0.1/", UnknownHostError),
        ("http://a..b/", UnknownHostError),
    ],
)
async def test_what_cannot_be_reached(url: str, error: type[UnreachableError]) -> None:
    with pytest.raises(UnreachableError) as caught:
        await OutboundHttp().send("GET", url, [])
    assert type(caught.value) is error
