"""Items in DynamoDB: every operation is one request.

Source: Amazon DynamoDB API reference, "ReturnValuesOnConditionCheckFailure": the condition's
own failure returns the item that stands in the way (documented; fact dynamodb-001).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydynox.exceptions import ConditionalCheckFailedException, ValidationException

from items.data.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydynox import DynamoDBClient
    from pydynox.query import QueryResult, ScanResult

    from items.data.connection import Connection
    from items.data.keys import Key, KeyShape

Item = dict[str, Any]
Path = tuple[str, ...]
"""Where in an item a member is: its name, after those of the members around it."""

T = TypeVar("T")


class ConditionFailedError(Exception):
    """The item is not as the condition wants it; `current` is None when there is none."""

    def __init__(self, current: Item | None) -> None:
        super().__init__("condition failed")
        self.current = current


class ItemSizeError(Exception):
    """The item is larger than DynamoDB keeps (400 KB)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list.

    Attributes
    ----------
    last_id
        The item that the next page starts after; None when there is no next page.
    """

    items: list[Item]
    last_id: str | None


class ItemTable:
    """One table.

    Parameters
    ----------
    key
        The shape of the table's key, the only thing in which the tables of the systems differ.
    """

    def __init__(self, connection: Connection, table_name: str, key: KeyShape) -> None:
        self._connection = connection
        self._table_name = table_name
        self._key = key

    def get(self, item_id: str) -> Item | None:
        """The item as last written: a caller that has just created it finds it."""
        key = self._key.of(item_id)

        def request(client: DynamoDBClient) -> Item | None:
            return client.sync_get_item(self._table_name, key, consistent_read=True)

        item = self._send("GetItem", request, repeatable=True)
        return None if item is None else plain(item)

    def put_new(self, item: Item, *, unique: bool) -> None:
        """Store an item under an id that is not taken.

        When nobody else can have made this very item (`unique`), a first attempt whose answer
        was lost is known by its result. Otherwise it could be somebody else's.

        Raises
        ------
        ConditionFailedError
            It is taken.
        """
        put = self.put_new_request(item)

        def request(client: DynamoDBClient) -> None:
            client.sync_put_item(
                self._table_name, **put, return_values_on_condition_check_failure=True
            )

        try:
            self._send("PutItem", request, repeatable=unique)
        except ConditionFailedError as error:
            if not unique or error.current != item:
                raise

    def put_new_request(self, item: Item) -> dict[str, Any]:
        """What `put_new` asks for, which may also be a part of a transaction."""
        return {
            "item": item,
            "condition_expression": "attribute_not_exists(#id)",
            "expression_attribute_names": {"#id": self._key.id_attribute},
        }

    def transaction_part(self, item: Item) -> dict[str, Any]:
        return {"type": "put", "table": self._table_name, **self.put_new_request(item)}

    def update(self, item_id: str, changes: Mapping[Path, Any], version: int | None) -> Item:
        """Set some members of an item and count its version up.

        Returns
        -------
        Item
            The whole item as it is now.

        Raises
        ------
        ConditionFailedError
            There is no such item, or it is not at `version`.
        """
        condition = _Condition(self._key.id_attribute, version)
        assignments = _Assignments(changes)

        def request(client: DynamoDBClient) -> Item | None:
            return client.sync_update_item(
                self._table_name,
                self._key.of(item_id),
                update_expression=assignments.expression,
                condition_expression=condition.expression,
                expression_attribute_names={**assignments.names, **condition.names},
                expression_attribute_values={**assignments.values, **condition.values},
                return_values_on_condition_check_failure=True,
                return_values="ALL_NEW",
            )

        updated: Item = plain(self._send("UpdateItem", request, repeatable=False))
        return updated

    def delete(self, item_id: str, version: int | None) -> None:
        """Remove an item.

        Raises
        ------
        ConditionFailedError
            There is no such item, or it is not at `version`.
        """
        condition = _Condition(self._key.id_attribute, version)

        def request(client: DynamoDBClient) -> None:
            client.sync_delete_item(
                self._table_name,
                self._key.of(item_id),
                condition_expression=condition.expression,
                expression_attribute_names=condition.names,
                expression_attribute_values=condition.values or None,
                return_values_on_condition_check_failure=True,
            )

        self._send("DeleteItem", request, repeatable=False)

    def scan(self, limit: int, start: str | None) -> Page:
        """A page of all items, in no order that means anything."""

        def request(client: DynamoDBClient) -> Page:
            return self._page(
                client.sync_scan(
                    self._table_name,
                    page_size=limit,
                    last_evaluated_key=None if start is None else self._key.of(start),
                )
            )

        return self._send("Scan", request, repeatable=True)

    def query(self, index_name: str, where: Key, limit: int, start: str | None) -> Page:
        """A page of the items with a value, by an index of that attribute, newest first."""
        [(attribute, value)] = where.items()
        key = None if start is None else {**self._key.of(start), **where}

        def request(client: DynamoDBClient) -> Page:
            return self._page(
                client.sync_query(
                    self._table_name,
                    "#attribute = :value",
                    expression_attribute_names={"#attribute": attribute},
                    expression_attribute_values={":value": value},
                    page_size=limit,
                    scan_index_forward=False,
                    index_name=index_name,
                    last_evaluated_key=key,
                )
            )

        return self._send("Query", request, repeatable=True)

    def _page(self, found: ScanResult | QueryResult) -> Page:
        """The first page of a result that goes on by itself when it is read further.

        No filter is set, so that the key where DynamoDB stopped is that of the page's last item.
        """
        name = self._key.id_attribute
        items: list[Item] = []
        for item in found:
            items.append(plain(item))
            stopped_at = found.last_evaluated_key
            if stopped_at is not None and stopped_at[name] == item[name]:
                return Page(items, str(item[name]))
        return Page(items, None)

    def _send(
        self, operation: str, request: Callable[[DynamoDBClient], T], *, repeatable: bool
    ) -> T:
        try:
            return self._connection.send(
                operation, self._table_name, request, repeatable=repeatable
            )
        except ConditionalCheckFailedException as error:
            current = getattr(error, "item", None)
            raise ConditionFailedError(None if current is None else plain(current)) from error
        except ValidationException as error:
            if "exceeded the maximum allowed size" in str(error):
                raise ItemSizeError from error
            raise


class _Condition:
    """The item is there and, if a version is given, at that version."""

    def __init__(self, id_attribute: str, version: int | None) -> None:
        self.expression = "attribute_exists(#id)"
        self.names = {"#id": id_attribute}
        self.values: dict[str, Any] = {}
        if version is not None:
            self.expression += " AND #version = :expected"
            self.names["#version"] = "version"
            self.values[":expected"] = version


class _Assignments:
    """`SET` of the changes; whatever the names are, none is in the expression itself."""

    def __init__(self, changes: Mapping[Path, Any]) -> None:
        self._placeholders: dict[str, str] = {}
        sets = [f"{self._path(path)}=:{index}" for index, path in enumerate(changes)]
        sets.append("#version=if_not_exists(#version,:zero)+:one")
        self.expression = "SET " + ",".join(sets)
        self.names = {placeholder: name for name, placeholder in self._placeholders.items()}
        self.names["#version"] = "version"
        self.values = {f":{index}": value for index, value in enumerate(changes.values())}
        self.values |= {":zero": 0, ":one": 1}

    def _path(self, path: Path) -> str:
        known = self._placeholders
        return ".".join(known.setdefault(name, f"#{len(known)}") for name in path)
