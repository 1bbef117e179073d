"""The end of a stack whose engines would not start any more."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from cloudworthy.local.instance import Instance, find_instance
from cloudworthy.local.local_aws import EngineOptions
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.resources import ProvisionedResource
from cloudworthy.local.provision.deployer import Removed
from cloudworthy.local.provision.state import Record, StackState, StateFile, Status
from cloudworthy.local.teardown import destroy_stack

_NO_ENGINES = EngineOptions(Path("/nowhere"))


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """A stack of a bucket and a queue, with state that no moto reads."""
    instance = Instance(tmp_path / "Small")
    with instance:
        state = StackState("Small", "000000000000", "us-east-1")
        for number, (name, kind) in enumerate(
            {"B": "AWS::S3::Bucket", "Q": "AWS::SQS::Queue"}.items()
        ):
            made = ProvisionedResource(name, kind, name.lower(), {})
            state.resources[name] = Record(made, Status.COMPLETE, {}, sequence=number)
        StateFile(instance.directory).save(state)
        (instance.directory / "moto").mkdir()
        (instance.directory / "moto" / "snapshot.pickle").write_bytes(b"of another version")
    return instance


async def test_a_stack_whose_engines_do_not_start_can_be_destroyed(instance: Instance) -> None:
    removed = await destroy_stack(instance, _NO_ENGINES)
    assert removed == [Removed("Q", "AWS::SQS::Queue", "q"), Removed("B", "AWS::S3::Bucket", "b")]
    assert list(instance.directory.parent.iterdir()) == []


async def test_what_a_killed_end_left_is_no_stack_and_goes_with_the_next(
    instance: Instance,
) -> None:
    left = instance.directory.with_name(".removed-Small")
    instance.directory.rename(left)
    with pytest.raises(CloudworthyError, match="No stack has been started"):
        find_instance(left.parent, None)
    with instance:
        pass
    await destroy_stack(instance, _NO_ENGINES)
    assert list(left.parent.iterdir()) == []


def test_a_stack_can_be_destroyed_where_nothing_can_be_written(instance: Instance) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cloudworthy.cli.main",
            "destroy",
            "--yes",
            "--state",
            instance.directory.parent,
        ],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert not instance.directory.exists()
