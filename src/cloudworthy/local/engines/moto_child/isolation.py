"""moto must not reach out, neither to the network nor to the machine's AWS credentials, and
no function may reach it past the endpoint.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from cloudworthy.local.model.http import Connection
from cloudworthy.local.process.connections import Held
from cloudworthy.local.process.workers import WorkerProcesses

_REFUSED = frozenset({"socket.connect", "socket.getaddrinfo", "socket.sendto"})


class NetworkRefusedError(PermissionError):
    """Something in moto tried to open a connection."""


def refuse_connections() -> None:
    """Make every attempt to connect an error, for the rest of the process."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise NetworkRefusedError(f"{event} {arguments[-1]!r}: moto may not use the network")


class Doorkeeper:
    """Admits the runtime and the person at the machine; it knows workers by their confinement."""

    def __init__(self) -> None:
        self._runtime = os.getppid()
        self._workers = WorkerProcesses()

    def admits(self, connection: Connection) -> bool:
        """Whether no worker has the client's end of this connection."""
        return Held(connection).by_any([self._runtime]) or not self._workers.has(connection)
