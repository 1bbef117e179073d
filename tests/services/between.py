"""Between a service and AWS: sees what is asked, and may fail instead."""

from __future__ import annotations

from contextlib import suppress
from http.client import HTTPConnection
from typing import Final

from local_server import AnyRequest, LocalServer

_HOP_BY_HOP: Final = frozenset(
    {"connection", "content-length", "date", "server", "transfer-encoding"}
)


class Between(LocalServer):
    """Hands requests on to an endpoint, remembers them, and may fail instead.

    Attributes
    ----------
    asked
        The operations, in order, such as ``GetItem``; method and path, such as ``GET /bucket/key``,
        where no header names the operation.
    failures
        Answers to give instead of handing on, one a request: status and body; None hands the
        request on but closes the connection instead of answering.
    """

    def __init__(self, endpoint: str) -> None:
        super().__init__(_Hop)
        self.backend = endpoint.removeprefix("http://")
        self.asked: list[str] = []
        self.failures: list[tuple[int, bytes] | None] = []


class _Hop(AnyRequest):
    server: Between

    def handle_any(self) -> None:
        body = self.body()
        operation = self.headers.get("X-Amz-Target", "").partition(".")[2]
        self.server.asked.append(operation or f"{self.command} {self.path.partition('?')[0]}")
        if not self.server.failures:
            self._answer(*self._hand_on(body))
            return
        failure = self.server.failures.pop(0)
        if failure is None:
            self._hand_on(body)
            self.close_connection = True
        else:
            kind = "application/x-amz-json-1.0" if operation else "application/xml"
            self._answer(failure[0], [("Content-Type", kind)], failure[1])

    def _hand_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(self.server.backend)
        connection.request(self.command, self.path, body=body, headers=dict(self.headers))
        response = connection.getresponse()
        headers = [it for it in response.getheaders() if it[0].lower() not in _HOP_BY_HOP]
        answer = response.status, headers, response.read()
        connection.close()
        return answer

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        with suppress(ConnectionError):  # A client may not want to read it all.
            self.answer(status, headers, body)
