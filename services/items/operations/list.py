from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateway.answer import Answer
from gateway.errors import BadRequestError
from items.logic.json_values import readable
from items.logic.lister import ItemLister, StatusIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.request import Request
    from gateway.router import Handler
    from items.logic.fields import TextField
    from items.operations.wiring import Parts

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_LIMIT = re.compile(r"[1-9][0-9]{0,2}")


def list_items(
    parts: Parts, *, next_key: str = "lastKey", status: TextField | None = None
) -> Handler:
    """List all items or, where there is an index by status, those with a status.

    `next_key` is what the page token is called in answers; in requests it is always `lastKey`.
    """
    index = None if status is None else StatusIndex(parts.environment["STATUS_INDEX_NAME"], status)
    lister = ItemLister(parts.table, parts.api.kind, index)
    known = {"limit", "lastKey", "status"} if status else {"limit", "lastKey"}

    def handle(request: Request) -> Answer:
        _check_names(request.query, known)
        limit = _limit(request.query_value("limit"))
        page = lister.page(limit, request.query_value("lastKey"), request.query_value("status"))
        items = [parts.api.kind.form.shown(item) for item in page.items]
        document: dict[str, Any] = {"items": items, "count": len(items)}
        if page.token is not None:
            document[next_key] = page.token
        return Answer(200, document)

    return handle


def _check_names(query: Mapping[str, object], known: set[str]) -> None:
    """Refuse a misspelt `lastKey`, which would otherwise mean the first page for ever."""
    unknown = sorted(set(query) - known)
    if unknown:
        raise BadRequestError((readable(name), "unknown parameter") for name in unknown)


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not _LIMIT.fullmatch(text) or int(text) > MAX_LIMIT:
        raise BadRequestError.of("limit", f"expected a whole number from 1 to {MAX_LIMIT}")
    return int(text)
