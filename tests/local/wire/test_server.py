"""The HTTP server against clients of every kind, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.wire.client import HttpClient
from cloudworthy.local.wire.server import HttpServer, PortTakenError, serialize_response


async def echo(request: Request) -> Response:
    """Says back what arrived."""
    headers = [("X-Method", request.method), ("X-Target", request.target)]
    return Response(200, headers, request.body)


@asynccontextmanager
async def serving(
    handler: Handler = echo, *, max_body_bytes: int = 100_000_000, max_header_bytes: int = 8_000
) -> AsyncIterator[int]:
    server = HttpServer(handler, max_body_bytes=max_body_bytes, max_header_bytes=max_header_bytes)
    port = await server.start(0)
    try:
        yield port
    finally:
        await server.stop(grace_s=0)


async def talk(port: int, data: bytes, *, until_close: bool = True) -> bytes:
    """Send bytes and read everything the server says."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        if until_close:
            return await asyncio.wait_for(reader.read(), 5)
        return await asyncio.wait_for(reader.read(65536), 5)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def get(path: str = "/", *, close: bool = True, extra: str = "") -> bytes:
    ending = "Connection: close\r\n" if close else ""
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n{extra}{ending}\r\n".encode("latin-1")


def post(body: bytes, *, close: bool = True) -> bytes:
    ending = "Connection: close\r\n" if close else ""
    head = f"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{ending}\r\n"
    return head.encode() + body


async def test_target_and_headers_arrive_as_they_were_sent() -> None:
    seen: list[Request] = []

    async def handler(request: Request) -> Response:
        seen.append(request)
        return Response(204)

    target = "/a%20b/%2F//c?x=%41&x=&y"
    async with serving(handler) as port:
        answer = await talk(port, get(target, extra="X-Twice: 1\r\nx-twice: 2\r\nX-Utf: \xe9\r\n"))
    assert answer.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"ontent-Length" not in answer
    assert seen[0].target == target
    assert seen[0].headers == [
        ("Host", "x"), ("X-Twice", "1"), ("x-twice", "2"), ("X-Utf", "\xe9"),
        ("Connection", "close"),
    ]  # fmt: skip
    assert seen[0].client_ip == "127.0.0.1"


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_not_http_is_a_400_and_the_end(data: bytes) -> None:
    async with serving() as port:
        answer = await talk(port, data)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Connection: close" in answer


async def test_an_upgrade_is_answered_as_if_it_had_not_been_asked_for() -> None:
    async with serving() as port:
        answer = await talk(port, get(close=False, extra="Upgrade: h2c\r\nConnection: Upgrade\r\n"))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.count(b"HTTP/1.1") == 1


async def test_pipelined_requests_are_answered_in_order() -> None:
    async def slower_first(request: Request) -> Response:
        await asyncio.sleep(0.05 if request.target == "/0" else 0)
        return Response(200, [], request.target.encode())

    async with serving(slower_first) as port:
        requests = b"".join(get(f"/{n}", close=n == 199) for n in range(200))
        answer = await talk(port, requests)
    bodies = [part.partition(b"\r\n\r\n")[2] for part in answer.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [f"/{n}".encode() for n in range(200)]


async def test_a_malformed_request_does_not_take_the_one_before_with_it() -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(0.02)
        return Response(200, [], b"first")

    async with serving(slow) as port:
        answer = await talk(port, get(close=False) + b"garbage\r\n\r\n")
    assert answer.index(b"first") < answer.index(b"400 Bad Request")


async def test_nothing_is_carried_out_after_a_request_to_close() -> None:
    seen: list[str] = []

    async def handler(request: Request) -> Response:
        seen.append(request.target)
        return Response(200)

    async with serving(handler) as port:
        await talk(port, get("/1") + get("/2"))
    assert seen == ["/1"]


async def test_a_connection_is_kept_for_the_next_request() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for body in (b"one", b"two", b"three"):
            writer.write(post(body, close=False))
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            assert b"Connection: keep-alive" in head
            assert await reader.readexactly(len(body)) == body
        writer.close()


async def test_chunked_bodies_are_put_together() -> None:
    chunked = (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"3\r\nabc\r\n4;name=value\r\ndefg\r\n0\r\n\r\n"
    )
    async with serving() as port:
        assert (await talk(port, chunked)).endswith(b"\r\n\r\nabcdefg")


async def test_trailers_do_not_become_headers() -> None:
    seen: list[Request] = []

    async def handler(request: Request) -> Response:
        seen.append(request)
        return Response(200)

    chunked = (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\na\r\n0\r\nAuthorization: forged\r\n\r\n"
    )
    async with serving(handler) as port:
        await talk(port, chunked, until_close=False)
    assert seen[0].header("authorization") is None


async def test_the_client_that_waits_for_100_continue_gets_it() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5) == (
            b"HTTP/1.1 100 Continue\r\n\r\n"
        )
        writer.write(b"ok")
        assert (await asyncio.wait_for(reader.readuntil(b"ok"), 5)).startswith(b"HTTP/1.1 200 OK")
        writer.close()


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large_is_413_and_the_client_can_read_it(*, chunked: bool) -> None:
    body = b"x" * 3_000_000
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
    if chunked:
        data = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body
    else:
        data = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    async with serving(max_body_bytes=100_000) as port:
        answer = await talk(port, data)
    final = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n") if chunked else answer
    assert final.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "data",
    [
        get("/" + "a" * 10_000),
        get(extra="X-Long: " + "b" * 10_000 + "\r\n"),
        get(extra="".join(f"X-{n}: y\r\n" for n in range(2_000))),
        b"GET / HTTP/1.1\r\nX-Endless: " + b"c" * 1_000_000,
    ],
)
async def test_headers_that_are_too_long_are_431(data: bytes) -> None:
    async with serving() as port:
        assert (await talk(port, data)).startswith(b"HTTP/1.1 431 ")


async def test_large_bodies_pass_both_ways_whatever_the_header_limit() -> None:
    body = bytes(range(256)) * 40_000
    async with serving() as port:
        client = HttpClient("127.0.0.1", port)
        for _ in range(2):
            response = await client.request("POST", "/", [], body)
            assert response.body == body
        client.close()


async def test_a_client_that_goes_away_cancels_its_request() -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def endless(_: Request) -> Response:
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return Response(200)

    async with serving(endless) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(get())
        await asyncio.wait_for(started.wait(), 5)
        writer.close()
        await asyncio.wait_for(cancelled.wait(), 5)
    assert cancelled.is_set()


async def test_an_exception_in_the_handler_is_a_500_without_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def failing(_: Request) -> Response:
        raise RuntimeError("secret detail")

    async with serving(failing) as port:
        answer = await talk(port, get())
    assert answer.startswith(b"HTTP/1.1 500 Internal Server Error")
    assert b"secret detail" not in answer
    assert "secret detail" in caplog.text


async def test_stopping_lets_a_running_request_finish() -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(0.1)
        return Response(200, [], b"done")

    server = HttpServer(slow)
    port = await server.start(0)
    answer = asyncio.create_task(talk(port, get()))
    await asyncio.sleep(0.03)
    await server.stop(grace_s=2)
    assert (await answer).endswith(b"done")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_taken_port_says_which_option_chooses_another() -> None:
    async with serving() as port:
        with pytest.raises(PortTakenError, match=f"Port {port} .*--endpoint-port"):
            await HttpServer(echo).start(port, option="--endpoint-port")


def test_a_line_break_in_a_header_cannot_write_another_header() -> None:
    response = Response(200, [("Location", "/a\r\nSet-Cookie: b=c\n\nbody")])
    head = serialize_response(response, "GET", keep_alive=True)
    assert b"\r\nSet-Cookie" not in head
    assert b"Location: /a  Set-Cookie: b=c  body\r\n" in head


def test_head_states_the_length_and_sends_no_body() -> None:
    head = serialize_response(Response(200, [], b"12345"), "HEAD", keep_alive=True)
    assert b"Content-Length: 5\r\n" in head
    assert head.endswith(b"\r\n\r\n")


PIECES = st.sampled_from(
    [
        b"GET / HTTP/1.1\r\n", b"POST /x?y=%zz HTTP/1.1\r\n", b"Host: a\r\n", b"\r\n", b"\n",
        b"Content-Length: 5\r\n", b"Content-Length: 99999999999999999999\r\n", b"hello",
        b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n",
        b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"X: \x00\xff\r\n", b" folded\r\n",
        b"Upgrade: websocket\r\nConnection: upgrade\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=40)), max_size=12), st.integers(1, 64))
def test_any_bytes_in_any_pieces_get_an_answer_or_a_close(parts: list[bytes], size: int) -> None:
    assert asyncio.run(_failures_of(b"".join(parts), size)) == []


async def _failures_of(data: bytes, size: int) -> list[dict[str, object]]:
    """What the event loop complained of while the server got these bytes."""
    failures: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for start in range(0, len(data), size):
            writer.write(data[start : start + size])
        await writer.drain()
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
        # Whatever came of it, the server goes on for others.
        assert (await talk(port, get())).startswith(b"HTTP/1.1 200 OK")
    return failures
