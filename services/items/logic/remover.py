from __future__ import annotations

from typing import TYPE_CHECKING

from items.data.table import ConditionFailedError
from items.logic.errors import ItemNotFoundError, lost

if TYPE_CHECKING:
    from items.data.table import ItemTable
    from items.logic.kind import Kind


class ItemRemover:
    def __init__(self, table: ItemTable, kind: Kind) -> None:
        self._table = table
        self._kind = kind

    def delete(self, item_id: str, version: int | None) -> None:
        """Remove an item that is at `version`; None is any version."""
        if not self._kind.is_id(item_id):
            raise ItemNotFoundError
        try:
            self._table.delete(item_id, version)
        except ConditionFailedError as error:
            raise lost(error.current, self._kind.form) from error
