"""JSON Web Tokens: signature and expiry, by the issuer's key set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jwt

_ALGORITHMS = ("RS256", "RS384", "RS512")
"""Source: Amazon API Gateway developer guide, "Control access to HTTP APIs with JWT authorizers"
(documented): algorithms on RSA only. That those with PSS are not among them is assumed."""
_PLAIN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
"""PyJWT passes over signs that are no base64, so that many texts would be the same token."""
_TIMES = ("exp", "nbf", "iat")


class TokenRefusedError(Exception):
    """The token cannot be read, or nobody of the key set signed it."""


class TokenExpiredError(TokenRefusedError):
    """The token was good for a time that is over."""


def issuer_of(token: str) -> str:
    """Who a token says it comes from, which is not checked yet.

    Raises
    ------
    TokenRefusedError
    """
    import jwt  # noqa: PLC0415 - for APIs with a user pool only; with its cryptography some 50 ms

    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise TokenRefusedError(str(error)) from error
    return str(claims.get("iss", ""))


def key_id_of(token: str) -> str:
    """Which key a token says it is signed with; empty when it names none.

    Raises
    ------
    TokenRefusedError
    """
    import jwt  # noqa: PLC0415 - as above

    try:
        return str(jwt.get_unverified_header(token).get("kid", ""))
    except jwt.PyJWTError as error:
        raise TokenRefusedError(str(error)) from error


def verified_claims(token: str, key_set: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What a token says, once its signature and its times are found right.

    Raises
    ------
    TokenExpiredError, TokenRefusedError
    """
    import jwt  # noqa: PLC0415 - as above

    if not _PLAIN.fullmatch(token):
        raise TokenRefusedError("it is not three parts in base64url without padding")
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    options |= {"verify_aud": False, "require": ["exp", "iss"]}
    try:
        key = _key(token, key_set)
        claims: dict[str, Any] = jwt.decode(token, key, [key.algorithm_name], options)
        times_s = {name: _time_s(claims[name]) for name in _TIMES if name in claims}
    except (jwt.PyJWTError, TypeError, ValueError, OverflowError, OSError) as error:
        raise TokenRefusedError(str(error)) from error
    if now.timestamp() >= times_s["exp"]:
        raise TokenExpiredError("The incoming token has expired")
    if now.timestamp() < times_s.get("nbf", 0.0):
        raise TokenRefusedError("The token is not valid yet")
    return claims


def _time_s(value: object) -> float:
    """A moment in seconds, if it is one that a calendar has.

    Raises
    ------
    TypeError, ValueError, OverflowError, OSError
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no time")
    datetime.fromtimestamp(value, UTC)
    return float(value)


def _key(token: str, key_set: Mapping[str, Any]) -> jwt.PyJWK:
    """The key that the token names, for the one algorithm that both of them name."""
    import jwt  # noqa: PLC0415 - as above

    header = jwt.get_unverified_header(token)
    key_id, algorithm = header.get("kid"), header.get("alg")
    for entry in key_set.get("keys", []):
        if entry.get("kid") == key_id and entry.get("kty") == "RSA":
            if algorithm in _ALGORITHMS and entry.get("alg", algorithm) == algorithm:
                return jwt.PyJWK(entry, algorithm=algorithm)
            raise jwt.InvalidAlgorithmError(f"{algorithm!r} is no algorithm of the key {key_id!r}")
    raise jwt.InvalidKeyError(f"the issuer has no key {key_id!r}")
