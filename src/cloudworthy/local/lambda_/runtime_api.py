"""Lambda's Runtime API, version 2018-06-01, for one worker.

Every worker has a listener of its own, on a port of its own: a request that arrives there
can only concern that worker, so no worker can take or answer another function's event by
naming another path. The runtime client knows only ``host:port``, which leaves no room for a
secret in the address, and a port can be found by trying all: so the kernel is asked whose a
connection is, and any but the worker's own is closed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from urllib.parse import unquote

from cloudworthy.local.lambda_.invocation import Invocation, Outcome, Status
from cloudworthy.local.model.http import Connection, Request, Response
from cloudworthy.local.wire.server import HttpServer

_PREFIX = "/2018-06-01/runtime"
_NEXT = f"{_PREFIX}/invocation/next"
_INVOCATION = f"{_PREFIX}/invocation/"
_INIT_ERROR = f"{_PREFIX}/init/error"

MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
"""Source: recorded on AWS, the number in the text of ``Function.ResponseSizeTooLarge``."""

RESPONSE_TOO_LARGE = "Function.ResponseSizeTooLarge"
_TOO_LARGE = (
    f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
)


class RuntimeApi:
    """Hands events to one worker and takes its answers.

    Parameters
    ----------
    admits
        Whether a connection is the worker's, or that of something it started.
    on_ready
        Called when the worker asks for an event for the first time: its init is over.
    on_init_error
        Called with the error when the handler could not be loaded.
    on_outcome
        Called with the answer to the event the worker has.
    """

    def __init__(
        self,
        *,
        admits: Callable[[Connection], bool],
        on_ready: Callable[[], None],
        on_init_error: Callable[[Outcome], None],
        on_outcome: Callable[[Outcome], None],
    ) -> None:
        self._on_ready = on_ready
        self._on_init_error = on_init_error
        self._on_outcome = on_outcome
        self._ready = False
        self._waiting: asyncio.Future[Response] | None = None
        self._next: Response | None = None
        self._current = ""
        self._server = HttpServer(self.handle, admits=admits)

    async def start(self) -> int:
        """Listen, and return the port."""
        return await self._server.start(0)

    async def stop(self) -> None:
        await self._server.stop(grace_s=0.0)

    def submit(self, invocation: Invocation, *, deadline_ms: int) -> None:
        """Give the worker its next event; it must not have one already."""
        self._current = invocation.request_id
        response = Response(200, self._headers(invocation, deadline_ms), invocation.payload)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(response)
        else:
            self._next = response

    async def handle(self, request: Request) -> Response:
        path = request.path
        if request.method == "GET" and path == _NEXT:
            return await self._hand_out()
        if request.method == "POST" and path.startswith(_INVOCATION):
            return self._answered(path, request)
        if request.method == "POST" and path == _INIT_ERROR:
            self._on_init_error(_reported_error(request))
            return _accepted()
        return _refused(404, "InvalidPath", f"No such operation: {request.method} {path}")

    def _headers(self, invocation: Invocation, deadline_ms: int) -> list[tuple[str, str]]:
        headers = [
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(deadline_ms)),
            ("Lambda-Runtime-Invoked-Function-Arn", invocation.function_arn),
            ("Lambda-Runtime-Trace-Id", invocation.trace_header),
        ]
        if invocation.client_context is not None:
            headers.append(("Lambda-Runtime-Client-Context", invocation.client_context))
        return headers

    async def _hand_out(self) -> Response:
        if not self._ready:
            self._ready = True
            self._on_ready()
        if self._next is None:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                return await self._waiting
            finally:
                self._waiting = None
        response, self._next = self._next, None
        return response

    def _answered(self, path: str, request: Request) -> Response:
        request_id, _, kind = path.removeprefix(_INVOCATION).partition("/")
        if not self._current or unquote(request_id) != self._current:
            return _refused(400, "InvalidRequestID", "Invalid request ID")
        if kind == "error":
            outcome = _reported_error(request)
        elif kind == "response" and len(request.body) <= MAX_RESPONSE_BYTES:
            outcome = Outcome(Status.SUCCESS, request.body)
        elif kind == "response":
            outcome = _response_too_large()
        else:
            return _refused(404, "InvalidPath", f"No such operation: POST {path}")
        self._current = ""
        self._on_outcome(outcome)
        if outcome.error_type == RESPONSE_TOO_LARGE:
            return _refused(413, "RequestEntityTooLarge", _TOO_LARGE)
        return _accepted()


def _response_too_large() -> Outcome:
    error = {"errorMessage": _TOO_LARGE, "errorType": RESPONSE_TOO_LARGE}
    return Outcome(
        Status.ERROR, json.dumps(error, separators=(",", ":")).encode(), RESPONSE_TOO_LARGE
    )


def _reported_error(request: Request) -> Outcome:
    error_type = request.header("Lambda-Runtime-Function-Error-Type") or _error_type(request.body)
    return Outcome(Status.ERROR, request.body, error_type)


def _error_type(body: bytes) -> str:
    try:
        error = json.loads(body)
    except ValueError:
        return "Unknown"
    return str(error.get("errorType", "Unknown")) if isinstance(error, dict) else "Unknown"


def _accepted() -> Response:
    return Response(202, [("Content-Type", "application/json")], b'{"status":"OK"}\n')


def _refused(status: int, error_type: str, message: str) -> Response:
    body = json.dumps({"errorMessage": message, "errorType": error_type}).encode()
    return Response(status, [("Content-Type", "application/json")], body)
