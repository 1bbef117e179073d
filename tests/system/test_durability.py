"""kill -9 under load: what was acknowledged is there afterwards, and nothing is left running."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import psutil
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from running_system import RunningSystem, launch_system, wait_until

pytestmark = [pytest.mark.xdist_group("durability"), pytest.mark.timeout(300)]

_ENOUGH = 20
"""Acknowledged writes of each kind before something is killed."""
_AFTERWARDS_S = 0.75


class Load:
    """Writes items through the API and objects through S3, and remembers what was acknowledged."""

    def __init__(self, system: RunningSystem) -> None:
        self._system = system
        self._stop = threading.Event()
        self.items: dict[str, str] = {}
        self.objects: dict[str, bytes] = {}
        self.bucket = system.address["outputs"]["BucketName"]

    @contextmanager
    def running(self) -> Iterator[None]:
        writers = [self._write_items, self._write_items, self._write_objects]
        threads = [threading.Thread(target=writer) for writer in writers]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: min(len(self.items), len(self.objects)) >= _ENOUGH)
            yield
            time.sleep(_AFTERWARDS_S)
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _write_items(self) -> None:
        while not self._stop.is_set():
            name = uuid.uuid4().hex
            try:
                answer = self._system.request("POST", "/items", {"name": name})
            except urllib3.exceptions.HTTPError:
                time.sleep(0.02)
                continue
            if answer.status == 201:
                self.items[answer.json()["item_id"]] = name

    def _write_objects(self) -> None:
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=20)
        s3 = boto3.client(
            "s3",
            endpoint_url=self._system.address["endpoint"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )
        while not self._stop.is_set():
            key, body = f"load/{uuid.uuid4().hex}", uuid.uuid4().bytes * 50
            try:
                s3.put_object(Bucket=self.bucket, Key=key, Body=body)
            except (ClientError, BotoCoreError):
                time.sleep(0.02)
                continue
            self.objects[key] = body

    def check(self, system: RunningSystem) -> None:
        """Every acknowledged write is there."""
        assert len(self.items) >= _ENOUGH
        assert len(self.objects) >= _ENOUGH
        for item_id, name in self.items.items():
            answer = read(system, f"/items/{item_id}")
            assert (answer.status, answer.json().get("name")) == (200, name)
        s3 = system.client("s3")
        for key, body in self.objects.items():
            assert s3.get_object(Bucket=self.bucket, Key=key)["Body"].read() == body


def read(system: RunningSystem, path: str) -> urllib3.BaseHTTPResponse:
    """Read at the pace that the stage's throttle allows."""
    while (answer := system.request("GET", path)).status == 429:
        time.sleep(0.05)
    return answer


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("durability")


@pytest.fixture
def system(directory: Path) -> Iterator[RunningSystem]:
    with launch_system(directory) as running:
        yield running


def test_the_runtime(system: RunningSystem, directory: Path) -> None:
    load = Load(system)
    read(system, "/items")  # A worker may still be starting when the addresses are there.
    children = system.children()
    assert len(children) >= 4
    with load.running():
        system.kill()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
    with launch_system(directory) as again:
        assert again.address["outputs"]["TableName"] == system.address["outputs"]["TableName"]
        assert again.api_key == system.api_key
        load.check(again)


@pytest.mark.parametrize("engine", ["dynoxide", "moto_child"])
def test_an_engine(system: RunningSystem, engine: str) -> None:
    load = Load(system)
    before = system.child(engine).pid
    with load.running():
        psutil.Process(before).kill()
    wait_until(lambda: system.request("GET", "/health", key=False).status == 200)
    assert system.child(engine).pid != before
    load.check(system)


def test_a_worker_in_the_middle_of_a_request(system: RunningSystem) -> None:
    load = Load(system)
    with load.running():
        for child in system.children():
            if "awslambdaric" in " ".join(child.cmdline()):
                child.kill()
    load.check(system)
