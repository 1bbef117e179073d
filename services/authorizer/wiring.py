"""The parts of the authorizer, put together."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING

from authorizer.bearer import TokenAuthorizer
from aws_api.deadline import Deadline
from aws_api.repeats import Repeats
from aws_api.session import AwsSession
from observability.logger import json_logger
from observability.metrics import Metrics
from observability.tracing import Tracing
from secret_value.cached import CachedSecret
from secret_value.secrets_manager import Secret, SecretReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def token_authorizer(
    environment: Mapping[str, str],
    log_stream: IO[str] | None = None,
    *,
    monotonic: Callable[[], float] = time.monotonic,
) -> TokenAuthorizer:
    """Wire the authorizer to the secret that the environment names."""
    tracing = Tracing(environment)
    deadline = Deadline(monotonic=monotonic)
    secret = Secret(environment["SECRET_ARN"], "token")
    reader = SecretReader(AwsSession(environment), secret, tracing, Repeats(deadline))
    return TokenAuthorizer(
        CachedSecret(reader, monotonic=monotonic),
        json_logger(environment, log_stream),
        Metrics(environment),
        tracing,
        deadline,
    )
