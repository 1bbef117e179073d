"""The stages of a request, in one place."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_api.deadline import Deadline
from gateway.answer import Answer, answer_of, render
from gateway.errors import ApiError, InternalError
from gateway.request import Event, Request, is_request, request_of
from observability.logger import described

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools import Logger

    from gateway.cors import Cors
    from gateway.router import Router
    from observability.metrics import Metrics
    from observability.tracing import Tracing


@dataclass(frozen=True, slots=True)
class Observers:
    """Who hears of a request.

    Parameters
    ----------
    tellable
        Exceptions whose messages may be logged.
    """

    logger: Logger
    metrics: Metrics
    tracing: Tracing
    tellable: tuple[type[BaseException], ...] = ()


class UnknownEventError(Exception):
    """An event that is no request; one that came asynchronously is retried and then kept.

    Answered, were it with an error, it would count as handled, and be lost.
    """

    def __init__(self) -> None:
        super().__init__("found an event that is no request of an API, expected one")


class Application:
    """A Lambda handler for the routes of one function.

    Parameters
    ----------
    cors
        None behind an HTTP API, which writes these headers itself and drops ours.
    translate
        Makes an `ApiError` of an exception that means something to the client; None for one
        that does not, which is then answered with 500 and logged with its stack.
    deadline
        Begins with each request.
    """

    def __init__(
        self,
        router: Router,
        observers: Observers,
        cors: Cors | None,
        translate: Callable[[Exception], ApiError | None],
        *,
        deadline: Deadline | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._router = router
        self._observers = observers
        self._cors = cors
        self._translate = translate
        self._deadline = deadline or Deadline()
        self._monotonic = monotonic
        self._cold = True

    def __call__(self, event: Event, context: object) -> dict[str, Any]:
        started = self._monotonic()
        invocation_id = str(getattr(context, "aws_request_id", ""))
        self._deadline.begin(context)
        self._begin(invocation_id)
        request: Request | None = None
        with self._observers.tracing.invocation("handler") as span:
            if not is_request(event):
                raise UnknownEventError
            try:
                request = self._router.resolve(request_of(event, invocation_id))
                answer = self._router.find(request)(request)
            except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
                answer = self._failed(error, request.request_id if request else invocation_id)
            method, route = _reported(request)
            span.annotate(method=method, route=route, outcome=_outcome(answer.status))
            span.answered(answer.status)
        duration_ms = round((self._monotonic() - started) * 1000, 3)
        self._report(method, route, answer, request, duration_ms)
        return render(answer, request, self._cors)

    def _begin(self, invocation_id: str) -> None:
        self._observers.logger.append_keys(request_id=invocation_id, cold_start=self._cold)
        self._cold = False

    def _failed(self, error: Exception, request_id: str) -> Answer:
        known = error if isinstance(error, ApiError) else self._translate(error)
        answered = known or InternalError()
        if answered.status >= 500:
            message = "unexpected error" if known is None else "dependency failed"
            details = described(error, self._observers.tellable)
            self._observers.logger.error(message, exception=details)
        return answer_of(answered, request_id)

    def _report(
        self, method: str, route: str, answer: Answer, request: Request | None, duration_ms: float
    ) -> None:
        fields: dict[str, str | int] = {"method": method, "route": route, "status": answer.status}
        api_request_id = request.request_id if request else ""
        line = {**fields, "duration_ms": duration_ms, "api_request_id": api_request_id}
        self._observers.logger.info("request", extra=line)
        self._observers.metrics.count("Requests")
        if answer.status >= 500:
            self._observers.metrics.count("Fault")
        self._observers.metrics.milliseconds("Latency", duration_ms)
        self._observers.metrics.flush(**fields)


def _reported(request: Request | None) -> tuple[str, str]:
    """Method and route for logs, metrics and traces: never a path, which has ids in it."""
    if request is None:
        return "UNKNOWN", "unknown"
    return request.method, request.resource or "unknown"


def _outcome(status: int) -> str:
    if status < 400:
        return "success"
    return "client_error" if status < 500 else "fault"
