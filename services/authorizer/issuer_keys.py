"""The keys that an OpenID Connect issuer publishes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import jwt

from authorizer.json_document import IssuerUnavailableError, read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FRESH_S = 3600.0
_LOOK_AGAIN_S = 5.0
# The algorithm follows from the key: what a token says about itself is only compared with it.
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
_CURVE = "P-256"


class IssuerKeys:
    """Finds public keys by their id, through the issuer's configuration, and keeps them.

    Parameters
    ----------
    fresh_s
        How long keys are used without another look: so long does a withdrawn key live on.
    look_again_s
        How often, at the most, tokens with an unknown key or a silent issuer cause a look.

    Source: OpenID Connect Discovery 1.0, sections 3 and 4 (documented).
    """

    def __init__(
        self,
        issuer: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        fresh_s: float = _FRESH_S,
        look_again_s: float = _LOOK_AGAIN_S,
    ) -> None:
        self._issuer = issuer
        self._monotonic = monotonic
        self._fresh_s = fresh_s
        self._look_again_s = look_again_s
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at: float | None = None
        self._failed = False
        self._asked_at: float | None = None

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key with an id; None when the issuer has none.

        Raises
        ------
        IssuerUnavailableError
            Nobody can tell: the issuer does not say what keys it has.
        """
        if self._is_old() or (key_id not in self._keys and not self._asked_just_now()):
            self._read()
        if key_id not in self._keys and self._failed:
            raise IssuerUnavailableError("no answer a moment ago")
        return self._keys.get(key_id)

    def _is_old(self) -> bool:
        return self._read_at is None or self._monotonic() - self._read_at >= self._fresh_s

    def _asked_just_now(self) -> bool:
        asked_at = self._asked_at
        return asked_at is not None and self._monotonic() - asked_at < self._look_again_s

    def _read(self) -> None:
        if self._failed and self._asked_just_now():
            raise IssuerUnavailableError("no answer a moment ago")
        self._asked_at, self._failed = self._monotonic(), True
        keys = _usable(read_document(self._jwks_uri(), self._issuer))
        self._keys, self._read_at, self._failed = keys, self._asked_at, False

    def _jwks_uri(self) -> str:
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        configuration = read_document(url, self._issuer)
        if configuration.get("issuer") != self._issuer:
            raise IssuerUnavailableError("the configuration is that of another issuer")
        return str(configuration.get("jwks_uri", ""))


def _usable(document: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """Keys for signatures, of the kinds that are accepted; others are passed over."""
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise IssuerUnavailableError("the document has no keys")
    found: dict[str, jwt.PyJWK] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not _is_for_signatures(entry):
            continue
        try:
            found[entry["kid"]] = jwt.PyJWK(entry, algorithm=_ALGORITHMS[entry["kty"]])
        except jwt.PyJWTError:
            continue
    return found


def _is_for_signatures(entry: Mapping[str, Any]) -> bool:
    kind = entry.get("kty")
    return (
        isinstance(entry.get("kid"), str)
        and entry.get("use", "sig") == "sig"
        and (kind == "RSA" or (kind == "EC" and entry.get("crv") == _CURVE))
        and entry.get("alg", _ALGORITHMS[str(kind)]) == _ALGORITHMS[str(kind)]
    )
