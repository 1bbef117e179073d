"""Writers that go on while something is killed, and remember what was acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


@dataclass
class Load:
    """What the writers saw."""

    acknowledged: set[str] = field(default_factory=set)
    failures: list[Exception] = field(default_factory=list)

    def wait_for(self, count: int, *, timeout_s: float = 60) -> None:
        """Return when ``count`` more writes than now are acknowledged."""
        wanted, ends_s = len(self.acknowledged) + count, time.monotonic() + timeout_s
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < ends_s, self.failures[-3:]
            time.sleep(0.01)


@contextmanager
def writing(
    make_client: Callable[[], Any], write: Callable[[Any, str], object], *, writers: int = 3
) -> Iterator[Load]:
    """Write ``<writer>-<number>`` one after the other, in several threads."""
    load, ended = Load(), threading.Event()

    def work(writer: int) -> None:
        client, number = make_client(), 0
        while not ended.is_set():
            name = f"{writer}-{number}"
            try:
                write(client, name)
            except (BotoCoreError, ClientError) as error:
                load.failures.append(error)
            else:
                load.acknowledged.add(name)
            number += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        ended.set()
        for thread in threads:
            thread.join()
