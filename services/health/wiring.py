"""The parts of the health route, put together."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from gateway.answer import Answer
from gateway.application import Application, Observers
from gateway.cors import Cors
from gateway.router import Router
from health.checks import Health
from health.targets import BucketCheck, TableCheck
from observability.logger import json_logger
from observability.metrics import Metrics
from observability.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.errors import ApiError
    from gateway.request import Request


def application(environment: Mapping[str, str], log_stream: IO[str] | None = None) -> Application:
    """Wire the health route to the table and the bucket that the environment names."""
    logger = json_logger(environment, log_stream)
    observers = Observers(logger, Metrics(environment), Tracing(environment))
    checks: dict[str, Callable[[], None]] = {
        "dynamodb": TableCheck(environment, observers.tracing),
        "s3": BucketCheck(environment, observers.tracing),
    }
    health = Health(checks, logger)

    def answer(_: Request) -> Answer:
        return answer_of(health)

    return Application(
        Router({"/health": {"GET": answer}}),
        observers,
        Cors.from_environment(environment),
        _translate,
    )


def answer_of(health: Health) -> Answer:
    verdicts = health.verdicts()
    healthy = all(verdict.healthy for verdict in verdicts.values())
    document = {
        "status": "healthy" if healthy else "unhealthy",
        "checks": {name: verdict.document() for name, verdict in verdicts.items()},
    }
    return Answer(200 if healthy else 503, document)


def _translate(_: Exception) -> ApiError | None:
    return None
