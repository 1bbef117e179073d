"""An HTTP client that sends and shows every header as it is on the wire."""

from __future__ import annotations

import asyncio

from cloudworthy.local.model.http import Response

Headers = list[tuple[str, str]]


class RawClient:
    """One connection a request, as unlike the runtime's own client as can be."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def request(
        self, method: str, target: str, headers: Headers, body: bytes = b""
    ) -> Response:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(_serialized(method, target, headers, body, self.port))
            return await _answer(reader, has_body=method != "HEAD")
        finally:
            writer.close()
            await writer.wait_closed()


def _serialized(method: str, target: str, headers: Headers, body: bytes, port: int) -> bytes:
    names = {name.lower() for name, _ in headers}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    if "host" not in names:
        lines.append(f"Host: 127.0.0.1:{port}")
    if "transfer-encoding" in names:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    elif body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def _answer(reader: asyncio.StreamReader, *, has_body: bool) -> Response:
    status, headers = await _head(reader)
    while status < 200:
        status, headers = await _head(reader)
    response = Response(status, headers)
    length = int(response.header("content-length") or 0)
    if has_body and status not in (204, 304):
        response.body = await reader.readexactly(length)
    return response


async def _head(reader: asyncio.StreamReader) -> tuple[int, Headers]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = head.rstrip().split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return int(status_line.split(" ")[1]), headers
