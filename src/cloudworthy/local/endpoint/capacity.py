"""Provisioned capacity of DynamoDB tables and indexes: used up, and throttled as on AWS.

Each table and index has two buckets, for reads and for writes, that fill at the provisioned
rate and keep what was not used in the last five minutes. A request is let through while there
is anything left and then takes what it really used; autoscaling does not act. A table that is
billed by request has buckets where ``OnDemandThroughput`` sets a maximum, and no others.

Source: DynamoDB developer guide, "Burst and adaptive capacity", "DynamoDB maximum throughput
for on-demand tables" (documented).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from cloudworthy.local.endpoint.capacity_answers import canceled, throttled
from cloudworthy.local.endpoint.capacity_buckets import Buckets
from cloudworthy.local.endpoint.capacity_tables import (
    Item,
    Limited,
    Table,
    Write,
    build_table,
    changed,
    table_name,
    table_of,
    writes_of,
)
from cloudworthy.local.endpoint.item_operations import READS, WRITES, direction_of
from cloudworthy.local.endpoint.limits.documents import document_of
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.resources import Deployment

_RETURN: Final = "ReturnConsumedCapacity"
_LEFT_BY_BATCH: Final = {"BatchGetItem": "UnprocessedKeys", "BatchWriteItem": "UnprocessedItems"}
_TARGET: Final = "x-amz-target"
_OF_THE_BODY: Final = frozenset({"content-length", "x-amz-crc32"})
_TOTAL: Final = ("TableName", "CapacityUnits")
_CONDITION_FAILED: Final = b"ConditionalCheckFailedException"
_Used = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Known:
    """A table: as the template had it, and as calls of ``UpdateTable`` have made it since."""

    template: Mapping[str, Any]
    properties: Mapping[str, Any]
    table: Table


class ProvisionedCapacity:
    """DynamoDB with throttling; a backend in front of the engine.

    Parameters
    ----------
    engine
        Carries out what is not throttled; it must tell the capacity that a call has used.
    """

    def __init__(self, engine: Backend, clock: Clock) -> None:
        self._engine = engine
        self._tables: dict[str, _Known] = {}
        self._buckets = Buckets(clock)

    def update(self, deployment: Deployment) -> None:
        """Enforce the capacity of these tables.

        Buckets whose rate is the same stay as full. What ``UpdateTable`` has changed stays
        changed as long as the template says what it said before.
        """
        before, self._tables = self._tables, {}
        for resource in deployment.of_type("AWS::DynamoDB::Table"):
            name, known = resource.physical_id, before.get(resource.physical_id)
            if known is None or known.template != resource.properties:
                table = build_table(resource)
                known = _Known(resource.properties, resource.properties, table)
            self._tables[name] = known
        self._refill()

    async def send(self, request: Request) -> Response:
        """Carry a call out, or throttle it; see ``Backend``."""
        operation = (request.header(_TARGET) or "").rpartition(".")[2]
        if operation == "UpdateTable":
            return await self._update_table(request)
        if operation not in READS | WRITES or not self._buckets:
            return await self._engine.send(request)
        document = document_of(request)
        try:
            stops = await self._stops(operation, document, request)
        except (AttributeError, KeyError, TypeError):
            # The engine knows better what is wrong with a malformed request.
            return await self._engine.send(request)
        if not any(stops):
            return await self._carry_out(operation, document, request)
        refusal = self._refusal(operation, stops)
        return refusal or await self._part_of_batch(operation, document, stops, request)

    def _refusal(self, operation: str, stops: Sequence[Limited | None]) -> Response | None:
        """The answer to a request that is throttled as a whole; None to a part of a batch."""
        if operation.startswith("Transact"):
            return canceled([it and (it, self._tables[it.table].table) for it in stops])
        if operation in _LEFT_BY_BATCH and not all(stops):
            return None
        limited = next(stop for stop in stops if stop)
        return throttled(limited, self._tables[limited.table].table)

    # what is exhausted

    async def _stops(
        self, operation: str, document: Mapping[str, Any], request: Request
    ) -> list[Limited | None]:
        """For each part of a request what stops it, if anything."""
        if operation in READS:
            return [self._stop_of_read(*read) for read in _reads_of(operation, document)]
        writes = writes_of(operation, document)
        return [await self._stop_of_write(write, request) for write in writes]

    def _stop_of_read(self, name: str, index: str) -> Limited | None:
        """Local indexes, which are none of the table's own here, draw on the table."""
        known = self._tables.get(name)
        secondary = index if known is not None and index in known.table.indexes else ""
        limited = Limited(name, secondary, "Read")
        return limited if self._buckets.is_exhausted(limited) else None

    async def _stop_of_write(self, write: Write, request: Request) -> Limited | None:
        known = self._tables.get(write.table)
        if known is None:
            return None
        of_table = Limited(write.table, "", "Write")
        if self._buckets.is_exhausted(of_table):
            return of_table
        exhausted = [
            (limited, index)
            for name, index in known.table.indexes.items()
            if self._buckets.is_exhausted(limited := Limited(write.table, name, "Write"))
        ]
        if not exhausted:
            return None
        old_item = await self._item(write, known.table, request)
        return next((it for it, index in exhausted if write.reaches(index, old_item)), None)

    async def _item(self, write: Write, table: Table, request: Request) -> Item | None:
        """What is there before a write, without using capacity."""
        key = write.key or {name: (write.new_item or {})[name] for name in table.keys}
        read = {"TableName": table.name, "Key": key, "ConsistentRead": True}
        response = await self._engine.send(
            _with_body(request, read, target="DynamoDB_20120810.GetItem")
        )
        item = document_of(response).get("Item")
        return item if isinstance(item, dict) else None

    # what is carried out

    async def _carry_out(
        self, operation: str, document: Mapping[str, Any], request: Request
    ) -> Response:
        wanted = str(document.get(_RETURN, "NONE"))
        response = await self._engine.send(_with_body(request, {**document, _RETURN: "INDEXES"}))
        return self._accounted(response, operation, document, wanted)

    async def _part_of_batch(
        self,
        operation: str,
        document: Mapping[str, Any],
        stops: Sequence[Limited | None],
        request: Request,
    ) -> Response:
        """Carry out what is not throttled; the answer tells what is left."""
        sent, left = _split(operation, document["RequestItems"], stops)
        rest = {**document, "RequestItems": sent}
        response = await self._carry_out(operation, rest, request)
        if response.status != 200:
            return response
        answer = document_of(response)
        unprocessed = answer.setdefault(_LEFT_BY_BATCH[operation], {})
        for table, entries in left.items():
            also = unprocessed.get(table)
            unprocessed[table] = [*also, *entries] if isinstance(also, list) else entries
        return _with_document(response, answer)

    def _accounted(
        self, response: Response, operation: str, request: Mapping[str, Any], wanted: str
    ) -> Response:
        """Take what the call used; the caller sees as much of it as it asked for.

        Source: DynamoDB developer guide, "Read and write operations": a write whose condition
        fails takes at least one unit (documented).
        """
        direction = direction_of(operation)
        if response.status != 200:
            if _CONDITION_FAILED in response.body and "TableName" in request:
                self._buckets.take(Limited(table_name(request["TableName"]), "", direction), 1.0)
            return response
        document = document_of(response)
        used = document.pop("ConsumedCapacity", [])
        for each in used if isinstance(used, list) else [used]:
            name = table_name(each["TableName"])
            for index, units in _units(each):
                self._buckets.take(Limited(name, index, direction), units)
        if wanted == "INDEXES":
            return response
        if wanted == "TOTAL":
            document["ConsumedCapacity"] = _total(used)
        return _with_document(response, document)

    # what changes

    async def _update_table(self, request: Request) -> Response:
        response = await self._engine.send(request)
        update = document_of(request)
        known = self._tables.get(table_name(update.get("TableName", "")))
        if response.status == 200 and known is not None:
            properties = changed(known.properties, update)
            table = table_of(known.table.name, known.table.arn, properties)
            self._tables[table.name] = replace(known, properties=properties, table=table)
            self._refill()
        return response

    def _refill(self) -> None:
        rates = [known.table.rates for known in self._tables.values()]
        self._buckets.set_rates({limited: it[limited] for it in rates for limited in it})


def _reads_of(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The table, and its index if any, of each read; a batch counts once for each table."""
    if operation == "BatchGetItem":
        for table in request["RequestItems"].keys():  # noqa: SIM118 - a list has none
            yield table_name(table), ""
    elif operation == "TransactGetItems":
        for item in request["TransactItems"]:
            yield table_name(item["Get"]["TableName"]), ""
    else:
        yield table_name(request["TableName"]), str(request.get("IndexName", ""))


def _split(
    operation: str, entries: Mapping[str, Any], stops: Iterable[Limited | None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The entries of a batch by table: those to send, and those that are stopped."""
    by_entry = iter(stops)
    sent: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for table, of_table in entries.items():
        if operation == "BatchGetItem":
            (left if next(by_entry) else sent)[table] = of_table
            continue
        for entry in of_table:
            (left if next(by_entry) else sent).setdefault(table, []).append(entry)
    return sent, left


def _units(used: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Units by index; those of local indexes are the table's.

    Source: DynamoDB developer guide, "Local secondary indexes", "Provisioned throughput
    considerations" (documented).
    """
    local = used.get("LocalSecondaryIndexes", {}).values()
    for units in (used.get("Table", {}), *local):
        yield "", float(units.get("CapacityUnits", 0))
    for index, units in used.get("GlobalSecondaryIndexes", {}).items():
        yield index, float(units.get("CapacityUnits", 0))


def _total(used: _Used | list[_Used]) -> _Used | list[_Used]:
    """What an answer tells of what a call used, without the indexes."""
    if isinstance(used, list):
        return [{name: each[name] for name in _TOTAL} for each in used]
    return {name: used[name] for name in _TOTAL}


def _with_body(request: Request, document: Mapping[str, Any], *, target: str = "") -> Request:
    left_out = _OF_THE_BODY | {_TARGET} if target else _OF_THE_BODY
    headers = [it for it in request.headers if it[0].lower() not in left_out]
    if target:
        headers.append((_TARGET, target))
    return replace(request, headers=headers, body=orjson.dumps(document))


def _with_document(response: Response, document: Mapping[str, Any]) -> Response:
    """The checksum and the length were those of the engine's own body."""
    headers = [it for it in response.headers if it[0].lower() not in _OF_THE_BODY]
    return Response(response.status, headers, orjson.dumps(document))
