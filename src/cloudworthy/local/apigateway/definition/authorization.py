"""Who may call a method, as the template says it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AuthorizationType(StrEnum):
    """The values of ``AWS::ApiGateway::Method.AuthorizationType``."""

    NONE = "NONE"
    AWS_IAM = "AWS_IAM"
    CUSTOM = "CUSTOM"
    COGNITO_USER_POOLS = "COGNITO_USER_POOLS"


@dataclass(frozen=True, slots=True)
class LambdaAuthorizer:
    """An authorizer that is a function.

    ``kind`` is ``TOKEN`` or ``REQUEST``. ``function_arn`` may still hold
    ``${stageVariables.<name>}``; ``invocable`` tells whether a permission of the function, or
    the authorizer's role, lets API Gateway invoke it.
    """

    logical_id: str
    authorizer_id: str
    kind: str
    function_arn: str
    identity_sources: tuple[str, ...] = ()
    """``method.request.header.Authorization`` and the like."""
    validation_expression: str = ""
    ttl_s: int = 300
    """How long a result is used again; 0 for not at all."""
    invocable: bool = True


@dataclass(frozen=True, slots=True)
class UserPool:
    """A Cognito user pool, which issues tokens under the name of its region and id."""

    region: str
    pool_id: str

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"


@dataclass(frozen=True, slots=True)
class CognitoAuthorizer:
    """An authorizer that takes the tokens of user pools.

    ``validation_expression`` is for the token's audience, not for the header.
    """

    logical_id: str
    authorizer_id: str
    user_pools: tuple[UserPool, ...]
    identity_source: str = "method.request.header.Authorization"
    validation_expression: str = ""


MethodAuthorizer = LambdaAuthorizer | CognitoAuthorizer


@dataclass(frozen=True, slots=True)
class MethodAuthorization:
    """Who may call one method; ``authorizer`` is there for the types that need one."""

    type: AuthorizationType = AuthorizationType.NONE
    authorizer: MethodAuthorizer | None = None
    scopes: tuple[str, ...] = ()
    """Scopes of which a user pool's access token must have one."""


OPEN = MethodAuthorization()
"""Whoever knows the address."""
