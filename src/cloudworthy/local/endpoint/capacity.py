"""Provisioned capacity of DynamoDB tables and indexes: used up, and throttled as on AWS.

Each table and index has two buckets, for reads and for writes, that fill at the provisioned
rate and keep what was not used in the last five minutes. A request is let through while there
is anything left and then takes what it really used; autoscaling does not act.

Source: DynamoDB developer guide, "Burst and adaptive capacity" (documented).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_BURST_S: Final = 300
_RETURN: Final = "ReturnConsumedCapacity"
_READS: Final = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})
_WRITES: Final = frozenset(
    {"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"}
)
_EXCEEDED: Final = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
_MESSAGE: Final = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
_OF_THE_BODY: Final = frozenset({"content-length", "x-amz-crc32"})
_TOTAL: Final = ("TableName", "CapacityUnits")
_Used = dict[str, Any]


class _Limited(NamedTuple):
    """Reads or writes of a table, or of one of its indexes."""

    table: str
    secondary_index: str
    direction: str


@dataclass(slots=True)
class _Bucket:
    rate_per_s: float
    level: float
    filled_at_s: float

    def fill(self, now_s: float) -> float:
        gained = (now_s - self.filled_at_s) * self.rate_per_s
        self.level = min(self.level + gained, self.rate_per_s * _BURST_S)
        self.filled_at_s = now_s
        return self.level


class ProvisionedCapacity:
    """DynamoDB with throttling; a backend in front of the engine.

    Parameters
    ----------
    engine
        Carries out what is not throttled; it must tell the capacity that a call has used.
    """

    def __init__(self, engine: Backend, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._arns: dict[str, str] = {}
        self._buckets: dict[_Limited, _Bucket] = {}

    def update(self, deployment: Deployment) -> None:
        """Enforce the capacity of these tables; buckets whose rate is the same stay as full."""
        before, self._buckets = self._buckets, {}
        for table in deployment.of_type("AWS::DynamoDB::Table"):
            self._arns[table.physical_id] = str(table.attributes["Arn"])
            for limited, rate_per_s in _rates(table):
                known = before.get(limited)
                if known is None or known.rate_per_s != rate_per_s:
                    now_s = self._clock.monotonic_s()
                    known = _Bucket(rate_per_s, rate_per_s * _BURST_S, now_s)
                self._buckets[limited] = known

    async def send(self, request: Request) -> Response:
        """Carry a call out, or throttle it; see ``Backend``."""
        operation = (request.header("x-amz-target") or "").rpartition(".")[2]
        if operation not in _READS | _WRITES or not self._buckets:
            return await self._engine.send(request)
        document = _document(request.body)
        exhausted = self._exhausted(operation, document)
        if exhausted is not None:
            return self._throttled(exhausted)
        wanted = str(document.get(_RETURN, "NONE"))
        body = orjson.dumps({**document, _RETURN: "INDEXES"})
        headers = [it for it in request.headers if it[0].lower() not in _OF_THE_BODY]
        response = await self._engine.send(
            Request(request.method, request.target, headers, body, request.client_ip)
        )
        return self._accounted(response, operation, wanted)

    def _exhausted(self, operation: str, document: Mapping[str, Any]) -> _Limited | None:
        now_s = self._clock.monotonic_s()
        direction = "Read" if operation in _READS else "Write"
        for table in _tables(document):
            for limited, bucket in self._buckets.items():
                if (limited.table, limited.direction) != (table, direction):
                    continue
                touched = direction == "Write" or limited.secondary_index == document.get(
                    "IndexName", ""
                )
                if touched and bucket.fill(now_s) <= 0:
                    return limited
        return None

    def _throttled(self, limited: _Limited) -> Response:
        arn = self._arns[limited.table]
        kind = "Index" if limited.secondary_index else "Table"
        reason = {
            "reason": f"{kind}{limited.direction}ProvisionedThroughputExceeded",
            "resource": f"{arn}/index/{limited.secondary_index}"
            if limited.secondary_index
            else arn,
        }
        error = {"__type": _EXCEEDED, "message": _MESSAGE, "ThrottlingReasons": [reason]}
        headers = [
            ("x-amzn-RequestId", str(uuid.uuid4())),
            ("Content-Type", "application/x-amz-json-1.0"),
        ]
        return Response(400, headers, orjson.dumps(error))

    def _accounted(self, response: Response, operation: str, wanted: str) -> Response:
        """Take what the call used; the caller sees as much of it as it asked for."""
        if response.status != 200:
            return response
        document = _document(response.body)
        used = document.pop("ConsumedCapacity", [])
        for each in used if isinstance(used, list) else [used]:
            self._take(each, "Read" if operation in _READS else "Write")
        if wanted == "INDEXES":
            return response
        if wanted == "TOTAL":
            document["ConsumedCapacity"] = _total(used)
        # The checksum and the length were those of the engine's own body.
        headers = [it for it in response.headers if it[0].lower() not in _OF_THE_BODY]
        return Response(response.status, headers, orjson.dumps(document))

    def _take(self, used: Mapping[str, Any], direction: str) -> None:
        table = str(used["TableName"]).rpartition("/")[2]
        parts = {"": used.get("Table", {}), **used.get("GlobalSecondaryIndexes", {})}
        for index, units in parts.items():
            bucket = self._buckets.get(_Limited(table, index, direction))
            if bucket is not None:
                bucket.fill(self._clock.monotonic_s())
                bucket.level -= float(units.get("CapacityUnits", 0))


def _rates(table: ProvisionedResource) -> Iterator[tuple[_Limited, float]]:
    """Units a second; none for a table that is billed by request."""
    properties = table.properties
    if properties.get("BillingMode") == "PAY_PER_REQUEST":
        return
    throughputs = {"": properties.get("ProvisionedThroughput") or {}}
    for index in properties.get("GlobalSecondaryIndexes") or ():
        throughputs[str(index["IndexName"])] = index.get("ProvisionedThroughput") or {}
    for index, throughput in throughputs.items():
        for direction in ("Read", "Write"):
            units = throughput.get(f"{direction}CapacityUnits")
            if units is not None:
                yield _Limited(table.physical_id, index, direction), float(units)


def _tables(request: Mapping[str, Any]) -> Iterator[str]:
    """The names of the tables that a request is about."""
    named = [request["TableName"]] if "TableName" in request else []
    named += request.get("RequestItems") or {}
    for item in request.get("TransactItems") or ():
        named += [action.get("TableName", "") for action in item.values()]
    return iter({str(name).rpartition("/")[2] for name in named})


def _total(used: _Used | list[_Used]) -> _Used | list[_Used]:
    """What an answer tells of what a call used, without the indexes."""
    if isinstance(used, list):
        return [{name: each[name] for name in _TOTAL} for each in used]
    return {name: used[name] for name in _TOTAL}


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
