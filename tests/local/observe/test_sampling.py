from __future__ import annotations

from cloudworthy.local.observe.sampling import DefaultSamplingRule
from local.apigateway.serving import ManualClock


def test_the_first_request_of_a_second_and_a_twentieth_of_the_others() -> None:
    clock = ManualClock()
    numbers = iter([0.049, 0.05, 0.9])
    sampled = DefaultSamplingRule(clock, lambda: next(numbers))
    assert [sampled() for _ in range(4)] == [True, True, False, False]
    clock.seconds += 1
    assert sampled()


def test_seconds_without_requests_are_not_saved_up() -> None:
    clock = ManualClock()
    sampled = DefaultSamplingRule(clock, lambda: 0.5)
    clock.seconds += 60
    assert [sampled(), sampled()] == [True, False]
