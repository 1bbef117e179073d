"""What the service does with items."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from items.data.idempotency import Record
from items.data.numbers import plain
from items.data.table import ConditionFailedError, ItemSizeError
from items.logic.errors import (
    IdempotencyKeyReusedError,
    ItemNotFoundError,
    ItemTooLargeError,
    VersionConflictError,
)
from items.logic.fields import ITEM_FIELDS, Fields
from items.logic.identity import created_at, is_item_id, iso_time, new_item_id
from items.logic.page_tokens import after_token, page_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from items.data.idempotency import IdempotencyTable
    from items.data.table import Item, ItemTable

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


@dataclass(frozen=True, slots=True)
class Listing:
    items: list[Item]
    last_key: str | None


class ItemService:
    """The operations of the API, in no protocol's words.

    Parameters
    ----------
    id_attribute
        What the id is called in items.
    """

    def __init__(
        self,
        table: ItemTable,
        idempotency: IdempotencyTable,
        id_attribute: str,
        *,
        fields: Fields = ITEM_FIELDS,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        new_id: Callable[[int], str] = new_item_id,
    ) -> None:
        self._table = table
        self._idempotency = idempotency
        self._id_attribute = id_attribute
        self._fields = fields
        self._now_ms = now_ms
        self._new_id = new_id

    def list(self, limit: int, last_key: str | None, status: str | None) -> Listing:
        """A page of items: of those with a status newest first, or of all."""
        if status is not None:
            self._fields.check_value("status", status)
        start = None if last_key is None else after_token(last_key, status)
        if status is None:
            page = self._table.scan(limit, start)
        else:
            page = self._table.query_status(status, limit, start)
        token = None if page.last_id is None else page_token(page.last_id, status)
        return Listing(page.items, token)

    def create(self, body: Mapping[str, Any], key: IdempotencyKey | None) -> Created:
        """Create an item; with a key, at most once.

        Raises
        ------
        IdempotencyKeyReusedError
            The key stands for another body.
        """
        values = plain(self._fields.for_creation(body))
        now_ms = self._now_ms()
        item = self._new_item(values, now_ms)
        if key is None:
            self._table.put_new(item)
            return Created(item, replayed=False)
        record = Record(key.record_id, fingerprint(values), now_ms // 1000 + _RECORD_LIFE_S)
        outcome = self._idempotency.put_new_once(self._table, item, record, now_ms // 1000)
        if outcome.fingerprint != record.fingerprint:
            raise IdempotencyKeyReusedError
        return Created(outcome.item, outcome.replayed)

    def get(self, item_id: str) -> Item:
        item = self._table.get(item_id) if is_item_id(item_id) else None
        if item is None:
            raise ItemNotFoundError
        return item

    def update(self, item_id: str, body: Mapping[str, Any], version: int | None) -> Item:
        """Change some fields of an item that is at `version`; None is any version."""
        changes = plain(self._fields.for_update(body))
        if not is_item_id(item_id):
            raise ItemNotFoundError
        changes["updated_at"] = iso_time(self._now_ms())
        try:
            return self._table.update(item_id, changes, version)
        except ConditionFailedError as error:
            raise _lost(error) from error
        except ItemSizeError as error:
            raise ItemTooLargeError from error

    def delete(self, item_id: str, version: int | None) -> None:
        if not is_item_id(item_id):
            raise ItemNotFoundError
        try:
            self._table.delete(item_id, version)
        except ConditionFailedError as error:
            raise _lost(error) from error

    def _new_item(self, values: Mapping[str, Any], now_ms: int) -> Item:
        item_id = self._new_id(now_ms)
        times = {"created_at": created_at(item_id), "updated_at": created_at(item_id)}
        return {self._id_attribute: item_id, **times, **values, "version": 1}


def fingerprint(values: Mapping[str, Any]) -> str:
    """Stands for the values of a body, in whatever order its members came."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _lost(error: ConditionFailedError) -> Exception:
    if error.current is None:
        return ItemNotFoundError()
    return VersionConflictError(error.current)
