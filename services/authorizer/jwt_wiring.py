"""The parts of the authorizer by JSON Web Token, put together."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING

from authorizer.claims import Expected
from authorizer.issuer_keys import IssuerKeys
from authorizer.json_web_token import JwtAuthorizer
from observability.logger import json_logger
from observability.metrics import Metrics
from observability.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def jwt_authorizer(
    environment: Mapping[str, str],
    log_stream: IO[str] | None = None,
    *,
    now: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> JwtAuthorizer:
    """Wire the authorizer to the issuer and the audience that the environment names."""
    issuer = environment["JWT_ISSUER"]
    return JwtAuthorizer(
        IssuerKeys(issuer, monotonic=monotonic),
        Expected(issuer, frozenset(environment["JWT_AUDIENCE"].split(","))),
        json_logger(environment, log_stream),
        Metrics(environment),
        Tracing(environment),
        now=now,
    )
