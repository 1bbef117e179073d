"""Snapshots of awkward objects."""

from __future__ import annotations

import io
import pickle
import threading
from collections import Counter, OrderedDict, defaultdict
from typing import Any

import pytest

from cloudworthy.local.engines.moto_child.pickling import MotoPickler, MotoUnpickler
from cloudworthy.local.engines.moto_child.snapshot import UnfaithfulSnapshotError, checked_pickle


class ShowsLess(dict[str, list[int]]):
    """Like moto's store of object versions: shows the last one, appends on setting."""

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key)[-1]

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, [*super().get(key, []), value])

    def items(self) -> Any:
        return [(key, self[key]) for key in self]


class WithArguments(defaultdict[str, list[int]]):
    """Like moto's store of parameters: cannot be made from its factory alone."""

    def __init__(self, account: str, region: str) -> None:
        super().__init__(list)
        self.account, self.region = account, region


class Forgetful:
    """Loses an object on the way."""

    def __init__(self) -> None:
        self.part: Part | None = Part()

    def __getstate__(self) -> dict[str, Any]:
        return {"part": self.part}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.part = None


class Part:
    pass


def copied(value: Any) -> Any:
    buffer = io.BytesIO()
    MotoPickler(buffer).dump(value)
    buffer.seek(0)
    return MotoUnpickler(buffer).load()


def test_a_dict_that_shows_less_than_it_holds_is_kept_whole() -> None:
    store = ShowsLess()
    store["a"] = 1
    store["a"] = 2
    assert dict.items(copied(store)) == {"a": [1, 2]}.items()


def test_a_dict_with_arguments_and_a_cycle() -> None:
    store = WithArguments("account", "region")
    store["a"].append(1)
    vars(store)["owner"] = store
    copy = copied(store)
    assert (copy.account, copy.region, dict(copy)) == ("account", "region", {"a": [1]})
    assert copy.owner is copy
    assert copy["new"] == []


@pytest.mark.parametrize(
    "value", [OrderedDict(b=1, a=2), defaultdict(list, a=[1]), Counter("aab"), {1: {2: 3}}]
)
def test_the_dicts_of_python_itself(value: Any) -> None:
    copy = copied(value)
    assert (copy, list(copy), type(copy)) == (value, list(value), type(value))


def test_locks_are_new_and_free() -> None:
    held = threading.Lock()
    with held:
        lock, reentrant = copied((held, threading.RLock()))
    assert lock.acquire(blocking=False)
    assert reentrant.acquire(blocking=False)


def test_functions_without_a_name() -> None:
    assert copied(defaultdict(lambda: defaultdict(dict)))["a"]["b"] == {}
    number = 5
    with pytest.raises((TypeError, pickle.PicklingError)):
        copied(lambda: number)


def test_what_does_not_come_back_as_it_was_is_noticed() -> None:
    checked_pickle([("m", "n", {}, {"account": {"region": Part()}})])
    with pytest.raises(UnfaithfulSnapshotError, match="Part"):
        checked_pickle([("m", "n", {}, {"account": {"region": Forgetful()}})])
