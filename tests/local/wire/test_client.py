"""The HTTP client against well-behaved and ill-behaved peers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.wire.client import HttpClient, PeerRefusedError, PeerUnavailableError
from cloudworthy.local.wire.server import HttpServer

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def client_of(serve: Serve) -> AsyncIterator[HttpClient]:
    """A client of a peer that does this with each connection, until it ends."""
    running: set[asyncio.Task[None]] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(asyncio.ensure_future(served(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    client = HttpClient("127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        yield client
    finally:
        client.close()
        server.close()
        if running:
            await asyncio.wait(running, timeout=5)


@asynccontextmanager
async def peer(answer: bytes, *, closes: bool = True) -> AsyncIterator[HttpClient]:
    """A peer that reads one request's head and says fixed bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        if not closes:
            await reader.read()

    async with client_of(serve) as client:
        yield client


async def test_nobody_there_means_that_nothing_was_sent() -> None:
    server = HttpServer(lambda _: asyncio.sleep(0, Response(200)))
    port = await server.start(0)
    await server.stop()
    with pytest.raises(PeerRefusedError):
        await HttpClient("127.0.0.1", port).request("GET", "/", [])


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"not http at all\r\n\r\n",
    ],
)
async def test_an_answer_that_is_not_complete_is_none(answer: bytes) -> None:
    async with peer(answer) as client:
        with pytest.raises(PeerUnavailableError) as caught:
            await asyncio.wait_for(client.request("GET", "/", []), 5)
    assert not isinstance(caught.value, PeerRefusedError)


async def test_an_answer_without_length_ends_with_the_connection() -> None:
    async with peer(b"HTTP/1.1 200 OK\r\n\r\nall of it") as client:
        assert (await client.request("GET", "/", [])).body == b"all of it"


@asynccontextmanager
async def named_peer(before: bytes, after: bytes) -> AsyncIterator[HttpClient]:
    """A peer that answers each request with its path, and says more before or after that."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            method, path, _ = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
            name = path.strip(b"/")
            head = b"HTTP/1.1 200 OK\r\nX-For: %b\r\nContent-Length: %d\r\n\r\n"
            body = b"" if method == b"HEAD" else name
            writer.write(before + head % (name, len(name)) + body + after)

    async with client_of(serve) as client:
        yield client


_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
_MORE = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n", b""),
        (b"HTTP/1.1 102 Processing\r\n\r\n", b""),
        (_HINTS, b""),
        (_HINTS + _HINTS, b""),
        (b"", _MORE),
        (b"", b"HT"),
        (b"", b"\0"),
        (b"", _HINTS),
    ],
)
async def test_everybody_gets_the_answer_to_their_own_request(
    method: str, before: bytes, after: bytes
) -> None:
    async with named_peer(before, after) as client:
        for name in ("alice", "bob", "carol"):
            response = await asyncio.wait_for(client.request(method, f"/{name}", []), 5)
            assert (response.status, response.header("x-for")) == (200, name)
            assert response.header("link") is None
            assert response.body == (b"" if method == "HEAD" else name.encode())


async def test_what_an_idle_connection_says_is_nobody_s_answer() -> None:
    served: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(writer)
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with client_of(serve) as client:
        await client.request("GET", "/", [])
        served[0].write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        await asyncio.wait_for(closed(served[0]), 5)
        assert (await client.request("GET", "/", [])).status == 200
        assert len(served) == 2


async def closed(writer: asyncio.StreamWriter) -> None:
    """Until the other side has closed the connection."""
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_an_answer_that_does_not_come_is_not_the_one_before() -> None:
    """One without a body needs no length, and does not end with its connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")

    async with client_of(serve) as client:
        assert (await client.request("GET", "/first", [])).status == 204
        with pytest.raises(PeerUnavailableError):
            await asyncio.wait_for(client.request("GET", "/second", []), 5)


async def test_a_chunked_answer_comes_whole_and_without_the_hop_s_headers() -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n"
        b"X-Kept: 1\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    )
    async with peer(answer, closes=False) as client:
        response = await asyncio.wait_for(client.request("GET", "/", []), 5)
    assert response.body == b"abc"
    assert response.headers == [("X-Kept", "1")]


async def test_headers_of_the_hop_are_not_sent_on() -> None:
    seen: list[Request] = []

    async def handler(request: Request) -> Response:
        seen.append(request)
        return Response(200)

    server = HttpServer(handler)
    client = HttpClient("127.0.0.1", await server.start(0))
    sent = [("Transfer-Encoding", "chunked"), ("Expect", "100-continue"), ("X-Kept", "1")]
    await client.request("PUT", "/", sent, b"body")
    assert seen[0].body == b"body"
    assert seen[0].header("transfer-encoding") is seen[0].header("expect") is None
    assert seen[0].header("x-kept") == "1"
    client.close()
    await server.stop()


async def test_many_at_once_each_get_their_own_answer() -> None:
    async def echo(request: Request) -> Response:
        await asyncio.sleep(0.001)
        return Response(200, [], request.body)

    server = HttpServer(echo)
    client = HttpClient("127.0.0.1", await server.start(0))

    async def one(number: int) -> bool:
        body = str(number).encode()
        return (await client.request("POST", "/", [], body)).body == body

    assert all(await asyncio.gather(*(one(number) for number in range(200))))
    client.close()
    await server.stop()


async def test_head_has_a_length_and_no_body_and_keeps_the_connection() -> None:
    seen: list[str] = []

    async def handler(request: Request) -> Response:
        seen.append(request.method)
        return Response(200, [("Content-Length", "77")] if request.method == "HEAD" else [])

    server = HttpServer(handler)
    client = HttpClient("127.0.0.1", await server.start(0))
    for method in ("HEAD", "GET", "HEAD", "HEAD", "GET"):
        response = await asyncio.wait_for(client.request(method, "/", []), 5)
        assert response.header("content-length") == ("77" if method == "HEAD" else "0")
        assert response.body == b""
    assert len(seen) == 5
    assert len(client._idle) == 1
    client.close()
    await server.stop()


async def test_head_in_two_pieces() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
        await asyncio.sleep(0.02)
        writer.write(b"ngth: 5\r\n\r\n")

    async with client_of(serve) as client:
        response = await asyncio.wait_for(client.request("HEAD", "/", []), 5)
    assert response.header("content-length") == "5"


async def test_a_peer_that_restarted_is_connected_to_anew() -> None:
    async def ok(_: Request) -> Response:
        return Response(200)

    first = HttpServer(ok)
    port = await first.start(0)
    client = HttpClient("127.0.0.1", port)
    await client.request("GET", "/", [])
    await first.stop(grace_s=0)
    second = HttpServer(ok)
    await second.start(port)
    await asyncio.sleep(0.01)
    assert (await client.request("GET", "/", [])).status == 200
    client.close()
    await second.stop()


async def test_a_header_is_one_line_whatever_is_in_it() -> None:
    seen: list[Request] = []

    async def handler(request: Request) -> Response:
        seen.append(request)
        return Response(200)

    server = HttpServer(handler)
    client = HttpClient("127.0.0.1", await server.start(0))
    sent = [("X-A", "a\r\nX-Admin: 1"), ("X-C", "中é")]
    await client.request("GET", "/", sent)
    assert (seen[0].header("x-a"), seen[0].header("x-admin")) == ("a  X-Admin: 1", None)
    assert seen[0].header("x-c") == "?é"
    client.close()
    await server.stop()
