"""``PYTHONPATH=tests python -m durability.full_disk``: a disk that fills up under load.

The state is in a small file system of its own, which a namespace of this process mounts. Where
the system gives no namespaces, ``--limit`` tries what a limit on the size of files can show.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
from botocore.exceptions import ClientError

from durability.app import BUCKET, TABLE, TOPIC, UP
from durability.interruptions import Interruptions
from durability.items import ApiItems, Items, Transactions
from durability.killer import DYNOXIDE, MOTO
from durability.messages import Events
from durability.trial import Trial
from durability.world import World
from running_system import launch_system, wait_until

NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc")
_SIZE_MB = 48
_KB = "x" * 1000


class Disk(Protocol):
    """The disk of the state directory."""

    said: str
    """What the person reads when it is full."""
    holds_tables: bool

    def fill(self) -> None: ...

    def free(self) -> None: ...


class SmallFileSystem:
    """A file system in memory, and a file that takes what is left of it."""

    holds_tables = True
    said = "kB left. Calls that change something fail until that is over. Make room;"

    def __init__(self, place: Path) -> None:
        self._place = place
        self._ballast = place / "ballast"
        place.mkdir(parents=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={_SIZE_MB}m", "tmpfs", str(place))

    def fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                return

    def free(self) -> None:
        self._ballast.unlink()

    def make_read_only(self) -> None:
        """For all that is opened from now on: the system refuses it for what is open.

        It is made read-only at another place and then put over this one, because a mount that
        somebody writes to, which the load does at once, is busy.
        """
        aside = self._place.with_name("read-only")
        aside.mkdir(exist_ok=True)
        _run("mount", "--bind", str(self._place), str(aside))
        _run("mount", "-o", "remount,bind,ro", str(aside))
        _run("mount", "--bind", str(aside), str(self._place))
        _run("umount", str(aside))

    def make_writable(self) -> None:
        """Also while an engine that is about to end reads what is there."""
        _run("umount", "--lazy", str(self._place))


class LimitedFiles:
    """No file of the system's processes may grow, but for dynoxide, which that would end."""

    holds_tables = False

    said = ""
    """Anything would go to a file, too."""

    def __init__(self) -> None:
        self.processes: Callable[[], list[psutil.Process]] = list

    def fill(self) -> None:
        self._limit(0)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size_bytes: int) -> None:
        for process in self.processes():
            limits = (size_bytes, resource.RLIM_INFINITY)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)


def run_in_file_system(directory: Path) -> Trial:
    """All that can be seen with a file system of one's own."""
    disk = SmallFileSystem(directory / "state")
    trial = Trial(directory, seed=1)
    run(trial, disk)
    disk.make_read_only()
    trial.killer.kill_one(MOTO)
    trial.killer.kill_one(DYNOXIDE)
    expect_said(trial.world, "cannot be written. Calls that change something fail")
    disk.make_writable()
    trial.wait_for_writes(50)
    trial.end()
    sys.stdout.write(f"{trial.check()}\n")
    trial.world.system.stop()
    disk.fill()
    expect_refused(trial.world, f"{directory / 'state' / 'Small'} has 0 kB left. Make room")
    disk.free()
    disk.make_read_only()
    expect_refused(trial.world, f"{directory / 'state' / 'Small'} cannot be written: Read-only")
    disk.make_writable()
    disk.fill()
    Interruptions(trial.world, random.Random(1)).destroy()  # noqa: S311 - to be repeated
    assert not (directory / "state" / "Small").exists()
    return trial


def run_with_limit(directory: Path) -> Trial:
    """What can be seen anywhere."""
    disk = LimitedFiles()
    trial = Trial(directory, seed=1)
    main = psutil.Process(trial.world.system.process.pid)
    disk.processes = lambda: [
        main,
        *(it for it in trial.world.system.children() if "dynoxide" not in it.name()),
    ]
    run(trial, disk)
    trial.end()
    sys.stdout.write(f"{trial.check()}\n")
    trial.world.system.stop()
    return trial


def run(trial: Trial, disk: Disk) -> None:
    """Load, a full disk, engines that die on it, and room again."""
    trial.start()
    trial.wait_for_writes(100)
    disk.fill()
    # No event ends on a full disk, so that no more are sent after a while.
    going_on = (Events,) if disk.holds_tables else (Events, Items, Transactions, ApiItems)
    others = [it for it in trial.writers if not isinstance(it.work, going_on)]
    wait_until(lambda: all(it.failed > 0 for it in others), timeout_s=60)
    for service, call in _CALLS.items():
        if disk.holds_tables or service != "dynamodb":
            expect_failure(trial.world, service, call)
    expect_said(trial.world, disk.said)
    expect_reading(trial.world)
    trial.killer.kill_one(MOTO)
    if disk.holds_tables:
        trial.killer.kill_one(DYNOXIDE)
    expect_reading(trial.world)
    main = trial.world.system.process
    assert main.poll() is None
    disk.free()
    trial.wait_for_writes(100)
    assert trial.world.system.process is main
    sys.stdout.write(f"{sum(it.failed for it in trial.writers)} calls failed on the full disk\n")


def expect_failure(world: World, service: str, call: Callable[[Any, World], object]) -> None:
    """As AWS fails, in words that an SDK tries again for."""
    try:
        call(world.client(service), world)
    except ClientError as error:
        answer = error.response
        status = answer["ResponseMetadata"]["HTTPStatusCode"]
        found = (status, answer["Error"]["Code"])
        assert found == _FAILURES.get(service, (503, "ServiceUnavailable")), (service, answer)
    else:
        raise AssertionError(f"{service}: acknowledged on a full disk")


def expect_reading(world: World) -> None:
    """What only reads goes on, by the SDK's own retries also while an engine starts."""
    assert world.system.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert world.system.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] >= 0


def expect_said(world: World, text: str) -> None:
    wait_until(lambda: text in world.system.log.read_text())


def expect_refused(world: World, text: str) -> None:
    """A start ends with this."""
    with pytest.raises(AssertionError, match=re.escape(text)):
        launch_system(world.directory, *UP, cwd=world.app)


_FAILURES = {
    "dynamodb": (500, "InternalServerError"),
    "lambda": (500, "ServiceException"),
}
_CALLS: Mapping[str, Callable[[Any, World], object]] = {
    "dynamodb": lambda client, _: client.put_item(
        TableName=TABLE, Item={"pk": {"S": "full"}, "v": {"S": _KB * 100}}
    ),
    "s3": lambda client, _: client.put_object(Bucket=BUCKET, Key="full", Body=_KB * 100),
    "sqs": lambda client, world: client.send_message(
        QueueUrl=world.queue_url("sent"), MessageBody=_KB * 100
    ),
    "sns": lambda client, _: client.publish(
        TopicArn=f"arn:aws:sns:us-east-1:000000000000:{TOPIC}", Message=_KB * 100
    ),
    "secretsmanager": lambda client, _: client.create_secret(Name="full", SecretString=_KB * 50),
    "ssm": lambda client, _: client.put_parameter(Name="/full", Value=_KB * 4, Type="String"),
    "lambda": lambda client, world: client.invoke(
        FunctionName=world.worker, InvocationType="Event", Payload=f'"{_KB * 100}"'
    ),
    "cloudwatch": lambda client, _: client.put_metric_data(
        Namespace="full",
        MetricData=[{"MetricName": f"{n}{_KB[:200]}", "Value": 1} for n in range(500)],
    ),
}


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def can_mount() -> bool:
    """Whether the system gives this process namespaces of its own."""
    mount = ("mount", "-t", "tmpfs", "tmpfs", "/mnt")
    try:
        tried = subprocess.run([*NAMESPACE, *mount], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill the disk under load.")
    parser.add_argument("--limit", action="store_true", help="limit files, mount nothing")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside and not arguments.limit:
        if not can_mount():
            sys.exit("found no namespaces for this process, expected one to mount in. Try --limit.")
        command = [*NAMESPACE, sys.executable, "-m", "durability.full_disk", "--inside"]
        sys.exit(subprocess.run(command, check=False).returncode)
    with tempfile.TemporaryDirectory(prefix="full-", ignore_cleanup_errors=True) as directory:
        run_in = run_in_file_system if arguments.inside else run_with_limit
        try:
            run_in(Path(directory))
        except BaseException:
            for log in (Path(directory) / "up.log", *Path(directory).glob("state/*/*.log")):
                sys.stderr.write(f"{log}:\n{log.read_text()[-3000:]}\n")
            raise


if __name__ == "__main__":
    main()
