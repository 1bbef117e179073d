"""Runs under load: what is counted as an error, and what the verdicts hold against what."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import psutil
import pytest
from benchmarks.endurance import census
from benchmarks.endurance.census import Census, Weight
from benchmarks.endurance.journeys import Addresses
from benchmarks.endurance.record import Record
from benchmarks.endurance.run import Endurance, Look, System, Traffic, run
from benchmarks.endurance.tables import tables
from benchmarks.endurance.verdicts import verdicts
from benchmarks.endurance.visitor import Visitor
from benchmarks.targets.target import Endpoint

from running_system import wait_until


class _Server(BaseHTTPRequestHandler):
    """Answers the status that the path says; ``/429-once`` only the first time."""

    protocol_version = "HTTP/1.1"
    throttled: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        status = int(self.path[1:4])
        if self.path == "/429-once":
            status = 429 if not self.throttled else 200
            self.throttled.add(self.path)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing to stderr."""


@contextmanager
def _served() -> Iterator[Endpoint]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    server.daemon_threads = True
    _Server.throttled.clear()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Endpoint(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _run(path: str, state: Path, *, throttled: bool = False) -> Endurance:
    async def journey(visitor: Visitor, at: Addresses) -> None:
        await visitor.ask(at.api, "GET", path, operation="get", expected=200)

    with _served() as endpoint:
        system = System("small", Addresses(endpoint), journey, psutil.Process().pid, state)
        traffic = Traffic(2, 0.2, warm_up_s=0.05, throttled=throttled, settle_s=0)
        return run(system, traffic)


def test_expected_answers_are_counted_and_nothing_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "queue.sqlite").write_bytes(b"x" * 1024)
    (tmp_path / "queue.sqlite-wal").write_bytes(b"x" * 1024)
    found = _run("/200", tmp_path)
    assert found.record.errors == 0
    assert found.record.operations["get"] == len(found.record.at_s) > 4
    assert found.state_after == {"queue.sqlite": 2 / 1024}
    assert found.after.main.processes == 1


@pytest.mark.parametrize("status", ["/500", "/404", "/429"])
def test_any_other_status_is_an_error(status: str, tmp_path: Path) -> None:
    found = _run(status, tmp_path)
    assert found.record.errors > 0
    assert f"found {status[1:]}, expected 200" in found.record.first_errors[0]


def test_a_declared_throttle_is_counted_apart_and_asked_again(tmp_path: Path) -> None:
    found = _run("/429-once", tmp_path, throttled=True)
    assert found.record.errors == 0
    assert found.record.operations["get"] > 0


def test_clients_of_a_port_are_found_among_the_sockets() -> None:
    main = psutil.Process()
    with _served() as endpoint:
        assert census.take(main, [endpoint.port]).clients == 0
        with socket.create_connection((endpoint.host, endpoint.port)):
            wait_until(lambda: census.take(main, [endpoint.port]).clients == 1)
        wait_until(lambda: census.take(main, [endpoint.port]).clients == 0)


_WORKER = "python handler"
_ENGINE = "dynoxide dynamodb.sqlite"


def _census(
    *,
    rss_mib: float = 100,
    engine_mib: float = 60,
    worker_mib: float = 40,
    workers: int = 2,
    sockets: int = 50,
    files: int = 40,
) -> Census:
    files += 3 * workers
    main = Weight(1, rss_mib, sockets + files, 10, rss_mib)
    others: Mapping[str, Weight] = {
        "main": main,
        _ENGINE: Weight(3, 100, 30, 9, engine_mib),
        _WORKER: Weight(workers, worker_mib * workers, 10, 2, worker_mib),
    }
    return Census(others, main, sockets, clients=0, zombies=0)


def _found(before: Census, after: Census, record: Record) -> Endurance:
    looks = [Look(n, 100 * n, before if n < 50 else after) for n in range(100)]
    return Endurance("web-app", Traffic(8, 60), record, before, looks, after, {}, {"logs": 3.0})


def _record(first_ms: float = 10, last_ms: float = 10) -> Record:
    record = Record()
    for number in range(1000):
        record.answered("get", number / 10, first_ms if number < 500 else last_ms, 200)
    return record


def _short(found: Endurance) -> set[str]:
    return {it.promise.partition(": ")[2] for it in verdicts(found) if not it.met}


def test_a_run_that_ends_as_it_began_keeps_every_promise() -> None:
    found = _found(_census(), _census(sockets=52), _record())
    assert _short(found) == set()
    titles = [table.title for table in tables([found])]
    assert titles[:2] == ["Promises", "Traffic"]


@pytest.mark.parametrize(
    ("after", "promise"),
    [
        (_census(workers=3), "processes"),
        (replace(_census(), zombies=1), "processes"),
        (_census(files=41), "files and pipes of the main process, without those of workers"),
        (_census(sockets=53), "sockets of the main process"),
        (replace(_census(), clients=1), "sockets of the main process"),
        (_census(rss_mib=120), "memory of a process, the last fifth beside the second"),
    ],
)
def test_what_is_left_behind_is_told(after: Census, promise: str) -> None:
    assert _short(_found(_census(), after, _record())) == {promise}


def test_what_has_to_be_kept_is_no_leak() -> None:
    memory = "memory of a process, the last fifth beside the second"
    tokens, record = _census(engine_mib=70), _record()
    assert _short(_found(_census(), tokens, record)) == {memory}
    record.operations["create"] = 30_000
    assert _short(_found(_census(), tokens, record)) == set()
    trace_ids = _census(worker_mib=46)
    assert _short(_found(_census(), trace_ids, record)) == {memory}
    for _ in range(100):
        record.at_s.extend(_record().at_s)
        record.each_ms.extend(_record().each_ms)
    assert _short(_found(_census(), trace_ids, record)) == set()


def test_slower_at_the_end_is_told() -> None:
    found = _found(_census(), _census(), _record(10, 16))
    what = "of the last fifth beside the first, by the pace of the machine"
    assert _short(found) == {f"p{n} {what}" for n in (50, 99)}
    looks = [replace(it, pace_ms=1.0 if it.at_s < 50 else 1.6) for it in found.looks]
    assert _short(replace(found, looks=looks)) == set()


def test_errors_are_told() -> None:
    record = _record()
    record.failed("get: found 500")
    assert _short(_found(_census(), _census(), record)) == {"errors"}
