"""An HTTP message as it was on the wire: nothing decoded, merged or re-cased."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol


def header_value(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """The first value of a header, whatever the case of its name."""
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return None


@dataclass(frozen=True, eq=False)
class Connection:
    """A client's connection to one of our servers: one object as long as it lasts."""

    client: tuple[str, int]
    server: tuple[str, int]


@dataclass(slots=True)
class Request:
    """A request with its raw target (path and query, still percent-encoded)."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    client_ip: str = "127.0.0.1"
    connection: Connection | None = None
    """What it came over; None for a request that the runtime itself makes."""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        return header_value(self.headers, name)


@dataclass(slots=True)
class Response:
    """An answer; ``Content-Length`` and ``Date`` are added when it is written."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    lost: bool = False
    """It gets lost on its way: a server closes the connection in the place of writing it."""

    def header(self, name: str) -> str | None:
        return header_value(self.headers, name)


Handler = Callable[[Request], Awaitable[Response]]


class Outbound(Protocol):
    """Calls of servers that are no part of the runtime."""

    async def send(
        self, method: str, url: str, headers: list[tuple[str, str]], body: bytes = b""
    ) -> Response:
        """Send a request to an ``http`` or ``https`` URL; redirects are not followed.

        Raises
        ------
        UnreachableError
            The server did not answer; it may or may not have got the request.
        """
        ...


class UnreachableError(Exception):
    """A server that is no part of the runtime did not answer."""


class UnknownHostError(UnreachableError):
    """No server has that name."""
