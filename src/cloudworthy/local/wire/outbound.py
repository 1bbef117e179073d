"""Calls of servers that are no part of the runtime: issuers of tokens, proxied backends."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import SplitResult, urlsplit

from cloudworthy.local.model.http import Response, UnknownHostError, UnreachableError
from cloudworthy.local.wire.client import HttpClient, PeerUnavailableError

_PORTS = {"http": 80, "https": 443}


class OutboundHttp:
    """One client, with its kept-alive connections, for each server.

    Parameters
    ----------
    shows_connection
        Whether answers have their ``Connection`` header.
    """

    def __init__(self, *, shows_connection: bool = False) -> None:
        self._shows_connection = shows_connection
        self._clients: dict[tuple[str, str, int], HttpClient] = {}

    async def send(
        self, method: str, url: str, headers: list[tuple[str, str]], body: bytes = b""
    ) -> Response:
        parts, client = self._client_for(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        named = any(name.lower() == "host" for name, _ in headers)
        own = [] if named else [("Host", parts.netloc)]
        try:
            return await client.request(method, target, [*own, *headers], body)
        except UnicodeError as error:
            raise UnknownHostError(f"{parts.hostname} is no name of a host") from error
        except (PeerUnavailableError, OSError) as error:
            if isinstance(error.__cause__, socket.gaierror):
                raise UnknownHostError(str(error)) from error
            raise UnreachableError(str(error)) from error

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _client_for(self, url: str) -> tuple[SplitResult, HttpClient]:
        """The parts of a URL, and who speaks to its server."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme)
        except ValueError as error:
            raise UnknownHostError(f"{url}: {error}") from error
        if port is None or parts.scheme not in _PORTS or not parts.hostname:
            raise UnknownHostError(f"{url} is no HTTP URL")
        return parts, self._client(parts.scheme, parts.hostname, port)

    def _client(self, scheme: str, host: str, port: int) -> HttpClient:
        key = (scheme, host, port)
        if key not in self._clients:
            tls = ssl.create_default_context() if scheme == "https" else None
            self._clients[key] = HttpClient(
                host, port, tls=tls, shows_connection=self._shows_connection
            )
        return self._clients[key]
