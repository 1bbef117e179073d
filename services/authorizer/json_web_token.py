from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import jwt

from authorizer.claims import TokenRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools import Logger

    from authorizer.claims import Expected
    from authorizer.issuer_keys import IssuerKeys
    from observability.metrics import Metrics
    from observability.tracing import Tracing

# PyJWT checks the signature; what the claims say is checked by `Expected`, with its clock.
_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_jti": False,
    "verify_nbf": False,
    "verify_sub": False,
}


class JwtAuthorizer:
    """Lets those call who send `Authorization: Bearer` and a token of the issuer.

    The token is never logged. An issuer that does not publish its keys makes the gateway say
    500: that is not kept, and nobody is let in meanwhile.

    Source: Amazon API Gateway developer guide, "Use API Gateway Lambda authorizers" (documented).
    """

    def __init__(
        self,
        keys: IssuerKeys,
        expected: Expected,
        logger: Logger,
        metrics: Metrics,
        tracing: Tracing,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._expected = expected
        self._logger = logger
        self._metrics = metrics
        self._tracing = tracing
        self._now = now

    def __call__(self, event: dict[str, Any], context: object) -> dict[str, Any]:
        """Answer with a policy for all routes of the stage, for the gateway keeps it for all.

        Raises
        ------
        Exception
            With the one word that makes the gateway answer 401.
        IssuerUnavailableError
            The keys of the issuer could not be read.
        """
        self._logger.append_keys(request_id=str(getattr(context, "aws_request_id", "")))
        with self._tracing.invocation("authorizer") as span:
            try:
                subject = self._subject(_token_in(event))
            except TokenRefusedError as error:
                span.annotate(outcome="denied")
                self._report("Denied", str(error))
                raise Exception("Unauthorized") from None  # noqa: TRY002 - the gateway's word
            span.annotate(outcome="allowed")
        self._report("Allowed")
        return _policy(subject, str(event["methodArn"]))

    def _subject(self, token: str) -> str:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            key = self._keys.find(key_id) if isinstance(key_id, str) else None
            if key is None:
                raise TokenRefusedError("unknown key")
            claims = jwt.decode(
                token, key, algorithms=[key.algorithm_name], options=_SIGNATURE_ONLY
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise TokenRefusedError(type(error).__name__) from error
        return self._expected.subject(claims, self._now())

    def _report(self, outcome: str, reason: str | None = None) -> None:
        self._logger.info("authorization", allowed=outcome == "Allowed", reason=reason)
        self._metrics.count(outcome)
        self._metrics.flush()


def _token_in(event: dict[str, Any]) -> str:
    scheme, _, token = str(event.get("authorizationToken") or "").strip().partition(" ")
    if scheme.lower() != "bearer":
        raise TokenRefusedError("no bearer token")
    return token.strip()


def _policy(subject: str, method_arn: str) -> dict[str, Any]:
    """Source: API Gateway developer guide, "Output from a Lambda authorizer" (documented)."""
    api, stage, _ = method_arn.split("/", 2)
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": f"{api}/{stage}/*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": subject, "policyDocument": document}
