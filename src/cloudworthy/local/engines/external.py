"""Another AWS-compatible endpoint in the place of moto (``--services-endpoint``)."""

from __future__ import annotations

from urllib.parse import urlsplit

from cloudworthy.local.model.backends import Backend, BackendUnavailableError
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.wire.client import HttpClient, PeerUnavailableError


class EndpointUrlError(CloudworthyError):
    """The URL given cannot be an endpoint."""


class ExternalEndpoint:
    """A server that someone else started and keeps running.

    Parameters
    ----------
    url
        ``http://host:port``. Signatures cover the host that the SDK called, so the server
        must not check them, as local AWS emulators do not.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.path not in {"", "/"}:
            raise EndpointUrlError(
                f"--services-endpoint: found {url!r}, expected http://HOST:PORT. "
                "Give the address of an AWS-compatible server."
            )
        self.url = url
        self._client = HttpClient(parts.hostname, parts.port or 80)

    async def start(self) -> Backend:
        return self

    async def stop(self) -> None:
        self._client.close()

    async def send(self, request: Request) -> Response:
        try:
            return await self._client.request(
                request.method, request.target, request.headers, request.body
            )
        except PeerUnavailableError as error:
            raise BackendUnavailableError(f"{self.url}: {error}") from error
