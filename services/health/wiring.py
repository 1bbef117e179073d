"""The parts of the health route, put together."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from aws_api.session import AwsSession
from gateway.application import Application, Observers
from gateway.cors import Cors
from gateway.request import is_request
from gateway.router import Router
from health.bucket import BucketCheck
from health.checks import Health
from health.table import TableCheck
from observability.logger import json_logger
from observability.metrics import Metrics
from observability.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.answer import Answer
    from gateway.errors import ApiError
    from gateway.request import Event, Request


_ASKED: Event = {"httpMethod": "GET", "path": "/health"}


def asked_by_any_event(
    application: Callable[[Event, object], dict[str, Any]],
) -> Callable[[object, object], dict[str, Any]]:
    """A handler to which an event that is no request is the question for the health as well.

    Such as that of a schedule, or of somebody who tries the function out.
    """

    def handler(event: object, context: object) -> dict[str, Any]:
        return application(event if is_request(event) else _ASKED, context)

    return handler


def application(environment: Mapping[str, str], log_stream: IO[str] | None = None) -> Application:
    """Wire the health route to the table and the bucket that the environment names."""
    logger = json_logger(environment, log_stream)
    observers = Observers(logger, Metrics(environment), Tracing(environment))
    session = AwsSession(environment)
    checks: dict[str, Callable[[], None]] = {
        "dynamodb": TableCheck(environment, observers.tracing),
        "s3": BucketCheck(session, environment["BUCKET_NAME"], observers.tracing),
    }
    health = Health(checks, logger)

    def answer(_: Request) -> Answer:
        return health.answer()

    return Application(
        Router({"/health": {"GET": answer}}),
        observers,
        Cors.from_environment(environment),
        _translate,
    )


def _translate(_: Exception) -> ApiError | None:
    return None
