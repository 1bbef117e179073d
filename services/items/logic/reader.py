from __future__ import annotations

from typing import TYPE_CHECKING

from items.logic.errors import ItemNotFoundError

if TYPE_CHECKING:
    from items.data.table import Item, ItemTable
    from items.logic.kind import Kind


class ItemReader:
    def __init__(self, table: ItemTable, kind: Kind) -> None:
        self._table = table
        self._kind = kind

    def get(self, item_id: str) -> Item:
        item = self._table.get(item_id) if self._kind.is_id(item_id) else None
        if item is None:
            raise ItemNotFoundError
        return item
