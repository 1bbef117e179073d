"""What a table and its indexes may use up, and which writes reach an index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cloudworthy.local.endpoint.item_operations import Direction
from cloudworthy.local.model.resources import ProvisionedResource

Item = Mapping[str, Any]
_NAME = re.compile(r"(?<![:\w.#-])#?[A-Za-z_][\w-]*")


class Limited(NamedTuple):
    """Reads or writes of a table, or of one of its global secondary indexes."""

    table: str
    secondary_index: str
    """Empty for the table itself, which its local indexes draw on too."""
    direction: Direction


@dataclass(frozen=True, slots=True)
class SecondaryIndex:
    """A global secondary index: which items it holds, and what of them."""

    name: str
    keys: frozenset[str]
    attributes: frozenset[str] | None
    """What it keeps of an item besides the table's keys; None for everything."""

    def view(self, item: Item | None) -> Item | None:
        """What the index holds of an item; None when the item is not in it."""
        if item is None or not self.keys <= item.keys():
            return None
        if self.attributes is None:
            return item
        return {name: item[name] for name in self.attributes if name in item}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as far as capacity goes."""

    name: str
    arn: str
    is_provisioned: bool
    """Otherwise it is billed by request, and what limits it is ``OnDemandThroughput``."""
    keys: tuple[str, ...]
    rates: Mapping[Limited, float]
    """Units a second; what is not there is not limited."""
    indexes: Mapping[str, SecondaryIndex]


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a request."""

    table: str
    new_item: Item | None = None
    """The whole item, where the request has it."""
    key: Item | None = None
    mentioned: frozenset[str] | None = None
    """Of an update: the attributes that its expression names; a check names none."""

    def reaches(self, index: SecondaryIndex, old_item: Item | None) -> bool:
        """Whether the write takes capacity of an index.

        An update counts when it may put the item into the index, or names something that the
        index keeps of it: what its expression leads to is not worked out.

        Source: DynamoDB developer guide, "Global secondary indexes", write capacity
        (documented).
        """
        old = index.view(old_item)
        if self.mentioned is None:
            return index.view(self.new_item) != old
        if not self.mentioned:
            return False
        if old is not None:
            kept = index.attributes
            return kept is None or not self.mentioned.isdisjoint(kept | index.keys)
        there = frozenset(old_item or ()) | frozenset(self.key or ()) | self.mentioned
        return index.keys <= there


def build_table(resource: ProvisionedResource) -> Table:
    """A table by its template's properties, which are those of the API."""
    return table_of(resource.physical_id, str(resource.attributes["Arn"]), resource.properties)


def table_of(name: str, arn: str, properties: Mapping[str, Any]) -> Table:
    """Source: ``OnDemandThroughput``, DynamoDB API reference: -1 is no limit (documented)."""
    is_provisioned = properties.get("BillingMode", "PROVISIONED") != "PAY_PER_REQUEST"
    keys = tuple(_key_names(properties))
    indexes = properties.get("GlobalSecondaryIndexes") or ()
    rates = {
        Limited(name, str(part.get("IndexName", "")), direction): units
        for part in (properties, *indexes)
        for direction, units in _rates(part, is_provisioned=is_provisioned)
    }
    return Table(
        name,
        arn,
        is_provisioned,
        keys,
        rates,
        {str(it["IndexName"]): _index(it, keys) for it in indexes},
    )


def changed(properties: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a table after an ``UpdateTable`` with these parameters."""
    throughput = ("BillingMode", "ProvisionedThroughput", "OnDemandThroughput")
    after = {**properties, **{name: update[name] for name in throughput if name in update}}
    indexes = {it["IndexName"]: it for it in after.get("GlobalSecondaryIndexes") or ()}
    for step in update.get("GlobalSecondaryIndexUpdates") or ():
        for action, index in step.items():
            name = index["IndexName"]
            if action == "Delete":
                indexes.pop(name, None)
            else:
                indexes[name] = {**indexes.get(name, {}), **index}
    return {**after, "GlobalSecondaryIndexes": list(indexes.values())}


def writes_of(operation: str, request: Mapping[str, Any]) -> list[Write]:
    """Every write of a request, in its order."""
    if operation == "BatchWriteItem":
        return [
            batch_write(str(table), entry)
            for table, entries in (request.get("RequestItems") or {}).items()
            for entry in entries
        ]
    if operation == "TransactWriteItems":
        return [
            _write(action, parameters)
            for entry in request.get("TransactItems") or ()
            for action, parameters in entry.items()
        ]
    return [_write(operation.removesuffix("Item"), request)]


def batch_write(table: str, entry: Mapping[str, Any]) -> Write:
    """One entry of a ``BatchWriteItem``."""
    if "PutRequest" in entry:
        return _write("Put", {"TableName": table, **entry["PutRequest"]})
    return _write("Delete", {"TableName": table, **entry.get("DeleteRequest", {})})


def table_name(name_or_arn: object) -> str:
    return str(name_or_arn).rpartition("/")[2]


def _write(action: str, parameters: Mapping[str, Any]) -> Write:
    table = table_name(parameters.get("TableName", ""))
    if action == "Put":
        return Write(table, new_item=parameters.get("Item"))
    mentioned = None
    if action == "Update":
        mentioned = frozenset(_mentioned(parameters))
    elif action == "ConditionCheck":
        mentioned = frozenset()
    return Write(table, key=parameters.get("Key"), mentioned=mentioned)


def _mentioned(update: Mapping[str, Any]) -> Iterator[str]:
    """Attributes that an update names; words of the language among them do no harm."""
    names = update.get("ExpressionAttributeNames") or {}
    yield from update.get("AttributeUpdates") or ()
    for name in _NAME.findall(str(update.get("UpdateExpression") or "")):
        yield str(names.get(name, name))


def _index(index: Mapping[str, Any], table_keys: Iterable[str]) -> SecondaryIndex:
    projection = index.get("Projection") or {}
    keys = frozenset(_key_names(index))
    attributes = None
    if projection.get("ProjectionType", "ALL") != "ALL":
        attributes = keys | {*table_keys, *(projection.get("NonKeyAttributes") or ())}
    return SecondaryIndex(str(index["IndexName"]), keys, attributes)


def _key_names(part: Mapping[str, Any]) -> Iterator[str]:
    for key in part.get("KeySchema") or ():
        yield str(key["AttributeName"])


def _rates(part: Mapping[str, Any], *, is_provisioned: bool) -> Iterator[tuple[Direction, float]]:
    if is_provisioned:
        throughput, name = part.get("ProvisionedThroughput") or {}, "{}CapacityUnits"
    else:
        throughput, name = part.get("OnDemandThroughput") or {}, "Max{}RequestUnits"
    directions: tuple[Direction, ...] = ("Read", "Write")
    for direction in directions:
        units = float(throughput.get(name.format(direction), -1))
        if units >= 0:
            yield direction, units
