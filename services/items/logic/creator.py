from __future__ import annotations

import json
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from items.data.idempotency import Record
from items.data.numbers import plain
from items.data.table import ConditionFailedError
from items.logic.errors import IdempotencyKeyReusedError, ItemExistsError
from items.logic.identity import iso_time, new_item_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from items.data.idempotency import IdempotencyTable
    from items.data.table import Item, ItemTable
    from items.logic.fields import FieldRules
    from items.logic.kind import Kind

_RECORD_LIFE_S = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A key that a caller chose; the same key of another caller is another key."""

    caller: str
    key: str

    @property
    def record_id(self) -> str:
        return sha256(json.dumps([self.caller, self.key]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Created:
    item: Item
    replayed: bool


class ItemCreator:
    """Creates items, under a new id or, where the fields have one, under the caller's."""

    def __init__(
        self,
        table: ItemTable,
        idempotency: IdempotencyTable,
        kind: Kind,
        fields: FieldRules,
        *,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        new_id: Callable[[int], str] = new_item_id,
    ) -> None:
        self._table = table
        self._idempotency = idempotency
        self._kind = kind
        self._fields = fields
        self._now_ms = now_ms
        self._new_id = new_id

    def create(self, body: Mapping[str, Any], key: IdempotencyKey | None) -> Created:
        """Create an item; with a key, at most once.

        Raises
        ------
        ItemExistsError
            The id that the caller chose is taken.
        IdempotencyKeyReusedError
            The key stands for another body.
        """
        values = plain(self._fields.for_creation(body))
        asked = fingerprint(values)
        now_ms = self._now_ms()
        chosen = values.pop(self._kind.key.id_attribute, None)
        item_id = chosen or self._new_id(now_ms)
        item = self._kind.form.stored(item_id, iso_time(now_ms), values)
        try:
            if key is None:
                self._table.put_new(item, unique=chosen is None)
                return Created(item, replayed=False)
            return self._create_once(item, Record(key.record_id, asked, _expiry(now_ms)), now_ms)
        except ConditionFailedError as error:
            raise ItemExistsError from error

    def _create_once(self, item: Item, record: Record, now_ms: int) -> Created:
        outcome = self._idempotency.put_new_once(self._table, item, record, now_ms // 1000)
        if outcome.fingerprint != record.fingerprint:
            raise IdempotencyKeyReusedError
        return Created(outcome.item, outcome.replayed)


def fingerprint(values: Mapping[str, Any]) -> str:
    """Stands for the values of a body, in whatever order its members came."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _expiry(now_ms: int) -> int:
    return now_ms // 1000 + _RECORD_LIFE_S
