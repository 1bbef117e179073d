"""Log events in files, as the runtime writes and the command line reads them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.observe.logs import LogEvent, LogStore, file_name
from local.lambda_.events import until

GROUP = "/aws/lambda/web-app-api"

READER = """
import sys, time
from pathlib import Path
from cloudworthy.local.observe.logs import LogStore
for event in LogStore(Path(sys.argv[1])).follow(sys.argv[2]):
    time.sleep(0 if event else 0.01)
    print(event.message if event else "-", flush=True)
"""


def put(store: LogStore, *messages: str, group: str = GROUP) -> None:
    for number, message in enumerate(messages):
        store.put(group, "stream", message, timestamp_ms=number, request_id=f"r{number}")


def read(store: LogStore, group: str) -> list[LogEvent]:
    """What there is by now."""
    events: list[LogEvent] = []
    following = store.follow(group)
    while (event := next(following)) is not None:
        events.append(event)
    return events


def test_events_come_back_in_order(tmp_path: Path) -> None:
    store = LogStore(tmp_path)
    put(store, "zero", "one\nwith a second line", "zwei \U0001f600")
    store.put(GROUP, "other", "three", timestamp_ms=3)
    assert [event.message for event in read(store, GROUP)] == [
        "zero", "one\nwith a second line", "zwei \U0001f600", "three",
    ]  # fmt: skip
    assert read(store, GROUP)[0] == LogEvent(0, "stream", "zero", "r0")
    assert read(store, "/no/such/group") == []
    store.close()


async def test_an_event_goes_to_the_disk_without_being_asked_for(tmp_path: Path) -> None:
    store, reader = LogStore(tmp_path), LogStore(tmp_path)
    put(store, "soon")
    assert read(reader, GROUP) == []
    await until(lambda: read(reader, GROUP) != [])
    assert [event.message for event in read(reader, GROUP)] == ["soon"]
    put(store, "at close")
    store.close()
    assert [event.message for event in read(reader, GROUP)] == ["soon", "at close"]


def test_old_events_go_when_there_are_too_many(tmp_path: Path) -> None:
    store = LogStore(tmp_path, max_bytes=1_000, generations=2)
    put(store, *(f"message {number}" for number in range(200)))
    store.close()
    files = sorted(tmp_path.iterdir())
    assert 2 <= len(files) <= 3
    assert sum(file.stat().st_size for file in files) < 4_000
    kept = [event.message for event in read(store, GROUP)]
    assert kept == [f"message {number}" for number in range(200 - len(kept), 200)]


def test_a_line_cut_off_by_a_kill_spoils_nothing(tmp_path: Path) -> None:
    store = LogStore(tmp_path)
    put(store, "whole")
    store.close()
    with (tmp_path / file_name(GROUP)).open("ab") as file:
        file.write(b'{"t":1,"group":"/aws')
    again = LogStore(tmp_path)
    put(again, "after")
    again.close()
    assert [event.message for event in read(again, GROUP)] == ["whole", "after"]


@pytest.mark.parametrize(
    "group", ["..", "../../etc/passwd", ".hidden", "a" * 512, "/" * 300, "ä#$"]
)
def test_any_group_name_stays_in_the_directory(tmp_path: Path, group: str) -> None:
    store = LogStore(tmp_path / "logs")
    put(store, "here", group=group)
    store.close()
    assert [event.message for event in read(store, group)] == ["here"]
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


@given(st.text(min_size=1, max_size=600), st.text(min_size=1, max_size=600))
def test_two_groups_never_share_a_file(one: str, other: str) -> None:
    names = [file_name(group.encode("utf-8", "replace").decode()) for group in (one, other)]
    assert all(len(name) < 255 for name in names)
    assert "/" not in "".join(names)
    assert (names[0] == names[1]) == (
        one.encode("utf-8", "replace") == other.encode("utf-8", "replace")
    )


def test_another_process_can_follow(tmp_path: Path) -> None:
    store = LogStore(tmp_path, max_bytes=300, generations=1)
    put(store, "before")
    store.flush()
    command = [sys.executable, "-c", READER, str(tmp_path), GROUP]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as reader:
        assert reader.stdout is not None
        try:
            assert reader.stdout.readline() == "before\n"
            seen: list[str] = []
            for number in range(12):
                # More than a file holds, so that one is put aside on the way.
                put(store, f"message {number}")
                while (line := reader.stdout.readline().strip()) == "-":
                    pass
                seen.append(line)
        finally:
            reader.kill()
    store.close()
    assert seen == [f"message {number}" for number in range(12)]
