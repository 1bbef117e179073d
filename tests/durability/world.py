"""The running system as its writers see it: it comes and goes under them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from durability.app import UP, write_app
from running_system import RunningSystem, launch_system

_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
UNCERTAIN = (BotoCoreError, ClientError, urllib3.exceptions.HTTPError)
"""What a call raises that may have been carried out all the same."""


class RefusedError(urllib3.exceptions.HTTPError):
    """The API answered with another status than 200."""


class World:
    """One app, its state, and the ``up`` that runs it at the moment."""

    def __init__(
        self, directory: Path, *, up: Callable[..., RunningSystem] = launch_system
    ) -> None:
        self._directory = directory
        self._up = up
        self.app = write_app(directory)
        self._local = threading.local()
        self.is_up = threading.Event()
        """Cleared while nobody listens."""
        self.system = self._launch()
        self.is_up.set()
        functions = self.system.client("lambda").list_functions()["Functions"]
        names = [str(it["FunctionName"]) for it in functions]
        self.worker = next(name for name in names if "Worker" in name)

    @property
    def directory(self) -> Path:
        return self._directory

    def _launch(self) -> RunningSystem:
        return self._up(self._directory, *UP, cwd=self.app)

    def restart(self, between: Callable[[], None] = lambda: None) -> None:
        """Kill the main process and start again; ``between`` is called when it is dead."""
        self.is_up.clear()
        self.system.kill()
        between()
        self.system = self._launch()
        self.is_up.set()

    def client(self, service: str) -> Any:
        """A client of this thread that sends each request once."""
        system, clients = self.system, self._local.__dict__
        if clients.get("system") is not system:
            clients.clear()
            clients["system"] = system
        if service not in clients:
            clients[service] = system.client(service, _ONCE)
        return clients[service]

    def call_api(self, method: str, body: dict[str, str]) -> None:
        """Raises when the answer is not 200."""
        answer = self.system.request(method, "", body)
        if answer.status != 200:
            raise RefusedError(f"{answer.status} {answer.data!r}")

    def queue_url(self, name: str) -> str:
        return f"{self.system.address['endpoint']}/000000000000/{name}"

    def used_quota(self) -> int:
        """How many requests the usage plan has counted."""
        return self._ask("quotas.sqlite", "SELECT coalesce(sum(used), 0) FROM quota")

    def waiting_events(self) -> int:
        """How many asynchronous events are not over."""
        return self._ask("async.sqlite", "SELECT count(*) FROM event")

    def _ask(self, file: str, query: str) -> int:
        with closing(sqlite3.connect(self.system.state / file)) as database:
            return int(database.execute(query).fetchone()[0])
