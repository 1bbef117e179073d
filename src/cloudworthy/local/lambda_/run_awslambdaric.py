"""What a worker's process runs: it confines itself, then hands over to AWS's runtime client.

A program of its own for the worker's interpreter, which has no Cloudworthy. Arguments: the
handler, the directories that may be read, and those that may be written, each list joined by
the path separator; nothing is confined where the first list is empty.

Landlock is a Linux security module that any process may use upon itself. It holds for
everything the worker starts, and for root too. Besides files it separates processes: one that
is confined cannot look into, trace or signal one that is not confined with it, so that neither
``/proc/<pid>/environ`` nor the memory of the runtime or of another worker can be read.

A limit on locks, which Linux does not look at, marks the worker and all it starts for good:
``process.workers`` knows them by it.

Source of the calls and of their constants: Linux, ``include/uapi/linux/landlock.h``; user space
API documentation, "Landlock: unprivileged access control".
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULESET_VERSION = 1
_PATH_BENEATH = 1
_SET_NO_NEW_PRIVS = 38
_CAPABILITIES_VERSION_3 = 0x20080522
_RLIMIT_LOCKS = 10

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FIRST_FILE_RIGHTS = {1: 13, 2: 14}
_FILE_RIGHTS = 15
"""How many rights a version of the ABI knows; ``IOCTL_DEV``, the 16th, is left to everybody."""
_SCOPED_SINCE, _SCOPED = 6, 0b11
"""Abstract sockets and signals stay among those confined together."""


def confine(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Take away everything that the two lists do not name.

    Raises
    ------
    OSError
        The kernel has Landlock and refuses: the worker must not go on unconfined.
    """
    import ctypes  # noqa: PLC0415 - 2 ms that only a confined worker spends
    import resource  # noqa: PLC0415 - not on every system

    libc = ctypes.CDLL(None, use_errno=True)

    def call(number: int, *arguments: object) -> int:
        result = int(libc.syscall(number, *arguments))
        if result < 0:
            code = ctypes.get_errno()
            raise OSError(code, f"Landlock: {os.strerror(code)}")
        return result

    abi = int(libc.syscall(_CREATE_RULESET, None, 0, _RULESET_VERSION))
    if abi < 1:
        return
    every = (1 << _FIRST_FILE_RIGHTS.get(abi, _FILE_RIGHTS)) - 1
    attributes = struct.pack("QQQ", every, 0, _SCOPED if abi >= _SCOPED_SINCE else 0)
    known = attributes if abi >= _SCOPED_SINCE else attributes[:8]
    ruleset = call(_CREATE_RULESET, known, len(known), 0)
    for paths, rights in ((readable, _READ), (writable, every)):
        for path in paths:
            _allow(call, ruleset, path, rights)
    resource.setrlimit(_RLIMIT_LOCKS, (0, 0))
    libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    # Root could still read ``/proc/<pid>/environ``: CAP_PERFMON passes Landlock by there. On
    # Lambda no function has capabilities.
    if libc.capset(struct.pack("=Ii", _CAPABILITIES_VERSION_3, 0), bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _allow(call: Callable[..., int], ruleset: int, path: str, rights: int) -> None:
    """Allow what is beneath a directory; one that is not there needs no leave."""
    try:
        directory = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, directory), 0)
    os.close(directory)


def main() -> None:
    """Run the handler that the command line names until the process is killed.

    What ``python -m awslambdaric`` does, but for one thing: from Python 3.12 on it would poll
    from a new thread for each event, so that a handler's SIGTERM hook can run while it waits.
    That thread costs 0.2 ms an event, and a worker here is never sent SIGTERM.
    """
    handler, readable, writable = sys.argv[1:]
    sys.path[0] = str(Path.cwd())
    del sys.argv[2:]
    if readable:
        own = (sys.prefix, sys.base_prefix)
        confine([*readable.split(os.pathsep), *own], writable.split(os.pathsep))

    bootstrap = import_module("awslambdaric.bootstrap")
    bootstrap.run(handler, bootstrap.LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))


if __name__ == "__main__":
    # The worker may not read this file: ``multiprocessing`` must not look for it.
    del globals()["__file__"]
    main()
