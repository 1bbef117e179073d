"""The parts of the objects API, put together."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING

from aws_api.deadline import Deadline
from aws_api.repeats import Repeats
from aws_api.session import AwsSession
from gateway.application import Application, Observers
from gateway.router import Router
from health.bucket import BucketCheck
from health.checks import Health
from objects.data.bucket import Bucket
from objects.data.connection import Connection, RefusedError, UnavailableError
from objects.handlers.operations import Operations
from objects.handlers.translate import translate
from objects.logic.page_tokens import PageTokens
from objects.logic.service import ObjectService
from observability.logger import json_logger
from observability.metrics import Metrics
from observability.tracing import Tracing
from secret_value.cached import CachedSecret
from secret_value.secrets_manager import Secret, SecretReader, SecretUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.answer import Answer
    from gateway.request import Request
    from gateway.router import Handler

_TELLABLE = (RefusedError, UnavailableError, SecretUnavailableError)


def application(
    environment: Mapping[str, str],
    log_stream: IO[str] | None = None,
    *,
    monotonic: Callable[[], float] = time.monotonic,
) -> Application:
    """Wire the API to the bucket and the secret that the environment names."""
    tracing = Tracing(environment)
    observers = Observers(
        json_logger(environment, log_stream), Metrics(environment), tracing, _TELLABLE
    )
    session = AwsSession(environment)
    deadline = Deadline(monotonic=monotonic)
    repeats = Repeats(deadline)
    bucket_name = environment["BUCKET_NAME"]
    bucket = Bucket(Connection(session, tracing, repeats), bucket_name)
    secret = Secret(environment["SECRET_ARN"], "token")
    reader = SecretReader(session, secret, tracing, repeats)
    page_tokens = PageTokens(CachedSecret(reader, monotonic=monotonic))
    operations = Operations(ObjectService(bucket, page_tokens), observers.metrics)
    health = Health({"s3": BucketCheck(session, bucket_name, tracing)}, observers.logger)

    def check(_: Request) -> Answer:
        return health.answer()

    health_route: dict[str, Handler] = {"GET": check}
    router = Router({**operations.routes(), "/api/health": health_route})
    return Application(router, observers, None, translate, deadline=deadline)
