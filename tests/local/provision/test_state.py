from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.resources import ProvisionedResource
from cloudworthy.local.provision.state import Record, StackState, StateFile, Status


def record(logical_id: str, *, generation: int = 0, sequence: int = 0) -> Record:
    made = ProvisionedResource(logical_id, "AWS::S3::Bucket", "id", {"a": [1]}, {"Arn": "arn"})
    return Record(made, Status.UPDATING, {"a": [1]}, generation, sequence)


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = StackState("shop", "000000000000", "us-east-1")
    state.resources["A"] = record("A", generation=2, sequence=5)
    state.leftovers.append(record("A", generation=1))
    state.retained.append(record("B"))
    state.outputs["Url"] = "https://example.com"
    file = StateFile(tmp_path / "shop")
    assert file.load() is None
    file.save(state, durable=True)
    assert file.load() == state
    assert stat.S_IMODE((tmp_path / "shop").stat().st_mode) == 0o700


def test_an_interrupted_write_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "deployment.new").write_text('{"half')
    file = StateFile(tmp_path)
    file.save(StackState("shop", "1", "r"))
    assert file.load() == StackState("shop", "1", "r")


def test_numbers_are_never_used_again() -> None:
    state = StackState("shop", "1", "r")
    assert (state.next_generation("A"), state.next_sequence()) == (0, 1)
    state.retained.append(record("A", generation=3, sequence=7))
    assert (state.next_generation("A"), state.next_sequence()) == (4, 8)
    state.forget(state.retained[0])
    assert state.next_generation("A") == 0


def test_a_state_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deployment.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(CloudworthyError, match="found another format"):
        StateFile(tmp_path).load()
