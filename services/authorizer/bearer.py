from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

    from aws_api.deadline import Deadline
    from observability.metrics import Metrics
    from observability.tracing import Tracing
    from secret_value.cached import CachedSecret

_PRINCIPAL = "token"


class TokenAuthorizer:
    """Lets those call who send `Authorization: Bearer` and the system's token.

    The token is never logged, neither the right one nor a wrong one. Without a secret to compare
    with there is no answer: the exception, which Lambda logs, makes the gateway say 500; unlike a
    refusal that is not kept.

    Source: Amazon API Gateway developer guide, "Control access to HTTP APIs with AWS Lambda
    authorizers" (documented); facts httpapi-behaviour-019 to 022 (recorded).
    """

    def __init__(
        self,
        secret: CachedSecret,
        logger: Logger,
        metrics: Metrics,
        tracing: Tracing,
        deadline: Deadline,
    ) -> None:
        self._secret = secret
        self._logger = logger
        self._metrics = metrics
        self._tracing = tracing
        self._deadline = deadline

    def __call__(self, event: dict[str, Any], context: object) -> dict[str, Any]:
        """Answer in the simple form of payload version 2.0.

        Raises
        ------
        SecretUnavailableError
            The secret could not be read.
        """
        self._deadline.begin(context)
        self._logger.append_keys(request_id=str(getattr(context, "aws_request_id", "")))
        with self._tracing.invocation("authorizer") as span:
            allowed = self._is_known(_token_in(event))
            span.annotate(outcome="allowed" if allowed else "denied")
        self._report(event, allowed=allowed)
        return {"isAuthorized": allowed, "context": {"principalId": _PRINCIPAL} if allowed else {}}

    def _is_known(self, token: bytes) -> bool:
        if not token:
            return False
        return self._secret.fits(lambda known: compare_digest(token, known.encode()))

    def _report(self, event: dict[str, Any], *, allowed: bool) -> None:
        api_request_id = str((event.get("requestContext") or {}).get("requestId", ""))
        self._logger.info("authorization", allowed=allowed, api_request_id=api_request_id)
        self._metrics.count("Allowed" if allowed else "Denied")
        self._metrics.flush()


def _token_in(event: dict[str, Any]) -> bytes:
    """The token in the identity source; empty when there is none, or of another scheme."""
    sources = event.get("identitySource") or [""]
    scheme, _, token = str(sources[0]).strip().partition(" ")
    return token.strip().encode("utf-8", "surrogatepass") if scheme.lower() == "bearer" else b""
