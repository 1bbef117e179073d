"""DynamoDB calls of the API in a loop: ``bare_loop.py OPERATION WARM_UP_S MEASURE_S MOST``.

Runs with the Python and the client of our handlers, and prints the latencies as JSON. It
waits for a line on stdin before the loop, so that several of these begin together.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from itertools import count
from typing import TYPE_CHECKING, Any

from aws.dynamodb import DynamoDb
from observability.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLE = os.environ["TABLE_NAME"]
_CREATED_AT = "2026-01-02T03:04:05.678Z"


def _item(item_id: str) -> dict[str, Any]:
    return {
        "item_id": {"S": item_id},
        "created_at": {"S": _CREATED_AT},
        "updated_at": {"S": _CREATED_AT},
        "status": {"S": "pending"},
        "name": {"S": "Benchmark item"},
        "description": {"S": "Forty characters of text, more or less."},
        "metadata": {"M": {"colour": {"S": "blue"}, "size": {"N": "3"}, "weight": {"N": "1.5"}}},
        "version": {"N": "1"},
    }


def _operations(database: DynamoDb) -> dict[str, Callable[[], object]]:
    known = [f"bare-{number}" for number in range(100)]
    for item_id in known:
        _put(database, item_id)
    turn = count()
    return {
        "GET item": lambda: _get(database, known[next(turn) % len(known)]),
        "POST item": lambda: _put(database, str(uuid.uuid4())),
        "list 20": lambda: database.request(
            "Scan", {"TableName": _TABLE, "Limit": 20}, _TABLE, repeatable=True
        ),
    }


def _get(database: DynamoDb, item_id: str) -> object:
    key = {"item_id": {"S": item_id}, "created_at": {"S": _CREATED_AT}}
    document = {"TableName": _TABLE, "Key": key, "ConsistentRead": True}
    return database.request("GetItem", document, _TABLE, repeatable=True)


def _put(database: DynamoDb, item_id: str) -> object:
    document = {"TableName": _TABLE, "Item": _item(item_id)}
    return database.request("PutItem", document, _TABLE, repeatable=True)


def _loop(call: Callable[[], object], seconds: float, most: int) -> list[float]:
    each_ms: list[float] = []
    deadline = time.perf_counter() + seconds
    started = time.perf_counter()
    while started < deadline and len(each_ms) < most:
        call()
        ended = time.perf_counter()
        each_ms.append((ended - started) * 1000)
        started = ended
    return each_ms


def main() -> None:
    operation, warm_up_s, measure_s, most = sys.argv[1:]
    call = _operations(DynamoDb(os.environ, Tracing(os.environ)))[operation]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    _loop(call, float(warm_up_s), int(most))
    started = time.perf_counter()
    each_ms = _loop(call, float(measure_s), int(most))
    document = {"each_ms": each_ms, "seconds": time.perf_counter() - started}
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    main()
