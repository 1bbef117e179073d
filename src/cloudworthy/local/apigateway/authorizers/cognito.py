"""Authorizers that take the tokens of Cognito user pools.

Sources: Amazon API Gateway developer guide, "Control access to REST APIs using Amazon Cognito
user pools as an authorizer" (documented); rest-authorizers-017; the form of the claims is
captured in public issues.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cloudworthy.local.apigateway.authorizers.json_web_token import (
    TokenExpiredError,
    TokenRefusedError,
    issuer_of,
    verified_claims,
)
from cloudworthy.local.apigateway.authorizers.user_pool_keys import (
    KeySetUnavailableError,
    UserPoolKeys,
)
from cloudworthy.local.apigateway.caller import Caller
from cloudworthy.local.apigateway.definition import CognitoAuthorizer
from cloudworthy.local.apigateway.errors import AUTHORIZER_FAILURE, UNAUTHORIZED, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.mapping_expressions import request_value
from cloudworthy.local.model.clock import Clock

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMES = frozenset({"exp", "iat"})


class UserPoolTokens:
    """Tells who calls by the token of a user pool."""

    def __init__(self, keys: UserPoolKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    async def identify(
        self, authorizer: CognitoAuthorizer, scopes: tuple[str, ...], exchange: Exchange
    ) -> Caller:
        """The caller with the claims of the token.

        A method with scopes wants an access token that has one of them; one without wants
        an identity token.

        Raises
        ------
        GatewayError
            UNAUTHORIZED, or AUTHORIZER_FAILURE when the pool's keys cannot be had.
        """
        header = request_value(authorizer.identity_source, exchange) or ""
        token = header.removeprefix("Bearer ").strip()
        if not token:
            raise GatewayError(UNAUTHORIZED, reason="Unauthorized: there is no token")
        try:
            claims = await self._claims(token, authorizer)
            _check_use(claims, authorizer, scopes)
        except TokenExpiredError as error:
            raise GatewayError(UNAUTHORIZED, message=str(error), reason=str(error)) from error
        except TokenRefusedError as error:
            raise GatewayError(UNAUTHORIZED, reason=f"Unauthorized: {error}") from error
        except KeySetUnavailableError as error:
            raise GatewayError(AUTHORIZER_FAILURE, reason=str(error)) from error
        return Caller(claims={name: _text(name, value) for name, value in claims.items()})

    async def _claims(self, token: str, authorizer: CognitoAuthorizer) -> dict[str, Any]:
        issuer = issuer_of(token)
        for pool in authorizer.user_pools:
            if pool.issuer == issuer:
                key_set = await self._keys.key_set(pool)
                return verified_claims(token, key_set, self._clock.now())
        raise TokenRefusedError(f"{issuer!r} is none of the authorizer's user pools")


def _check_use(
    claims: Mapping[str, Any], authorizer: CognitoAuthorizer, scopes: tuple[str, ...]
) -> None:
    use = claims.get("token_use")
    if scopes:
        if use != "access" or set(scopes).isdisjoint(str(claims.get("scope", "")).split()):
            raise TokenRefusedError(f"it is no access token with one of {', '.join(scopes)}")
    elif use != "id":
        raise TokenRefusedError("it is no identity token")
    expression = authorizer.validation_expression
    audience = str(claims.get("aud", claims.get("client_id", "")))
    if expression and not re.fullmatch(expression, audience):
        raise TokenRefusedError(f"the audience {audience!r} does not match the expression")


def _text(name: str, value: object) -> str:
    """A claim as API Gateway writes it: times as dates, lists with commas."""
    if name in _TIMES and isinstance(value, int | float):
        return _date(datetime.fromtimestamp(value, UTC))
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value)


def _date(moment: datetime) -> str:
    """``Fri Jul 29 18:52:53 UTC 2016``, in English whatever the machine's language is."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day} {month} {moment:%d %H:%M:%S} UTC {moment.year}"
