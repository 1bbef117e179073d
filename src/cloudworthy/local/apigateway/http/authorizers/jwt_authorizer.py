"""JWT authorizers of HTTP APIs.

Sources: httpapi-event-013 (captured), httpapi-behaviour-016, -018, -038 (documented). What the
answer says about a fault other than the audience's is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cloudworthy.local.apigateway.authorizers.json_web_token import (
    TokenExpiredError,
    TokenRefusedError,
    issuer_of,
    key_id_of,
    verified_claims,
)
from cloudworthy.local.apigateway.authorizers.user_pool_keys import KeySetUnavailableError
from cloudworthy.local.apigateway.http.authorizers.identity_source import identity_of
from cloudworthy.local.apigateway.http.authorizers.issuer_keys import IssuerKeys
from cloudworthy.local.apigateway.http.caller import JwtCaller
from cloudworthy.local.apigateway.http.definition import JwtAuthorizer
from cloudworthy.local.apigateway.http.errors import FORBIDDEN, UNAUTHORIZED, HttpApiError
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.apigateway.http.text import as_text
from cloudworthy.local.model.clock import Clock

_SCHEME = "bearer "


class JwtAuthorizers:
    """Checks tokens by the keys of their issuer."""

    def __init__(self, keys: IssuerKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    async def authorize(self, authorizer: JwtAuthorizer, exchange: HttpExchange) -> None:
        """Let the request pass, with its caller known.

        Raises
        ------
        HttpApiError
            UNAUTHORIZED, or FORBIDDEN when the token has none of the route's scopes.
        """
        scopes = exchange.known_route.definition.scopes
        token = _token(identity_of(authorizer.identity_source, exchange))
        claims = await self._claims(token, authorizer, exchange)
        granted = _scopes(claims)
        matching = [scope for scope in scopes if scope in granted]
        if scopes and not matching:
            raise _forbidden(scopes, exchange)
        texts = {name: _text(value) for name, value in claims.items()}
        exchange.caller = JwtCaller(texts, matching if scopes else None)

    async def _claims(
        self, token: str, authorizer: JwtAuthorizer, exchange: HttpExchange
    ) -> Mapping[str, Any]:
        try:
            issuer, key_id = issuer_of(token), key_id_of(token)
        except TokenRefusedError as error:
            headers = [("www-authenticate", "Bearer")]
            reason = f"there is no token that can be read: {error}"
            raise HttpApiError(UNAUTHORIZED, reason, headers=headers) from error
        if issuer != authorizer.issuer:
            raise _unauthorized("the token does not have a valid issuer", exchange)
        try:
            key_set = await self._keys.key_set(issuer, key_id)
            claims = verified_claims(token, key_set, self._clock.now())
        except KeySetUnavailableError as error:
            exchange.authorizer_error = str(error)
            description = "OIDC discovery endpoint communication error"
            raise _unauthorized(description, exchange) from error
        except TokenExpiredError as error:
            raise _unauthorized("the token has expired", exchange) from error
        except TokenRefusedError as error:
            exchange.authorizer_error = str(error)
            raise _unauthorized("the token is not valid", exchange) from error
        self._check(claims, authorizer, exchange)
        return claims

    def _check(
        self, claims: Mapping[str, Any], authorizer: JwtAuthorizer, exchange: HttpExchange
    ) -> None:
        """``client_id`` stands in for an absent ``aud`` only."""
        found = claims.get("aud", claims.get("client_id"))
        audience = found if isinstance(found, list) else [found]
        if not set(authorizer.audience) & {str(name) for name in audience}:
            raise _unauthorized("the token does not have a valid audience", exchange)
        issued_s = claims.get("iat", 0)
        if not isinstance(issued_s, int | float) or issued_s > self._clock.now().timestamp():
            raise _unauthorized("the token was issued in the future", exchange)


def _token(value: str) -> str:
    """The token, with or without the name of its scheme."""
    bare = value[len(_SCHEME) :] if value.lower().startswith(_SCHEME) else value
    return bare.strip()


def _scopes(claims: Mapping[str, Any]) -> set[str]:
    """The scopes of a token, which may stand in ``scope`` or in ``scp``."""
    found = claims.get("scope", claims.get("scp", ""))
    return {str(name) for name in found} if isinstance(found, list) else set(str(found).split())


def _text(value: object) -> str:
    """A claim as functions see it, where every value is a text and lists are ``[a b]``."""
    if isinstance(value, list):
        return f"[{' '.join(as_text(item) for item in value)}]"
    return as_text(value)


def _unauthorized(description: str, exchange: HttpExchange) -> HttpApiError:
    scopes = exchange.known_route.definition.scopes
    return _refused("invalid_token", description, scopes, exchange)


def _forbidden(scopes: Sequence[str], exchange: HttpExchange) -> HttpApiError:
    description = "the token does not have one of the scopes of the route"
    return _refused("insufficient_scope", description, scopes, exchange)


def _refused(
    error: str, description: str, scopes: Sequence[str], exchange: HttpExchange
) -> HttpApiError:
    exchange.authorizer_error = exchange.authorizer_error or description
    header = f'Bearer scope="{" ".join(scopes)}" error="{error}" error_description="{description}"'
    kind = FORBIDDEN if error == "insufficient_scope" else UNAUTHORIZED
    return HttpApiError(kind, exchange.authorizer_error, headers=[("www-authenticate", header)])
