"""Headers of an answer that API Gateway renames or drops.

Source: rest-aws-http-integrations-003 (recorded).
"""

from __future__ import annotations

_REMAPPED = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "content-md5",
        "date",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "trailer",
        "upgrade",
        "user-agent",
        "www-authenticate",
    }
)
_DROPPED = "transfer-encoding"


def remap(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers as the client may see them: ``Server`` is ``x-amzn-Remapped-Server``."""
    return [
        (f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value)
        for name, value in headers
        if name.lower() != _DROPPED
    ]
