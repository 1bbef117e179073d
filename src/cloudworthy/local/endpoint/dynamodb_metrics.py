"""DynamoDB's metrics, from the calls that pass the endpoint."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from cloudworthy.local.endpoint.dynamodb_throttles import throttled_parts
from cloudworthy.local.endpoint.item_operations import ITEM_OPERATIONS, direction_of
from cloudworthy.local.endpoint.limits.documents import document_of
from cloudworthy.local.endpoint.watching import AnsweredCall
from cloudworthy.local.model.records import MetricDatum, MetricSink

_NAMESPACE = "AWS/DynamoDB"
_THROTTLED = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException"})
_NO_USER_ERRORS = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException"})
_READ_UNIT_BYTES, _WRITE_UNIT_BYTES = 4096, 1024
_Dimensions = tuple[tuple[str, str], ...]


class DynamoDbMetrics:
    """A watcher that puts metrics of tables and indexes.

    Source: DynamoDB developer guide, "DynamoDB metrics and dimensions" (documented).
    """

    def __init__(self, sink: MetricSink) -> None:
        self._sink = sink

    async def __call__(self, call: AnsweredCall) -> None:
        operation = call.operation.name
        if operation not in ITEM_OPERATIONS:
            return
        request = document_of(call.request)
        tables = list(_tables(request))
        if call.response.status == 200:
            self._succeeded(call, request, tables)
        else:
            self._failed(call, request, tables)

    def _succeeded(self, call: AnsweredCall, request: Mapping[str, Any], tables: list[str]) -> None:
        operation = call.operation.name
        for table in tables:
            by_operation = (("Operation", operation), ("TableName", table))
            self._put("SuccessfulRequestLatency", by_operation, call.latency_ms, "Milliseconds")
        body = call.response.body
        is_list = operation in {"Query", "Scan"}
        # The item itself is no concern of metrics: reading all of it would cost more than they.
        needed = is_list or b'"ConsumedCapacity"' in body or b'"Unprocessed' in body
        response = document_of(call.response) if needed else {}
        if is_list:
            of_table = (("Operation", operation), ("TableName", tables[0]))
            count = float(response.get("Count", 0))
            self._put("ReturnedItemCount", of_table, count, "Count")
        for table, throttled in throttled_parts(operation, request, response):
            name = f"{direction_of(operation)}ThrottleEvents"
            self._put(name, _of(table, ""), throttled, "Count")
        name = f"Consumed{direction_of(operation)}CapacityUnits"
        for dimensions, units in _consumed(call, request, response, tables):
            self._put(name, dimensions, units, "Count")

    def _failed(self, call: AnsweredCall, request: Mapping[str, Any], tables: list[str]) -> None:
        operation, status = call.operation.name, call.response.status
        error = document_of(call.response)
        code = str(error.get("__type", "")).rpartition("#")[2]
        if status < 500 and code not in _THROTTLED | _NO_USER_ERRORS:
            self._put("UserErrors", (), 1.0, "Count")
        for table, throttled in throttled_parts(operation, request, error):
            by_operation = (("Operation", operation), ("TableName", table))
            self._put("ThrottledRequests", by_operation, 1.0, "Count")
            name = f"{direction_of(operation)}ThrottleEvents"
            self._put(name, _of(table, ""), throttled, "Count")
        for table in tables:
            by_operation = (("Operation", operation), ("TableName", table))
            if status >= 500:
                self._put("SystemErrors", by_operation, 1.0, "Count")
            elif code == "ConditionalCheckFailedException":
                name = "ConditionalCheckFailedRequests"
                self._put(name, (("TableName", table),), 1.0, "Count")
            elif code in _THROTTLED:
                self._put("ThrottledRequests", by_operation, 1.0, "Count")
                name = f"{direction_of(operation)}ThrottleEvents"
                index = _exhausted_index(error, request, table)
                self._put(name, _of(table, index), 1.0, "Count")

    def _put(
        self, name: str, dimensions: tuple[tuple[str, str], ...], value: float, unit: str
    ) -> None:
        self._sink.put(MetricDatum(_NAMESPACE, name, dimensions, value, unit))


def _of(table: str, index: str) -> _Dimensions:
    """A table itself, or an index of it."""
    of_table = (("TableName", table),)
    return (("GlobalSecondaryIndexName", index), *of_table) if index else of_table


def _exhausted_index(error: Mapping[str, Any], request: Mapping[str, Any], table: str) -> str:
    """The index that a call was refused for: as the error says, otherwise the one it names."""
    reasons = error.get("ThrottlingReasons")
    if not reasons:
        return str(request.get("IndexName", ""))
    for reason in reasons:
        of_table, _, index = str(reason.get("resource", "")).partition("/index/")
        if index and of_table.endswith(f"/{table}"):
            return index
    return ""


def _tables(request: Mapping[str, Any]) -> Iterator[str]:
    """The tables that a request names, each once."""
    named = [request["TableName"]] if "TableName" in request else []
    if isinstance(request.get("RequestItems"), dict):
        named += request["RequestItems"]
    for item in request.get("TransactItems") or ():
        named += [it.get("TableName", "") for it in item.values()]
    return iter(dict.fromkeys(str(it).rpartition("/")[2] for it in named if it))


def _consumed(
    call: AnsweredCall,
    request: Mapping[str, Any],
    response: Mapping[str, Any],
    tables: list[str],
) -> Iterator[tuple[_Dimensions, float]]:
    """Capacity by table or index: what the answer tells, otherwise worked out of its size.

    Source: DynamoDB developer guide, "Read and write operations": 4 KB a read unit, half of it
    when eventually consistent, 1 KB a write unit, double in a transaction (documented). The
    size is that of the message, which is a little longer than the item.
    """
    told = response.get("ConsumedCapacity")
    if told:
        for it in told if isinstance(told, list) else [told]:
            yield from _told(it, request)
        return
    operation = call.operation.name
    if direction_of(operation) == "Read":
        units = math.ceil(len(call.response.body) / _READ_UNIT_BYTES)
        share = 1.0 if request.get("ConsistentRead") else 0.5
    else:
        units, share = math.ceil(len(call.request.body) / _WRITE_UNIT_BYTES), 1.0
    if operation.startswith("Transact"):
        share = 2.0
    for table in tables:
        yield _of(table, str(request.get("IndexName", ""))), units * share / len(tables)


def _told(
    used: Mapping[str, Any], request: Mapping[str, Any]
) -> Iterator[tuple[_Dimensions, float]]:
    """What an answer tells of one table; only the answer to ``INDEXES`` tells its parts."""
    table = str(used["TableName"]).rpartition("/")[2]
    if "Table" not in used:
        index = str(request.get("IndexName", ""))
        yield _of(table, index), float(used["CapacityUnits"])
        return
    parts = {"": used["Table"], **used.get("GlobalSecondaryIndexes", {})}
    for index, units in parts.items():
        yield _of(table, index), float(units["CapacityUnits"])
