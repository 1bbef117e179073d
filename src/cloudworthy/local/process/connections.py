"""Which process has the other end of a connection on this machine.

On Linux the kernel is asked for one socket (``sock_diag``), which costs the same however many
there are; its number is then looked for among the open files of the processes in question.
Elsewhere the processes are asked for their connections.

Source: Linux manual pages sock_diag(7), proc_pid_fd(5).
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from cloudworthy.local.model.http import Connection

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST = 1
_ALL_STATES = 0xFFFFFFFF
_NO_COOKIE = 0xFFFFFFFF
_HEADER_BYTES = 16
_INODE_AT = _HEADER_BYTES + 68
_PROC = Path("/proc")


def held_by_session(connection: Connection, session: int) -> bool:
    """Whether the session's leader, or another process of it, has the client's end.

    A connection that the client has closed is nobody's.
    """
    held = Held(connection)
    return held.by_any((session,)) or held.by_any(members_of({session}))


def members_of(sessions: set[int]) -> Iterator[int]:
    """Every process of these sessions."""
    for pid in psutil.pids():
        with suppress(OSError):
            if os.getsid(pid) in sessions:
                yield pid


class Held:
    """The client's end of a connection, looked for among processes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inode = _socket_inode(connection) if _IS_LINUX else None

    @property
    def is_open(self) -> bool:
        """Whether some process still has it, as far as this system can tell."""
        return not _IS_LINUX or bool(self._inode)

    def by_any(self, pids: Iterable[int], *, unreadable: bool = False) -> bool:
        """Whether one of these processes has it.

        ``unreadable`` is the answer for a process whose files this one may not see.
        """
        return self.is_open and any(self._by(pid, unreadable=unreadable) for pid in pids)

    def _by(self, pid: int, *, unreadable: bool) -> bool:
        try:
            return self._in_files(pid) if _IS_LINUX else self._among_connections(pid)
        except (FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess):
            return False
        except (PermissionError, psutil.AccessDenied):
            return unreadable

    def _in_files(self, pid: int) -> bool:
        wanted = f"socket:[{self._inode}]"
        files = f"/proc/{pid}/fd"
        for name in os.listdir(files):  # noqa: PTH208 - a Path for each costs more than the rest
            with suppress(FileNotFoundError):
                if os.readlink(f"{files}/{name}") == wanted:  # noqa: PTH115
                    return True
        return False

    def _among_connections(self, pid: int) -> bool:
        ends = (self._connection.client, self._connection.server)
        found = psutil.Process(pid).net_connections("tcp4")
        return any((tuple(it.laddr), tuple(it.raddr)) == ends for it in found)


_IS_LINUX = sys.platform.startswith("linux")


def _socket_inode(connection: Connection) -> int | None:
    """The number of the client's socket; None when no process has it any more."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as kernel:
            kernel.settimeout(1.0)
            kernel.send(_question(connection))
            answer = kernel.recv(4096)
    except OSError:
        return _listed_inode(connection)
    if struct.unpack_from("=H", answer, 4)[0] != _SOCK_DIAG_BY_FAMILY:
        return None
    return int(struct.unpack_from("=I", answer, _INODE_AT)[0]) or None


def _question(connection: Connection) -> bytes:
    (client_ip, client_port), (server_ip, server_port) = connection.client, connection.server
    body = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ALL_STATES)
    body += struct.pack("!HH", client_port, server_port)
    body += socket.inet_aton(client_ip).ljust(16, b"\0")
    body += socket.inet_aton(server_ip).ljust(16, b"\0")
    body += struct.pack("=III", 0, _NO_COOKIE, _NO_COOKIE)
    length = _HEADER_BYTES + len(body)
    return struct.pack("=IHHII", length, _SOCK_DIAG_BY_FAMILY, _REQUEST, 1, 0) + body


def _listed_inode(connection: Connection) -> int | None:
    """For a sandbox whose kernel does not answer ``sock_diag``: the list of all sockets."""
    client, server = _as_listed(connection.client), _as_listed(connection.server)
    for line in (_PROC / "net" / "tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == client and fields[2] == server:
            return int(fields[9]) or None
    return None


def _as_listed(address: tuple[str, int]) -> str:
    ip, port = address
    return f"{struct.unpack('=I', socket.inet_aton(ip))[0]:08X}:{port:04X}"
