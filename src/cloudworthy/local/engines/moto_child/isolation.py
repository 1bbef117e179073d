"""moto must not reach out: not to the network, and not to the machine's AWS credentials."""

from __future__ import annotations

import sys
from typing import Any

_REFUSED = frozenset({"socket.connect", "socket.getaddrinfo", "socket.sendto"})


class NetworkRefusedError(PermissionError):
    """Something in moto tried to open a connection."""


def refuse_connections() -> None:
    """Make every attempt to connect an error, for the rest of the process."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise NetworkRefusedError(f"{event} {arguments[-1]!r}: moto may not use the network")
