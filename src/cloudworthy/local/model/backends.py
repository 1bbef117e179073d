"""The engines that carry out AWS API calls."""

from __future__ import annotations

from typing import Protocol

from cloudworthy.local.model.http import Request, Response


class Backend(Protocol):
    """An AWS-compatible service, spoken to in its own protocol."""

    async def send(self, request: Request) -> Response:
        """Hand a request on unchanged.

        Raises
        ------
        BackendUnavailableError
            The engine is down; the request may or may not have been carried out.
        """
        ...


class BackendUnavailableError(Exception):
    """The engine did not answer."""
