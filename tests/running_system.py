"""A system started as a person starts it, by the command line, and what a test asks of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import boto3
import psutil
import urllib3
from botocore.config import Config

ROOT = Path(__file__).resolve().parent.parent
CLOUDWORTHY = Path(sys.executable).parent / "cloudworthy"
_START_TIMEOUT_S = 240
# A boto3 session makes clients that threads can share, but only one at a time.
_MAKING_A_CLIENT = threading.Lock()
_WORKERS = Path(".cloudworthy", "cache", "workers")


class RunningSystem:
    """One ``cloudworthy up`` and its addresses."""

    def __init__(
        self, process: subprocess.Popen[bytes], address: dict[str, Any], log: Path
    ) -> None:
        self.process = process
        self.address = address
        self.log = log
        self._http = urllib3.PoolManager(maxsize=16, retries=False, timeout=35)

    @property
    def api_url(self) -> str:
        return str(next(a["url"] for a in self.address["apis"] if a["type"] == "REST"))

    @property
    def site_url(self) -> str:
        """Without the slash at its end."""
        return str(next(a["url"] for a in self.address["apis"] if a["type"] == "SITE")).rstrip("/")

    @property
    def api_key(self) -> str:
        return str(next(iter(self.address["api_keys"].values())))

    @property
    def state(self) -> Path:
        return Path(self.address["state"])

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        key: bool = True,
        base: str | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """Call the API; a body that is not bytes is sent as JSON."""
        sent = dict(headers or {})
        if key:
            sent.setdefault("x-api-key", self.api_key)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        url = (base or self.api_url) + path
        return self._http.request(method, url, body=body, headers=sent)

    def client(self, service: str, config: Config | None = None) -> Any:
        """A boto3 client of the AWS endpoint, as the person at the machine."""
        with _MAKING_A_CLIENT:
            return boto3.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self.address["endpoint"],
                region_name=self.address["region"],
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=config,
            )

    def children(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def child(self, part_of_command: str) -> psutil.Process:
        """The one child whose command line has these words."""
        found = [it for it in self.children() if part_of_command in _command(it)]
        assert len(found) == 1, [_command(it) for it in found]
        return found[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        """Ctrl-C, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self._http.clear()
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        """kill -9 of the main process."""
        self.process.kill()
        self.process.wait(timeout=10)
        self._http.clear()


def _command(process: psutil.Process) -> str:
    """Nothing for a process that has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@contextmanager
def start_system(
    directory: Path,
    *arguments: str,
    cwd: Path = ROOT,
    port: int = 0,
    variables: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> Iterator[RunningSystem]:
    """``cloudworthy up`` with its state below ``directory``; ended by Ctrl-C if still there."""
    system = launch_system(
        directory, *arguments, cwd=cwd, port=port, variables=variables, pass_fds=pass_fds
    )
    with system:
        yield system


def launch_system(
    directory: Path,
    *arguments: str,
    cwd: Path = ROOT,
    port: int = 0,
    variables: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> RunningSystem:
    """Start, and wait until everything answers; the shell has these variables besides."""
    _share_workers(cwd)
    ready = directory / f"ready-{time.monotonic_ns()}.json"
    log = directory / "up.log"
    command = [str(CLOUDWORTHY), "up", *arguments, "--state", str(directory / "state")]
    command += ["--port", str(port), "--endpoint-port", "0", "--ready-file", str(ready)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONFAULTHANDLER": "1", **(variables or {})},
            pass_fds=pass_fds,
        )
    try:
        _wait_until_ready(process, ready, log)
    except BaseException:  # Whoever waits may be told to stop.
        process.kill()
        process.wait()
        raise
    return RunningSystem(process, json.loads(ready.read_text()), log)


def _wait_until_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"up did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.02)


def wait_until(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    """Ask again and again until it is so."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.02)


def _share_workers(directory: Path) -> None:
    """Let an app elsewhere use the Python environments of workers that the project has made."""
    made, shared = ROOT / _WORKERS, directory / _WORKERS
    made.mkdir(parents=True, exist_ok=True)
    if not shared.exists():
        shared.parent.mkdir(parents=True, exist_ok=True)
        shared.symlink_to(made)
