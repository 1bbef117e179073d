from __future__ import annotations

from cloudworthy.local.apigateway.authorizers.cache import TtlCache
from local.apigateway.serving import ManualClock


def test_a_value_lives_as_long_as_its_ttl() -> None:
    clock = ManualClock()
    cache = TtlCache[str](clock)
    cache.put("a", "one", 300)
    clock.seconds += 299
    assert cache.get("a") == "one"
    clock.seconds += 1
    assert cache.get("a") is None


def test_reading_does_not_make_a_value_live_longer() -> None:
    clock = ManualClock()
    cache = TtlCache[str](clock)
    cache.put("a", "one", 2)
    for _ in range(2):
        cache.get("a")
        clock.seconds += 1
    assert cache.get("a") is None


def test_a_ttl_of_none_keeps_nothing() -> None:
    cache = TtlCache[str](ManualClock())
    cache.put("a", "one", 0)
    assert cache.get("a") is None


def test_the_one_not_used_for_longest_goes_first() -> None:
    cache = TtlCache[int](ManualClock(), max_entries=2)
    cache.put("a", 1, 10)
    cache.put("b", 2, 10)
    assert cache.get("a") == 1
    cache.put("c", 3, 10)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_a_new_value_begins_a_new_time() -> None:
    clock = ManualClock()
    cache = TtlCache[int](clock)
    cache.put("a", 1, 10)
    clock.seconds += 9
    cache.put("a", 2, 10)
    clock.seconds += 9
    assert cache.get("a") == 2
