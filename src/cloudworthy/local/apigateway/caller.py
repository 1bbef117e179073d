"""What an authorizer found out about the caller of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Signer:
    """The principal behind a signature."""

    arn: str
    account: str
    unique_id: str
    """What STS names as ``UserId``."""
    access_key_id: str
    role_arn: str = ""
    function_logical_id: str = ""
    """The function whose role it is, if it is one's."""

    @property
    def identity(self) -> dict[str, str | None]:
        """Its part of ``requestContext.identity``.

        Source: Amazon API Gateway developer guide, "Variables for data transformations"
        (documented).
        """
        return {
            "accountId": self.account,
            "caller": self.unique_id,
            "accessKey": self.access_key_id,
            "userArn": self.arn,
            "user": self.unique_id,
        }


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    A Lambda authorizer gives ``principal_id``, ``context``, ``policy`` and perhaps
    ``usage_identifier_key``; a user pool's token gives ``claims``; a signature its
    ``signer``.
    """

    principal_id: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    policy: object = None
    """The policy document, which has been found well-formed."""
    usage_identifier_key: str = ""
    claims: Mapping[str, str] | None = None
    signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class AuthorizerCall:
    """One call of an authorizer's function; a cached result is none."""

    latency_ms: int
    request_id: str = ""
    status: int = 200


def authorizer_context(caller: Caller, call: AuthorizerCall | None) -> dict[str, object] | None:
    """``requestContext.authorizer``; None when no authorizer has anything to say.

    Sources: rest-proxy-event-024, rest-authorizers-014, rest-authorizers-017 (documented); that
    a cached result has the latency 0 is assumed.
    """
    if caller.claims is not None:
        return {"claims": dict(caller.claims)}
    if caller.policy is None:
        return None
    latency_ms = call.latency_ms if call else 0
    return {
        "principalId": caller.principal_id,
        **caller.context,
        "integrationLatency": latency_ms,
    }
