"""Query strings as API Gateway reads them."""

from __future__ import annotations

from urllib.parse import unquote_plus


def parse_query(query: str) -> dict[str, list[str]]:
    """All values by name, decoded, in the order they were sent.

    ``;`` separates parameters as ``&`` does; a name without ``=`` has the value ``""``.

    Sources: rest-proxy-event-017, -019, -027 (recorded), rest-routing-012 (documented).
    """
    values: dict[str, list[str]] = {}
    if not query:
        return values
    for part in query.replace(";", "&").split("&"):
        if part:
            name, _, value = part.partition("=")
            values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return values
