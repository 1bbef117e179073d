from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from items.data.numbers import plain
from items.data.table import ConditionFailedError, ItemSizeError
from items.logic.errors import ItemNotFoundError, ItemTooLargeError, lost
from items.logic.identity import iso_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from items.data.table import Item, ItemTable
    from items.logic.fields import FieldRules
    from items.logic.kind import Kind


class ItemUpdater:
    def __init__(
        self,
        table: ItemTable,
        kind: Kind,
        fields: FieldRules,
        *,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._table = table
        self._kind = kind
        self._fields = fields
        self._now_ms = now_ms

    def update(self, item_id: str, body: Mapping[str, Any], version: int | None) -> Item:
        """Change some fields of an item that is at `version`; None is any version."""
        changes = plain(self._fields.for_update(body))
        if not self._kind.is_id(item_id):
            raise ItemNotFoundError
        changed = self._kind.form.changed(iso_time(self._now_ms()), changes)
        try:
            return self._table.update(item_id, changed, version)
        except ConditionFailedError as error:
            raise lost(error.current, self._kind.form) from error
        except ItemSizeError as error:
            raise ItemTooLargeError from error
