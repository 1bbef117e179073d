"""What a token has to say, beside being signed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# How far the clocks of the issuer and of this function may be apart.
_LEEWAY_S = 10.0


class TokenRefusedError(Exception):
    """The token lets nobody in; the message says why and quotes nothing of it."""


@dataclass(frozen=True)
class Expected:
    """Who has to have made the token, and for whom."""

    issuer: str
    audience: frozenset[str]

    def subject(self, claims: Mapping[str, Any], now_s: float) -> str:
        """Who the caller is.

        `client_id` stands in for an absent `aud`, as in the access tokens of Cognito.

        Raises
        ------
        TokenRefusedError
            A claim is missing, of a wrong type, or not as expected.
        """
        if claims.get("iss") != self.issuer:
            raise TokenRefusedError("another issuer")
        if not self.audience & _texts(claims.get("aud", claims.get("client_id"))):
            raise TokenRefusedError("another audience")
        _check_times(claims, now_s)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise TokenRefusedError("no subject")
        return subject


def _check_times(claims: Mapping[str, Any], now_s: float) -> None:
    if now_s >= _seconds(claims, "exp", default=None) + _LEEWAY_S:
        raise TokenRefusedError("expired")
    for name in ("nbf", "iat"):
        if now_s < _seconds(claims, name, default=0.0) - _LEEWAY_S:
            raise TokenRefusedError("not valid yet")


def _seconds(claims: Mapping[str, Any], name: str, *, default: float | None) -> float:
    """A time; JSON as Python reads it knows infinities, before which nothing expires."""
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenRefusedError(f"{name} is not a time")
    return float(value)


def _texts(value: object) -> set[str]:
    values = value if isinstance(value, list) else [value]
    return {each for each in values if isinstance(each, str)}
