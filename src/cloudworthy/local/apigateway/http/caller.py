"""What an authorizer of an HTTP API found out about the caller of a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudworthy.local.apigateway.http.text import as_text


@dataclass(frozen=True, slots=True)
class JwtCaller:
    """The claims of a token as texts, and the scopes that the route asked for."""

    claims: Mapping[str, str]
    scopes: Sequence[str] | None

    def v2(self) -> dict[str, Any]:
        return {"jwt": self.v1()}

    def v1(self) -> dict[str, Any]:
        scopes = None if self.scopes is None else list(self.scopes)
        return {"claims": dict(self.claims), "scopes": scopes}

    def variable(self, name: str) -> str | None:
        """``$context.authorizer.<name>``."""
        return self.claims.get(name.removeprefix("claims."))


@dataclass(frozen=True, slots=True)
class LambdaCaller:
    """The values that a Lambda authorizer gave, with their JSON types."""

    context: Mapping[str, Any]
    principal_id: str | None = None

    def v2(self) -> dict[str, Any]:
        return {"lambda": dict(self.context) or None}

    def v1(self) -> dict[str, Any]:
        values: dict[str, Any] = {name: as_text(value) for name, value in self.context.items()}
        return values if self.principal_id is None else values | {"principalId": self.principal_id}

    def variable(self, name: str) -> str | None:
        """``$context.authorizer.<name>``."""
        if name == "principalId":
            return self.principal_id
        return as_text(self.context[name]) if name in self.context else None


@dataclass(frozen=True, slots=True)
class IamCaller:
    """Who signed the request."""

    access_key: str
    account: str
    caller_id: str
    user_arn: str

    def v2(self) -> dict[str, Any]:
        return {
            "iam": {
                "accessKey": self.access_key,
                "accountId": self.account,
                "callerId": self.caller_id,
                "cognitoIdentity": None,
                "principalOrgId": None,
                "userArn": self.user_arn,
                "userId": self.caller_id,
            }
        }

    def v1(self) -> dict[str, Any]:
        return self.v2()

    def variable(self, name: str) -> str | None:  # noqa: ARG002 - a signature gives none
        """``$context.authorizer.<name>``."""
        return None


Caller = JwtCaller | LambdaCaller | IamCaller
