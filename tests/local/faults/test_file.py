"""``faults.json``: whose it is, and that two commands at a time both count."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cloudworthy.local.faults.document import FaultFileError, free_id
from cloudworthy.local.faults.fault import Fault
from cloudworthy.local.faults.file import FaultFile, read_starting_faults
from cloudworthy.local.faults.hits import HitCounter
from cloudworthy.local.model.faults import Effect

FAULT = Fault("", "s3", Effect.FAIL)


def add(directory: Path) -> None:
    FaultFile(directory).change(
        lambda there: (*there, replace(FAULT, fault_id=free_id(it.fault_id for it in there)))
    )


def test_only_its_owner_may_read_it_and_each_change_is_another_version(tmp_path: Path) -> None:
    file = FaultFile(tmp_path)
    versions = [file.version()]
    assert file.read() == ()
    for _ in range(3):
        add(tmp_path)
        versions.append(file.version())
    assert len(set(versions)) == 4
    assert (tmp_path / "faults.json").stat().st_mode & 0o777 == 0o600


def test_changes_at_the_same_time_are_all_there(tmp_path: Path) -> None:
    threads = [threading.Thread(target=add, args=(tmp_path,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {it.fault_id for it in FaultFile(tmp_path).read()} == {f"f{n}" for n in range(1, 13)}


def test_a_broken_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text("mine")
    with pytest.raises(FaultFileError, match=r"faults\.json, line 1"):
        add(tmp_path)
    assert (tmp_path / "faults.json").read_text() == "mine"


def test_a_file_for_a_start_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FaultFileError, match=r"none\.json: No such file"):
        read_starting_faults(tmp_path / "none.json")


def test_hits_are_counted_on_disk_at_once_and_forgotten_by_name(tmp_path: Path) -> None:
    counter, reader = HitCounter(tmp_path), HitCounter(tmp_path)
    assert reader.totals() == {}
    counter.forget(["f1"])
    assert list(tmp_path.iterdir()) == []
    for fault_id in ("f1", "f1", "f2"):
        counter.count(fault_id)
    assert reader.totals() == {"f1": 2, "f2": 1}
    counter.forget(["f1", "f9"])
    counter.count("f1")
    counter.close()
    assert reader.totals() == {"f1": 1, "f2": 1}


def test_where_nothing_can_be_counted_calls_go_on(tmp_path: Path) -> None:
    counter = HitCounter(tmp_path / "missing")
    counter.count("f1")
    counter.count("f1")
    assert counter.totals() == {}
