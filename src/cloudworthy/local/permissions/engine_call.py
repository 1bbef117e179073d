"""Asking an engine about what it keeps, to decide by."""

from __future__ import annotations

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.model.backends import Backend, BackendUnavailableError
from cloudworthy.local.model.http import Request, Response

_NOT_IMPLEMENTED = 501


async def answer_of(engine: Backend, request: Request) -> Response | None:
    """The engine's answer; None if it knows no such thing.

    Raises
    ------
    AwsError
        The engine is down: nothing can be decided without it, and SDKs try again.
    """
    try:
        response = await engine.send(request)
    except BackendUnavailableError as error:
        raise _unavailable() from error
    if response.status >= 500 and response.status != _NOT_IMPLEMENTED:
        raise _unavailable()
    return response if response.status == 200 else None


def _unavailable() -> AwsError:
    message = "The service is restarting. Please try again."
    return AwsError("ServiceUnavailable", message, 503)
