"""What the queue of events keeps."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from cloudworthy.local.lambda_.asynchronous.event import Answer, Condition
from cloudworthy.local.lambda_.asynchronous.queue import EventQueue
from local.lambda_.queue_process import event

TESTS = Path(__file__).resolve().parents[2]


def test_no_accepted_event_is_lost_to_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "async.sqlite"
    with subprocess.Popen(
        [sys.executable, "-m", "local.lambda_.queue_process", str(file)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline().strip() for _ in range(200)]
        child.kill()
        acknowledged += child.stdout.read().splitlines()[:-1]
    queue = EventQueue(file)
    kept = {it.request_id for it in queue.take("function", 1_000_000, 1_000_000)}
    assert {f"request-{number}" for number in acknowledged} <= kept
    queue.close()


def test_events_come_in_the_order_they_are_due(tmp_path: Path) -> None:
    queue = EventQueue(tmp_path / "async.sqlite")
    for number in (3, 1, 2):
        queue.add(event(number))
    queue.add(event(0, function_name="other"))
    assert queue.functions() == {"function", "other"}
    assert queue.next_due_ms(besides=["other"]) == 1
    assert [it.request_id for it in queue.take("function", 2, 10)] == ["request-1", "request-2"]
    assert queue.take("function", 2, 10) == []
    assert queue.next_due_ms(besides=[]) == 0
    assert queue.next_due_ms(besides=["function", "other"]) is None
    queue.close()


def test_an_event_comes_back_as_it_was_put(tmp_path: Path) -> None:
    queue = EventQueue(tmp_path / "async.sqlite")
    queue.add(event(1, qualifier="live", client_context="{}", trace_header="Root=1"))
    (taken,) = queue.take("function", 1, 1)
    changed = replace(
        taken, due_ms=5, attempts=2, refusals=3, answer=Answer(b"1", "Unhandled", "7", "Root=2")
    )
    queue.put_back(changed)
    assert queue.take("function", 4, 1) == []
    assert queue.take("function", 5, 1) == [changed]
    ended = replace(changed, condition=Condition.SUCCESS)
    queue.keep_ended(ended)
    queue.close()
    queue = EventQueue(tmp_path / "async.sqlite")
    assert queue.take("function", 5, 1) == [ended]
    queue.remove(ended)
    assert len(queue) == 0
    queue.close()


def test_a_file_that_knows_nothing_of_dead_letters_is_read_on(tmp_path: Path) -> None:
    EventQueue(tmp_path / "async.sqlite").close()
    older = sqlite3.connect(tmp_path / "async.sqlite")
    older.execute("ALTER TABLE event DROP COLUMN buried")
    older.close()
    queue = EventQueue(tmp_path / "async.sqlite")
    queue.add(event(1, buried=True))
    (taken,) = queue.take("function", 1, 1)
    assert taken.buried
    queue.close()


def test_events_of_a_clock_that_was_ahead_keep_their_delays(tmp_path: Path) -> None:
    queue = EventQueue(tmp_path / "async.sqlite")
    ahead = replace(event(1), accepted_ms=9_000, due_ms=10_000)
    behind = replace(event(2), accepted_ms=1_000, due_ms=2_500)
    queue.add(ahead)
    queue.add(behind)
    queue.set_back(2_000)
    assert [it.request_id for it in queue.take("function", 2_999, 10)] == ["request-2"]
    (taken,) = queue.take("function", 3_000, 10)
    assert (taken.accepted_ms, taken.due_ms) == (2_000, 3_000)
    queue.close()
