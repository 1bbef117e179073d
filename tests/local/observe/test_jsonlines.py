"""Files of JSON lines on a disk without room, for which a limit on a file's size stands in."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.model.records import CallRecord
from cloudworthy.local.observe.calls import CallLog
from cloudworthy.local.observe.jsonlines import MOST_WAITING, waiting
from cloudworthy.local.observe.logs import LogStore
from cloudworthy.local.observe.traces import TraceStore

_APPEND = """
import resource, sys
from pathlib import Path
from cloudworthy.local.observe.jsonlines import JsonLinesFile

file = JsonLinesFile(Path(sys.argv[1]))
file.append([b'{"n": 1}\\n'])
_, highest = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (14, highest))
try:
    file.append([b'{"n": 2}\\n', b'{"n": 3}\\n'])
except OSError as error:
    print(error.strerror)
resource.setrlimit(resource.RLIMIT_FSIZE, (highest, highest))
file.append([b'{"n": 4}\\n'])
file.close()
"""


def put_call(log: CallLog, number: int) -> None:
    log.put(CallRecord(number, "arn:aws:iam::0:root", "Api", "dynamodb", "GetItem", 200, 0.7))


def put_event(logs: LogStore, number: int) -> None:
    logs.put("group", "stream", f"message {number}", timestamp_ms=number)


def put_segment(traces: TraceStore, number: int) -> None:
    traces.put({"number": number})


@pytest.mark.parametrize(
    ("store", "put"),
    [(CallLog, put_call), (LogStore, put_event), (TraceStore, put_segment)],
)
async def test_what_finds_no_room_does_not_fill_the_memory(
    tmp_path: Path, store: Callable[[Path], Any], put: Callable[[Any, int], None]
) -> None:
    no_directory = tmp_path / "state"
    no_directory.touch()
    kept = store(no_directory)
    put(kept, 0)
    with pytest.raises(FileExistsError):
        kept.flush()
    for number in range(MOST_WAITING):
        put(kept, number)
    gc.collect()
    blocks = sys.getallocatedblocks()
    for number in range(1000):
        put(kept, number)
    assert sys.getallocatedblocks() - blocks < 500


def test_the_oldest_are_given_up() -> None:
    assert waiting(range(MOST_WAITING + 5))[0] == 5


def test_lines_that_find_no_room_leave_nothing_behind(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    path = tmp_path / "file.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", _APPEND, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "File too large\n"
    assert path.read_text() == '{"n": 1}\n{"n": 4}\n'
