"""How often and how long a call of a service is repeated."""

from __future__ import annotations

import io
import socket
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_api.deadline import Deadline
from aws_api.repeats import ATTEMPTS, Repeats
from items.operations.wiring import application
from items.systems.web_app import WEB_APP
from services.systems import WEB

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_S = 14
GATEWAY_S = 29
COLD_START_S = 10
ONE_MORE_CALL_S = 5


class Clock:
    """Time that passes by waiting only."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.waits: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_s += seconds


def context_with(remaining_s: float) -> object:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: int(remaining_s * 1000))


@given(
    remaining_s=st.integers(0, 900),
    attempt_s=st.floats(0, 6),
    longest_s=st.floats(0, 6),
    chance=st.floats(0, 1),
)
def test_no_attempt_is_begun_that_could_end_too_late(
    remaining_s: int, attempt_s: float, longest_s: float, chance: float
) -> None:
    clock = Clock()
    deadline = Deadline(monotonic=clock.monotonic)
    deadline.begin(context_with(remaining_s))
    repeats = Repeats(deadline, sleep=clock.sleep, jitter=lambda: chance)
    attempts, taken_s = 1, min(attempt_s, longest_s)
    clock.now_s += taken_s
    while repeats.wait(attempts, longest_s):
        assert clock.now_s + longest_s <= min(MOST_S, remaining_s - 1) + 1e-6
        attempts += 1
        clock.now_s += taken_s
    assert attempts <= ATTEMPTS
    ended_at = clock.now_s - 1e-6
    assert ended_at <= max(taken_s, min(MOST_S, remaining_s))
    assert ended_at + ONE_MORE_CALL_S + COLD_START_S <= GATEWAY_S


@given(st.floats(0, 1, exclude_max=True))
def test_waits_grow_and_are_drawn_by_chance(chance: float) -> None:
    clock = Clock()
    repeats = Repeats(Deadline(), sleep=clock.sleep, jitter=lambda: chance)
    for attempts in range(1, ATTEMPTS):
        assert repeats.wait(attempts, 4)
    assert not repeats.wait(ATTEMPTS, 4)
    assert clock.waits == pytest.approx([chance * wait for wait in (0.05, 0.1, 0.2)])


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def connections_to(server: socket.socket) -> int:
    """How many have been made."""
    server.settimeout(0)
    made = 0
    while True:
        try:
            connection, _ = server.accept()
        except BlockingIOError:
            return made
        connection.close()
        made += 1


def test_a_function_that_has_little_time_left_answers_before_it_is_cut_off(
    silent: socket.socket,
) -> None:
    log = io.StringIO()
    endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
    handler = application(WEB.environment(endpoint), WEB_APP, log)
    event = {"resource": "/items", "path": "/items", "httpMethod": "GET"}
    answer = handler(event, context_with(6))
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "1")
    assert connections_to(silent) == 1
