"""Page tokens: where the last page ended, under which prefix, signed.

A token names a key of the bucket. The signature keeps callers from making tokens up, and what
they learn from one is what the page before it has told them already.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from hashlib import sha256
from typing import TYPE_CHECKING

from objects.logic.errors import InvalidInputError

if TYPE_CHECKING:
    from secret_value.cached import CachedSecret

_LABEL = b"page-token"
_MAC_BYTES = 32
_MAX_LENGTH = 8192


class PageTokens:
    """Makes and checks tokens with a key that follows from the system's secret.

    The secret is read with the first token, made or checked; a list that fits on one page does
    not need it. After a rotation tokens of the old secret end with what is cached of it.
    """

    def __init__(self, secret: CachedSecret) -> None:
        self._secret = secret

    def make(self, after: str, prefix: str) -> str:
        text = json.dumps([prefix, after], separators=(",", ":"), ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(_mac(self._secret.current(), text) + text).decode()

    def after(self, token: str, prefix: str) -> str:
        """The key that a page starts after.

        Raises
        ------
        InvalidInputError
            It is no token of ours, or one of a list with another prefix.
        """
        signed = _bytes_of(token)
        mac, text = signed[:_MAC_BYTES], signed[_MAC_BYTES:]
        if not text or not self._secret.fits(
            lambda secret: hmac.compare_digest(_mac(secret, text), mac)
        ):
            raise InvalidInputError("token", "not a page token of this list")
        of_prefix, after = json.loads(text)
        if of_prefix != prefix:
            raise InvalidInputError("token", "a page token of a list with another prefix")
        return str(after)


def _mac(secret: str, text: bytes) -> bytes:
    """Sign with a key of its own, so that nothing signed here says anything about the secret."""
    key = hmac.digest(secret.encode(), _LABEL, sha256)
    return hmac.digest(key, text, sha256)


def _bytes_of(token: str) -> bytes:
    if len(token) > _MAX_LENGTH or not token.isascii():
        return b""
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
