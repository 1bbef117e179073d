"""Keeping a child process up, with small servers of our own in the place of an engine."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cloudworthy.local.engines.external import EndpointUrlError, ExternalEndpoint
from cloudworthy.local.engines.supervised import (
    EngineStartError,
    SupervisedEngine,
    minimal_environment,
)
from cloudworthy.local.model.backends import BackendUnavailableError
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.process.guard import ProcessGuard
from cloudworthy.local.wire.server import HttpServer
from local.lambda_.events import until

SERVER = """
import http.server, os, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/slow":
            open("slow", "w").close()
            time.sleep(30)
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
ONLY_ONCE = """
import os
if os.path.exists("started"):
    raise SystemExit("broken")
open("started", "w").close()
"""
GET = Request("GET", "/", [])


@pytest.fixture
async def guard() -> AsyncIterator[ProcessGuard]:
    guard = ProcessGuard()
    yield guard
    await guard.close()


def engine(
    guard: ProcessGuard,
    tmp_path: Path,
    program: str,
    *,
    start_timeout_s: float = 20,
    patience_s: float = 0.5,
) -> SupervisedEngine:
    return SupervisedEngine(
        "engine",
        lambda port: [sys.executable, "-c", program, str(port)],
        guard=guard,
        output=tmp_path / "engine.log",
        environment=minimal_environment(),
        start_timeout_s=start_timeout_s,
        patience_s=patience_s,
    )


async def answers(running: SupervisedEngine) -> bool:
    try:
        return (await running.send(GET)).status == 200
    except BackendUnavailableError:
        return False


async def test_it_is_started_again_whenever_it_dies(guard: ProcessGuard, tmp_path: Path) -> None:
    running = engine(guard, tmp_path, SERVER, patience_s=20)
    await running.start()
    pids = set()
    for kills in range(1, 4):
        answer = await running.send(GET)
        pids.add(answer.body)
        assert running.pid == int(answer.body)
        os.kill(int(answer.body), signal.SIGKILL)
        await until(lambda: running.restarts == kills)  # noqa: B023 - called before the next
    assert (await running.send(GET)).body not in pids
    assert len(pids) == running.restarts == 3
    await running.stop()
    assert running.pid is None


async def test_a_request_under_way_fails_because_it_may_have_been_done(
    guard: ProcessGuard, tmp_path: Path
) -> None:
    running = engine(guard, tmp_path, SERVER)
    await running.start()
    slow = asyncio.create_task(running.send(Request("GET", "/slow", [])))
    await until((tmp_path / "slow").exists)
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    with pytest.raises(BackendUnavailableError, match="engine: the connection was closed"):
        await asyncio.wait_for(slow, 5)
    await running.stop()


async def test_an_engine_that_ends_at_once_is_an_error_with_its_last_words(
    guard: ProcessGuard, tmp_path: Path
) -> None:
    running = engine(guard, tmp_path, "import sys; sys.exit('no such database')")
    with pytest.raises(EngineStartError, match=r"engine: .*no such database"):
        await running.start()


async def test_an_engine_that_never_listens_is_ended(guard: ProcessGuard, tmp_path: Path) -> None:
    running = engine(guard, tmp_path, "import time; time.sleep(60)", start_timeout_s=0.5)
    with pytest.raises(EngineStartError):
        await asyncio.wait_for(running.start(), 30)
    assert running.pid is None


async def test_patience_ends_when_it_does_not_come_back(
    guard: ProcessGuard, tmp_path: Path
) -> None:
    running = engine(guard, tmp_path, ONLY_ONCE + SERVER)
    await running.start()
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    await until(lambda: running.restarts > 0)
    with pytest.raises(BackendUnavailableError, match="engine is not running"):
        await asyncio.wait_for(running.send(GET), 5)
    (tmp_path / "started").unlink()
    # It never gives up: once the reason is gone, it is back.
    async with asyncio.timeout(20):
        while not await answers(running):
            pass
    await running.stop()


def test_nothing_of_the_shell_reaches_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("HTTP_PROXY", "proxy")
    environment = minimal_environment(OWN="x")
    assert environment["OWN"] == "x"
    assert environment["PATH"] == os.environ["PATH"]
    assert not {"AWS_SECRET_ACCESS_KEY", "HTTP_PROXY"} & set(environment)


async def test_another_endpoint_can_stand_in() -> None:
    seen: list[Request] = []

    async def handler(request: Request) -> Response:
        seen.append(request)
        return Response(418, [("X-Own", "1")], b"tea")

    server = HttpServer(handler)
    endpoint = ExternalEndpoint(f"http://127.0.0.1:{await server.start(0)}")
    backend = await endpoint.start()
    answer = await backend.send(Request("POST", "/a%20b?c", [("X-Amz-Target", "T")], b"body"))
    assert (answer.status, answer.header("x-own"), answer.body) == (418, "1", b"tea")
    assert (seen[0].target, seen[0].header("x-amz-target"), seen[0].body) == (
        "/a%20b?c",
        "T",
        b"body",
    )
    await server.stop(grace_s=0)
    with pytest.raises(BackendUnavailableError):
        await backend.send(GET)
    await endpoint.stop()


@pytest.mark.parametrize("url", ["", "localhost:4566", "https://host", "http://", "http://h/path"])
def test_an_url_that_is_no_endpoint_is_refused(url: str) -> None:
    with pytest.raises(EndpointUrlError, match="--services-endpoint: found"):
        ExternalEndpoint(url)
