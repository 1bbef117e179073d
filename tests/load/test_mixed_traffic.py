"""Mixed traffic at what the machine holds: no errors, and nothing left behind.

How fast it is, and whether it stays so for minutes, is measured by ``python -m benchmarks load``:
no test depends on time.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from benchmarks.endurance import verdicts
from benchmarks.endurance.run import Endurance, System, Traffic, run
from benchmarks.endurance.start import system
from benchmarks.project import raise_rates

from running_system import start_system
from synthesized import synthesize_only

pytestmark = pytest.mark.xdist_group("load")

_SYSTEM = "web-app"
_MOST_WORKERS = 10
"""Of one function; web-app has two that are called."""
_MOST_GROWTH_MIB = 16
"""2 KiB left behind by each of some thousands of requests would be more."""


@pytest.fixture(scope="module")
def unthrottled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    directory = tmp_path_factory.mktemp("load")
    assembly = synthesize_only(directory / "cdk.out", _SYSTEM)
    raise_rates(assembly / f"{_SYSTEM}.template.json")
    with start_system(directory, "--assembly", str(assembly), "--stack", _SYSTEM) as running:
        yield system(_SYSTEM, running.address, running.process.pid)


@pytest.mark.parametrize("connections", [8, 64])
def test_nothing_fails_and_nothing_is_left_behind(unthrottled: System, connections: int) -> None:
    found = run(unthrottled, Traffic(connections, seconds=8, warm_up_s=2, settle_s=0))

    assert found.record.first_errors == []
    assert found.record.errors == 0
    assert set(found.record.statuses) == {200, 201, 204, 400, 403, 404, 412}
    assert min(found.record.operations.values()) >= connections
    _assert_nothing_is_left(found)


def _assert_nothing_is_left(found: Endurance) -> None:
    after = found.after
    assert (after.clients, after.zombies) == (0, 0)
    assert verdicts.workers(after) <= 2 * _MOST_WORKERS
    assert verdicts.own_files(after) == verdicts.own_files(found.before)
    assert after.main_sockets <= verdicts.most_sockets(found)
    assert after.main.threads <= found.before.main.threads + verdicts.POOL_THREADS
    warm = found.looks[0].census.by_program
    for program in warm.keys() & after.by_program.keys():
        growth_mib = after.by_program[program].largest_mib - warm[program].largest_mib
        assert growth_mib < _MOST_GROWTH_MIB, program
