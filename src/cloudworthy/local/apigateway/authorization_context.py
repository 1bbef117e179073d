"""``$context.authorizer``, ``$context.authorize``, ``$context.authenticate`` and the signer.

Source: Amazon API Gateway developer guide, "Variables for access logging" (documented); which of
the three an error belongs to is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from cloudworthy.local.apigateway.caller import AuthorizerCall, Signer
from cloudworthy.local.apigateway.exchange import Exchange

_OF_AUTHORIZER = frozenset({"AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE", "UNAUTHORIZED"})
_OF_POLICY = frozenset({"ACCESS_DENIED"})
_OF_SIGNATURE = frozenset({"EXPIRED_TOKEN", "INVALID_SIGNATURE", "MISSING_AUTHENTICATION_TOKEN"})

Getter = Callable[[Exchange], "str | None"]


def authorizer_value(exchange: Exchange, name: str) -> str | None:
    """A value that the authorizer gives: ``<key>`` of its context, or ``claims.<claim>``."""
    caller = exchange.caller
    if caller is None:
        return None
    if name.startswith("claims."):
        return (caller.claims or {}).get(name.removeprefix("claims."))
    return caller.context.get(name)


def _error(types: Collection[str]) -> Getter:
    def getter(exchange: Exchange) -> str | None:
        error = exchange.error
        if error is None or exchange.route is None or error.response_type.name not in types:
            return None
        return error.reason or error.message

    return getter


def _status(types: Collection[str], *, signed: bool | None) -> Getter:
    """200 for a caller who got past this step; ``signed`` None is for any caller."""

    def getter(exchange: Exchange) -> str | None:
        error, caller = exchange.error, exchange.caller
        if error is not None and exchange.route is not None and error.response_type.name in types:
            return str(error.status)
        if caller is None or signed not in (None, caller.signer is not None):
            return None
        return "200"

    return getter


def _call(value: Callable[[AuthorizerCall], object]) -> Getter:
    def getter(exchange: Exchange) -> str | None:
        call = exchange.authorizer_call
        return None if call is None else str(value(call))

    return getter


def _signer(value: Callable[[Signer], str]) -> Getter:
    def getter(exchange: Exchange) -> str | None:
        signer = exchange.caller.signer if exchange.caller else None
        return None if signer is None else value(signer)

    return getter


GETTERS: dict[str, Getter] = {
    "authenticate.error": _error(_OF_SIGNATURE),
    "authenticate.status": _status(_OF_SIGNATURE, signed=True),
    "authorize.error": _error(_OF_POLICY),
    "authorize.status": _status(_OF_POLICY, signed=None),
    "authorizer.error": _error(_OF_AUTHORIZER),
    "authorizer.integrationLatency": _call(lambda call: call.latency_ms),
    "authorizer.integrationStatus": _call(lambda call: call.status),
    "authorizer.latency": _call(lambda call: call.latency_ms),
    "authorizer.principalId": lambda x: x.caller.principal_id or None if x.caller else None,
    "authorizer.requestId": _call(lambda call: call.request_id),
    "authorizer.status": _status(_OF_AUTHORIZER, signed=False),
    "identity.accessKey": _signer(lambda signer: signer.access_key_id),
    "identity.accountId": _signer(lambda signer: signer.account),
    "identity.caller": _signer(lambda signer: signer.unique_id),
    "identity.user": _signer(lambda signer: signer.unique_id),
    "identity.userArn": _signer(lambda signer: signer.arn),
}
