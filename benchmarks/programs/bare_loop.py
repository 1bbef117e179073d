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

from pydynox import DynamoDBClient

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLE = os.environ["TABLE_NAME"]
_CREATED_AT = "2026-01-02T03:04:05.678Z"


def _item(item_id: str) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "created_at": _CREATED_AT,
        "updated_at": _CREATED_AT,
        "status": "pending",
        "name": "Benchmark item",
        "description": "Forty characters of text, more or less.",
        "metadata": {"colour": "blue", "size": 3, "weight": 1.5},
        "version": 1,
    }


def _operations(database: DynamoDBClient) -> dict[str, Callable[[], object]]:
    known = [f"bare-{number}" for number in range(100)]
    for item_id in known:
        database.sync_put_item(_TABLE, _item(item_id))
    turn = count()

    def get() -> object:
        key = {"item_id": known[next(turn) % len(known)], "created_at": _CREATED_AT}
        return database.sync_get_item(_TABLE, key)

    def post() -> object:
        return database.sync_put_item(
            _TABLE,
            _item(str(uuid.uuid4())),
            condition_expression="attribute_not_exists(item_id)",
        )

    def listing() -> object:
        return list(database.sync_scan(_TABLE, limit=20))

    return {"GET item": get, "POST item": post, "list 20": listing}


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
    call = _operations(DynamoDBClient(endpoint_url=os.environ["AWS_ENDPOINT_URL"]))[operation]
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
