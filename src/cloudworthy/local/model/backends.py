"""The engines that carry out AWS API calls."""

from __future__ import annotations

from typing import Protocol

from cloudworthy.local.model.http import Request, Response

ENGINE_FAILURE_HEADER = "x-cloudworthy-engine-failure"
"""On an answer that is the engine's own failure, which no AWS service would give: the reason."""

STORAGE_FAILED = 507
"""With that header: the engine could not write the request down, and has not carried it out."""


WITHHELD_HEADER = "x-cloudworthy-withheld"
"""On a message to a topic: the ARNs of subscribed queues that are not to get it, with commas."""


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
