"""Lists, page by page.

Source: AWS Lambda developer guide, "Lambda quotas": an answer has at most 6 MB (documented).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from items.logic.errors import InvalidInputError
from items.logic.page_tokens import after_token, page_token

if TYPE_CHECKING:
    from items.data.table import Item, ItemTable
    from items.logic.fields import TextField
    from items.logic.kind import Kind

_MAX_PAGE_BYTES = 2_900_000


@dataclass(frozen=True, slots=True)
class StatusIndex:
    """An index of the table by a field of its items."""

    name: str
    field: TextField


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Part of a list; the token leads to the next part, None when there is none."""

    items: list[Item]
    token: str | None


class ItemLister:
    def __init__(self, table: ItemTable, kind: Kind, index: StatusIndex | None = None) -> None:
        self._table = table
        self._kind = kind
        self._index = index

    def page(self, limit: int, token: str | None, status: str | None) -> ListedPage:
        """A page of items: of those with a status newest first, or of all."""
        problems = self._index.field.problems(status) if self._index and status is not None else []
        if problems:
            raise InvalidInputError(problems)
        start = None if token is None else after_token(token, status, self._kind.is_id)
        if self._index is None or status is None:
            page = self._table.scan(limit, start)
        else:
            where = {self._index.field.name: status}
            page = self._table.query(self._index.name, where, limit, start)
        items = fitting(page.items)
        last_id = page.last_id
        if len(items) < len(page.items):
            last_id = str(items[-1][self._kind.key.id_attribute])
        return ListedPage(items, None if last_id is None else page_token(last_id, status))


def fitting(items: list[Item]) -> list[Item]:
    """The first items, as many as surely fit into an answer, at least one.

    The 1 MB that DynamoDB reads may be ten as JSON: `1e37` takes 4 bytes there and 38 here. The
    answer is JSON in JSON, which doubles it at the worst.
    """
    size = 0
    for count, item in enumerate(items):
        size += len(json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode())
        if size > _MAX_PAGE_BYTES and count:
            return items[:count]
    return items
