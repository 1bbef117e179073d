"""What keeps one worker from another: whoever tries finds nothing, and nobody notices."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from cloudworthy.local.lambda_.confinement import Confiner, can_confine, landlock_version
from cloudworthy.local.model.http import Connection
from cloudworthy.local.process.connections import Held
from cloudworthy.local.process.workers import WorkerProcesses
from local.lambda_.running import Running, running

SOURCE = """
    import ctypes, http.client, os, pathlib, resource, socket, subprocess, sys, time

    def victim(event, context):
        time.sleep(event.get("sleep_s", 0))
        api = os.environ["AWS_LAMBDA_RUNTIME_API"]
        return {"pid": os.getpid(), "port": int(api.rpartition(":")[2]), "event": event}

    def ask(port, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request(method, path, body)
            return connection.getresponse().status
        except OSError as error:
            return type(error).__name__
        finally:
            connection.close()

    def thief(event, context):
        runtime = "/2018-06-01/runtime"
        listed = pathlib.Path("/proc/net/tcp").read_text()
        return {
            "seen": f"0100007F:{event['port']:04X}" in listed,
            "next": ask(event["port"], "GET", f"{runtime}/invocation/next"),
            "answer": ask(
                event["port"],
                "POST",
                f"{runtime}/invocation/{event['request_id']}/response",
                b'"stolen"',
            ),
            "init": ask(event["port"], "POST", f"{runtime}/init/error", b"{}"),
        }

    def attempt(action):
        try:
            action()
        except (OSError, ValueError) as error:
            return type(error).__name__
        return "done"

    def looker(event, context):
        return {
            name: {
                "environ": attempt(pathlib.Path(f"/proc/{pid}/environ").read_bytes),
                "memory": attempt(lambda: open(f"/proc/{pid}/mem", "rb").close()),
                "files": attempt(lambda: os.readlink(f"/proc/{pid}/fd/0")),
                "directory": attempt(lambda: os.readlink(f"/proc/{pid}/cwd")),
                "signal": attempt(lambda: os.kill(pid, 0)),
            }
            for name, pid in event.items()
        }

    def parent(event, context):
        program = '''if True:
            import http.client, os
            connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
            connection.request("POST", "/2018-06-01/runtime/invocation/none/response", b"1")
            print(connection.getresponse().status)
        '''
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        return ran.stdout.strip() or ran.stderr

    def writer(event, context):
        return {path: attempt(lambda: open(path, "w").close()) for path in event}

    def leaver(event, context):
        # Leaves behind a process that hides, in a session of its own, whose parent is gone.
        if os.fork():
            return os.wait()[1]
        os.setsid()
        if os.fork():
            os._exit(0)
        with socket.create_connection(("127.0.0.1", event)) as left:
            for raised in ((1, 1), (0, -1)):
                left.send(attempt(lambda: resource.setrlimit(10, raised)).encode() + b" ")
            ctypes.CDLL(None).prctl(4, 0)
            left.send(b"hidden")
            left.recv(1)
        os._exit(0)

    def reader(event, context):
        return {path: attempt(lambda: open(path, "rb").close()) for path in event}
"""
NAMES = ("thief", "looker", "parent", "writer", "leaver", "reader")
pytestmark = pytest.mark.xdist_group("isolation")

if not can_confine():
    raise RuntimeError("these tests need Landlock, which every Linux from 5.13 on can have")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Somebody's, with credentials in it; not below /tmp, which functions have."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        (Path(directory) / "credentials").write_text("aws_secret_access_key = planted")
        yield Path(directory)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(home: Path) -> AsyncIterator[Running]:
    others = {name: {"handler": f"app.{name}", "logical_id": name} for name in NAMES}
    async with running(SOURCE, handler="app.victim", others=others, private=[home]) as found:
        yield found


async def asked(served: Running, name: str, event: Any) -> Any:
    return await served.answer(event, function_name=name)


@pytest.mark.asyncio(loop_scope="module")
async def test_no_function_takes_or_answers_the_event_of_another(served: Running) -> None:
    victim = await served.answer({"n": 0})
    attack = {"port": victim["port"], "request_id": "the-victims"}
    idle = await asked(served, "thief", attack)
    running_event = asyncio.create_task(
        served.answer({"n": 1, "sleep_s": 0.5}, request_id="the-victims")
    )
    busy = await asked(served, "thief", attack)
    assert idle["seen"], "the port can be found"
    for attempts in (idle, busy):
        assert "done" not in attempts.values()
        assert {attempts[it] for it in ("next", "answer", "init")} <= REFUSED
    assert (await running_event)["event"]["n"] == 1
    for n in range(2, 6):
        assert (await served.answer({"n": n})) == {**victim, "event": {"n": n}}


REFUSED = {"ConnectionResetError", "RemoteDisconnected", "BrokenPipeError"}


@pytest.mark.asyncio(loop_scope="module")
async def test_what_a_function_starts_may_speak_to_its_own_runtime_api(served: Running) -> None:
    assert await asked(served, "parent", {}) == "400", "an answer to no event"


@pytest.mark.asyncio(loop_scope="module")
async def test_what_a_function_left_behind_is_known_for_a_worker(served: Running) -> None:
    """Also by moto, which knows of no worker's session."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        loop = asyncio.get_running_loop()
        leaving = asyncio.create_task(asked(served, "leaver", server.getsockname()[1]))
        accepted, client = await loop.sock_accept(server)
        with accepted:
            said = ""
            while not said.endswith("hidden"):
                said += (await loop.sock_recv(accepted, 100)).decode()
            assert said == "ValueError ValueError hidden", "no limit can be raised"
            assert await leaving == 0
            assert WorkerProcesses().has(Connection(client, server.getsockname()))


@pytest.mark.asyncio(loop_scope="module")
async def test_no_function_looks_into_another_process(served: Running) -> None:
    victim = await served.answer({"n": 0})
    found = await asked(served, "looker", {"runtime": os.getpid(), "victim": victim["pid"]})
    for attempts in found.values():
        if landlock_version() < 6:
            assert attempts.pop("signal") == "done"
            attempts["signal"] = "PermissionError"
        assert set(attempts.values()) == {"PermissionError"}
        assert set(attempts) == {"environ", "memory", "files", "directory", "signal"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_function_writes_to_tmp_only(served: Running, tmp_path: Path) -> None:
    inside = str(tmp_path / "scratch")
    elsewhere = ["/var/tmp/scratch", "/etc/scratch", "/proc/self/oom_score_adj"]
    found = await asked(served, "writer", [inside, "/dev/null", "/dev/stdout", *elsewhere])
    assert found == {
        **dict.fromkeys([inside, "/dev/null", "/dev/stdout"], "done"),
        **dict.fromkeys(elsewhere, "PermissionError"),
    }


@pytest.mark.asyncio(loop_scope="module")
async def test_a_function_reads_the_system_and_nobodys_home(served: Running, home: Path) -> None:
    seen = ["/etc/hosts", "/proc/meminfo", "/usr/bin/env"]
    hidden = str(home / "credentials")
    found = await asked(served, "reader", [*seen, hidden])
    assert found == {**dict.fromkeys(seen, "done"), hidden: "PermissionError"}


def test_private_directories_hide_where_they_are() -> None:
    confiner = Confiner([Path("/var/lib/someone/state")])
    own = Path("/var/task")
    readable = confiner.confine([own], []).readable
    assert Path("/var") not in readable
    assert {Path("/usr"), Path("/etc"), own} <= set(readable)


def test_whose_a_connection_is() -> None:
    """Its holder's, while it lasts; a connection nobody holds might have been a worker's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        connection = Connection(client.getsockname(), server.getsockname())
        with accepted:
            assert Held(connection).by_any([os.getpid()])
            assert not Held(connection).by_any([os.getppid(), 1 << 22])
            assert not WorkerProcesses().has(connection)
            client.close()
            assert not Held(connection).by_any([os.getpid()])
            later = Connection(connection.client, connection.server)
            assert WorkerProcesses().has(later)


SANDBOXED = """
import ctypes, sys
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
libc.prctl(4, 0)
print(flush=True)
sys.stdin.read()
"""
PERSON = """
import ctypes, socket, struct
from cloudworthy.local.model.http import Connection
from cloudworthy.local.process.workers import WorkerProcesses

ctypes.CDLL(None).capset(struct.pack("=Ii", 0x20080522, 0), bytes(24))
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
print(WorkerProcesses().has(Connection(client.getsockname(), server.getsockname())))
"""


def test_the_person_is_no_worker_beside_a_browser_that_hides() -> None:
    """Nor on a machine whose services take privileges away from themselves: both may not gain
    any and show no files, neither to who has no capabilities."""
    with subprocess.Popen(
        [sys.executable, "-c", SANDBOXED], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as browser:
        assert browser.stdout is not None
        browser.stdout.readline()
        person = subprocess.run(
            [sys.executable, "-c", PERSON], capture_output=True, text=True, check=True
        )
        assert person.stdout == "False\n"
        assert browser.stdin is not None
        browser.stdin.close()
