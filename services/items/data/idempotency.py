"""Creating once: the item and a record of its making are written in one transaction.

The transaction is one request, with a token by which DynamoDB knows it again for ten minutes: one
whose answer was lost is repeated, and answered as if it were done only then. When it is cancelled
because the record is there, DynamoDB has the record in its answer, but pydynox drops it: only then
a second request reads it.

Source: Amazon DynamoDB API reference, "TransactWriteItems": the message of a cancelled transaction
has the reasons, in the order of its parts (documented).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydynox.exceptions import TransactionCanceledException

from items.data.connection import UnavailableError
from items.data.numbers import plain
from items.data.table import ConditionFailedError

if TYPE_CHECKING:
    from pydynox import DynamoDBClient

    from items.data.connection import Connection
    from items.data.table import Item, ItemTable


_ITEM_STANDS_IN_THE_WAY = "[None, ConditionalCheckFailed]"


@dataclass(frozen=True, slots=True)
class Record:
    """That a request was carried out.

    Parameters
    ----------
    record_id
        Stands for the caller and the caller's key.
    fingerprint
        Stands for what was asked; the same key with another fingerprint is a mistake.
    expires_at_s
        Seconds since 1970, after which the key may be used anew.
    """

    record_id: str
    fingerprint: str
    expires_at_s: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was created under a key, by this request or by an earlier one."""

    item: dict[str, Any]
    fingerprint: str
    replayed: bool


class IdempotencyTable:
    """Records under `id`, removed by DynamoDB after `expires_at`."""

    def __init__(self, connection: Connection, table_name: str) -> None:
        self._connection = connection
        self._table_name = table_name

    def put_new_once(self, items: ItemTable, item: Item, record: Record, now_s: int) -> Outcome:
        """Store a new item and its record, unless the record is there already.

        Raises
        ------
        ConditionFailedError
            The id of the item is taken, and not by an earlier request with this key.
        UnavailableError
            Another request with the same key is under way, or DynamoDB is busy.
        """
        parts = [self._transaction_part(item, record, now_s), items.transaction_part(item)]
        token = str(uuid.uuid4())

        def request(client: DynamoDBClient) -> None:
            client.sync_transact_write(parts, client_request_token=token)

        try:
            self._connection.send("TransactWriteItems", self._table_name, request, repeatable=True)
        except TransactionCanceledException as error:
            if _ITEM_STANDS_IN_THE_WAY in str(error):
                raise ConditionFailedError(None) from error
            earlier = self._read(record.record_id)
            if earlier is None:
                raise UnavailableError("TransactWriteItems") from error
            return earlier
        return Outcome(item, record.fingerprint, replayed=False)

    def _transaction_part(self, item: Item, record: Record, now_s: int) -> dict[str, Any]:
        """DynamoDB removes what has expired within days, not at once: hence the comparison."""
        return {
            "type": "put",
            "table": self._table_name,
            "item": {
                "id": record.record_id,
                "fingerprint": record.fingerprint,
                "expires_at": record.expires_at_s,
                "item": item,
            },
            "condition_expression": "attribute_not_exists(#id) OR #expires_at < :now",
            "expression_attribute_names": {"#id": "id", "#expires_at": "expires_at"},
            "expression_attribute_values": {":now": now_s},
        }

    def _read(self, record_id: str) -> Outcome | None:
        def request(client: DynamoDBClient) -> Item | None:
            return client.sync_get_item(self._table_name, {"id": record_id}, consistent_read=True)

        stored = self._connection.send("GetItem", self._table_name, request, repeatable=True)
        if stored is None:
            return None
        return Outcome(plain(stored["item"]), str(stored["fingerprint"]), replayed=True)
