"""A process that accepts events until it is killed: ``python -m local.lambda_.queue_process FILE``.

It writes the number of each event that is kept, and has taken every other one.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloudworthy.local.lambda_.asynchronous.event import Event
from cloudworthy.local.lambda_.asynchronous.queue import EventQueue


def event(number: int, **changes: Any) -> Event:
    """An event that is due at the millisecond of its number."""
    first = Event(f"request-{number}", "function", "", b"{}", None, "", 0, number)
    return replace(first, **changes)


if __name__ == "__main__":
    queue = EventQueue(Path(sys.argv[1]))
    for number in range(1_000_000):
        queue.add(event(number))
        if number % 2:
            queue.take("function", number, 1)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
