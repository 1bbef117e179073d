"""DynamoDB calls of the API in a loop: ``bare_loop.py OPERATION THREADS WARM_UP_S MEASURE_S MOST``.

Runs with the Python and the client of our handlers, and prints the latencies as JSON. The
client leaves the interpreter lock while it waits, so threads are its best case.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
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
        return list(database.sync_scan(_TABLE, limit=20, page_size=20))

    return {"GET item": get, "POST item": post, "list 20": listing}


def _together(
    call: Callable[[], object], threads: int, seconds: float, most: int
) -> dict[str, object]:
    """What the threads' latencies were, and how long all of them took."""
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        loops = [pool.submit(_loop, call, seconds, most // threads) for _ in range(threads)]
        each_ms = [latency for loop in loops for latency in loop.result()]
    return {"each_ms": each_ms, "seconds": time.perf_counter() - started}


def _loop(call: Callable[[], object], seconds: float, most: int) -> list[float]:
    each_ms: list[float] = []
    started = time.perf_counter()
    deadline = started + seconds
    while started < deadline and len(each_ms) < most:
        call()
        ended = time.perf_counter()
        each_ms.append((ended - started) * 1000)
        started = ended
    return each_ms


def main() -> None:
    operation, threads, warm_up_s, measure_s, most = sys.argv[1:]
    call = _operations(DynamoDBClient(endpoint_url=os.environ["AWS_ENDPOINT_URL"]))[operation]
    _together(call, int(threads), float(warm_up_s), int(most))
    sys.stdout.write(json.dumps(_together(call, int(threads), float(measure_s), int(most))))


if __name__ == "__main__":
    main()
