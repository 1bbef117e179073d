"""The load generator against a real server."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from benchmarks.load import Bounds, LoadError, Operation, run
from benchmarks.processes import program_of
from benchmarks.results import Latencies
from benchmarks.targets.null import NullServer
from benchmarks.targets.target import Endpoint, running
from benchmarks.workspace import Workspace

_REPOSITORY = Path(__file__).resolve().parents[2]
_SHORT = Bounds(warm_up_s=0.05, measure_s=0.2)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with running(NullServer(Workspace(_REPOSITORY))) as found:
        yield found


@pytest.mark.parametrize("connections", [1, 8])
def test_every_answer_is_counted_once(endpoint: Endpoint, connections: int) -> None:
    latencies = run(endpoint, Operation("get", "GET", ["/a", "/b"]), connections, _SHORT)
    assert 0.2 <= latencies.seconds < 2
    assert latencies.per_second == pytest.approx(len(latencies.each_ms) / latencies.seconds)
    assert 0 < latencies.p50_ms <= latencies.p99_ms < 200


def test_a_body_is_sent(endpoint: Endpoint) -> None:
    operation = Operation("create", "POST", ["/items"], b'{"name":"x"}', status=201)
    assert run(endpoint, operation, 2, _SHORT).each_ms


def test_the_number_of_requests_is_bounded(endpoint: Endpoint) -> None:
    bounds = Bounds(warm_up_s=0, measure_s=60, most_requests=50)
    assert len(run(endpoint, Operation("get", "GET", ["/"]), 1, bounds).each_ms) == 50


def test_an_unexpected_status_ends_the_measurement(endpoint: Endpoint) -> None:
    with pytest.raises(LoadError, match="found status 200, expected 404"):
        run(endpoint, Operation("get", "GET", ["/"], status=404), 1, _SHORT)


def test_no_process_is_left_when_a_measurement_is_interrupted() -> None:
    started: list[psutil.Process] = []

    def interrupted() -> None:
        before = psutil.Process().children()
        with running(NullServer(Workspace(_REPOSITORY))):
            started.extend(set(psutil.Process().children()) - set(before))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(started) == 1
    assert not started[0].is_running()


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("/bin/python3 -X utf8 -X pycache_prefix=/a /b/run_awslambdaric.py f.h /c", "f.h"),
        ("/bin/python3 -m moto_child --port 4000", "moto_child"),
        ("/bin/python3 -I /b/guardian.py", "guardian.py"),
        ("/bin/python3 --port 4000 --db-path /a/b.sqlite", "b.sqlite"),
        ("/bin/python3 -c pass a.handler", "a.handler"),
        ("/bin/python3", ""),
    ],
)
def test_a_process_is_named_by_what_it_runs(command: str, program: str) -> None:
    assert program_of(command.split()) == f"python3 {program}".strip()


def test_percentiles_are_by_nearest_rank() -> None:
    latencies = Latencies([float(number) for number in range(1, 101)], seconds=2)
    assert latencies.p99_ms == 99
    assert latencies.p50_ms == 50.5
    assert latencies.per_second == 50
