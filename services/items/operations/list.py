from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.answer import Answer
from gateway.parameters import check_names, limit_of
from items.logic.lister import ItemLister, StatusIndex

if TYPE_CHECKING:
    from gateway.request import Request
    from gateway.router import Handler
    from items.logic.fields import TextField
    from items.operations.wiring import Parts

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


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
        check_names("parameter", request.query, known)
        limit = limit_of(request.query_value("limit"), default=DEFAULT_LIMIT, most=MAX_LIMIT)
        page = lister.page(limit, request.query_value("lastKey"), request.query_value("status"))
        items = [parts.api.kind.form.shown(item) for item in page.items]
        document: dict[str, Any] = {"items": items, "count": len(items)}
        if page.token is not None:
            document[next_key] = page.token
        return Answer(200, document)

    return handle
