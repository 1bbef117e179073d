from __future__ import annotations

from cloudworthy.local.apigateway.definition import Throttle
from cloudworthy.local.apigateway.token_bucket import TokenBuckets
from local.apigateway.serving import ManualClock


def taken(buckets: TokenBuckets, throttle: Throttle, count: int) -> list[bool]:
    return [buckets.take("key", throttle) for _ in range(count)]


def test_a_burst_and_then_the_rate() -> None:
    clock = ManualClock()
    buckets, throttle = TokenBuckets(clock), Throttle(rate_per_s=2, burst=3)
    assert taken(buckets, throttle, 4) == [True, True, True, False]
    clock.seconds += 1
    assert taken(buckets, throttle, 3) == [True, True, False]


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    clock = ManualClock()
    buckets, throttle = TokenBuckets(clock), Throttle(rate_per_s=100, burst=1)
    taken(buckets, throttle, 1)
    clock.seconds += 60
    assert taken(buckets, throttle, 2) == [True, False]


def test_keys_do_not_share_a_bucket() -> None:
    buckets, throttle = TokenBuckets(ManualClock()), Throttle(1, 1)
    assert [buckets.take(key, throttle) for key in ("a", "b", "a")] == [True, True, False]


def test_another_limit_begins_with_a_full_bucket() -> None:
    buckets = TokenBuckets(ManualClock())
    assert taken(buckets, Throttle(1, 1), 2) == [True, False]
    assert taken(buckets, Throttle(1, 2), 1) == [True]


def test_a_burst_of_none_lets_nothing_pass() -> None:
    assert taken(TokenBuckets(ManualClock()), Throttle(10, 0), 1) == [False]
