"""What a run under load has to show, held against what it showed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.endurance.census import Census
from benchmarks.endurance.run import Endurance, Look
from benchmarks.promises import Verdict

MOST_MEDIAN = 1.2
"""A fifth of a run holds thousands of requests, so chance moves their median by 1 or 2 percent;
the rest is for the machine, which does other things too."""
MOST_P99 = 1.5
"""A hundredth of the requests moves more: a checkpoint of a database may be among them or not."""
MOST_MEMORY = 1.1
SMALLEST_GROWTH_MIB = 4.0
"""Below that, a tenth of a small process is a page cache of SQLite."""
_TOKEN_MIB = 512 / 2**20
"""What dynoxide needs at most to remember the ``ClientRequestToken`` of a transaction, which it
does for ten minutes, as DynamoDB does; 350 bytes were measured."""
_TRACE_ID_MIB = 160 / 2**20
"""What a worker keeps of each event for good: Lambda's own client sets ``_X_AMZN_TRACE_ID``, and
glibc never gives back what ``setenv`` took. 144 bytes were measured; it is so on AWS."""
FILES_OF_A_WORKER = 3
"""The main process reads a worker's output and memory, and holds its start."""
_LISTENERS = 10
_SOCKETS_OF_A_WORKER = 5
"""Its Runtime API, its connection to that, and those of its clients of AWS."""
_PROCESSES_WITHOUT_WORKERS = 4
"""The runtime, its guardian, dynoxide and moto."""
POOL_THREADS = 4 + (os.cpu_count() or 1)
"""Python's pool for what blocks; its threads are started when they are first needed."""


def verdicts(found: Endurance) -> list[Verdict]:
    """One for each promise."""
    return [*_answers(found), *_latency(found), *_leaks(found), *_memory(found)]


def _answers(found: Endurance) -> Iterator[Verdict]:
    record = found.record
    said = f"{record.errors} of {len(record.at_s):,}"
    yield _verdict(found, "errors", "none", said, met=record.errors == 0)


def _latency(found: Endurance) -> Iterator[Verdict]:
    """Where the API throttles, the moment of a request decides how long it takes: none."""
    if found.traffic.throttled:
        return
    slower = slowdown(found.looks)
    for percent, most in ((50, MOST_MEDIAN), (99, MOST_P99)):
        first, last = (found.record.fifth(number).percentile_ms(percent) for number in (0, 4))
        times = last / first / slower if first else 0.0
        what = f"p{percent} of the last fifth beside the first, by the pace of the machine"
        said = (
            f"{times:.2f} times ({last:.2f} ms against {first:.2f} ms, {slower:.2f} times as slow)"
        )
        yield _verdict(found, what, f"at most {most} times", said, met=times <= most)


def slowdown(looks: Sequence[Look]) -> float:
    """How much longer the machine took for the same work in the last fifth than in the first."""
    first, last = (_part(looks, number) for number in (0, 4))
    if not first or not last:
        return 1.0
    return median(look.pace_ms for look in last) / median(look.pace_ms for look in first)


def _leaks(found: Endurance) -> Iterator[Verdict]:
    """Workers come and go with the callers: what belongs to them goes with them."""
    before, after = found.before, found.after
    more = after.processes - before.processes
    said = f"{before.processes}, then {after.processes}, {after.zombies} of them not waited for"
    met = not after.zombies and (more <= 0 or not found.traffic.outlasts_idle_workers)
    yield _verdict(found, "processes", "none left over", said, met=met)
    files = [own_files(census) for census in (before, after)]
    said = f"{files[0]}, then {files[1]}"
    what = "files and pipes of the main process, without those of workers"
    yield _verdict(found, what, "the same", said, met=files[0] == files[1])
    said = f"{before.main_sockets}, then {after.main_sockets}, {after.clients} of clients"
    met = not after.clients and after.main_sockets <= most_sockets(found)
    wanted = "no client's, and no more than are kept to engines and workers"
    yield _verdict(found, "sockets of the main process", wanted, said, met=met)
    said = f"{before.main.threads}, then {after.main.threads}"
    met = after.main.threads <= before.main.threads + POOL_THREADS
    yield _verdict(found, "threads of the main process", "no more than its pool", said, met=met)


def own_files(census: Census) -> int:
    """What the main process has open for itself, whatever the number of workers."""
    return census.main_files - FILES_OF_A_WORKER * workers(census)


def workers(census: Census) -> int:
    """Processes that run a function: all but those that a system has without any."""
    return census.processes - _PROCESSES_WITHOUT_WORKERS


def most_sockets(found: Endurance) -> int:
    """Of the main process, without those of clients: connections that are kept.

    With each worker some, and with both engines as many as were used at once, by clients of the
    API and of the page.
    """
    with_engines = 2 * 2 * found.traffic.connections
    return _LISTENERS + _SOCKETS_OF_A_WORKER * workers(found.after) + with_engines


def _memory(found: Endurance) -> Iterator[Verdict]:
    """Of every program; the verdict names the one that grew most."""
    worst, said, met = 0.0, "", True
    for program in found.before.by_program:
        second, last = (rss_mib(found.looks, program, number) for number in (1, 4))
        if not second or not last:
            continue
        last -= kept_mib(found, program)
        times = last / second
        met = met and (times <= MOST_MEMORY or last - second < SMALLEST_GROWTH_MIB)
        if times > worst:
            worst, said = times, f"{program}: {times:.2f} times, {last - second:+.1f} MiB"
    what = "memory of a process, the last fifth beside the second"
    yield _verdict(found, what, f"at most {MOST_MEMORY} times", said, met=met)


def kept_mib(found: Endurance, program: str) -> float:
    """What a process of a program has to keep of the requests from the second fifth to the last."""
    if program.startswith("dynoxide"):
        return _fifths(found.record.operations["create"], 3) * _TOKEN_MIB
    if program.endswith("handler"):
        processes = found.looks[-1].census.by_program[program].processes
        return _fifths(len(found.record.at_s), 3) / processes * _TRACE_ID_MIB
    return 0.0


def _fifths(number: int, fifths: int) -> float:
    return number * fifths / 5


def rss_mib(looks: Sequence[Look], program: str, fifth: int) -> float:
    """Of the largest process of this program, the median of a fifth; 0 if there was none."""
    censuses = [look.census.by_program for look in _part(looks, fifth)]
    found = [by_program[program] for by_program in censuses if program in by_program]
    return median(weight.largest_mib for weight in found) if found else 0.0


def _part(looks: Sequence[Look], fifth: int) -> Sequence[Look]:
    return looks[len(looks) * fifth // 5 : len(looks) * (fifth + 1) // 5]


def _verdict(found: Endurance, what: str, wanted: str, measured: str, *, met: bool) -> Verdict:
    return Verdict(f"{describe(found)}: {what}", wanted, measured, met)


def describe(found: Endurance) -> str:
    throttles = ", its own throttles" if found.traffic.throttled else ""
    return f"{found.system}, {found.traffic.connections} connections{throttles}"
