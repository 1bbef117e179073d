"""Functions running in real worker processes, from source text given in a test."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from cloudworthy.local.lambda_.concurrency import ACCOUNT_CONCURRENCY
from cloudworthy.local.lambda_.confinement import Confiner
from cloudworthy.local.lambda_.environment import WorkerEnvironments
from cloudworthy.local.lambda_.function_pool import Scaling
from cloudworthy.local.lambda_.launcher import Launcher
from cloudworthy.local.lambda_.layers import LocalLayers
from cloudworthy.local.lambda_.pool import WorkerPool
from cloudworthy.local.model.clock import Clock, SystemClock
from cloudworthy.local.model.faults import InvocationFaults
from cloudworthy.local.model.functions import Function, InvocationRequest, InvocationResult
from cloudworthy.local.model.identity import Credentials
from cloudworthy.local.model.records import MetricSink
from cloudworthy.local.process.guard import ProcessGuard
from cloudworthy.local.process.workers import WorkerProcesses

ACCOUNT = "000000000000"
REGION = "us-east-1"
RUNTIME = "python3.13"
CACHE = Path(__file__).resolve().parents[3] / ".cloudworthy" / "cache"
"""Kept between test runs: building a worker's environment takes seconds."""


@dataclass(frozen=True)
class LogLine:
    group: str
    stream: str
    message: str
    timestamp_ms: int
    request_id: str


@dataclass
class Logs:
    """Keeps what is logged."""

    lines: list[LogLine] = field(default_factory=list)

    def put(
        self, group: str, stream: str, message: str, *, timestamp_ms: int, request_id: str = ""
    ) -> None:
        self.lines.append(LogLine(group, stream, message, timestamp_ms, request_id))

    @property
    def messages(self) -> list[str]:
        return [line.message for line in self.lines]

    @property
    def of_the_function(self) -> list[str]:
        """Without the lines that Lambda adds."""
        platform = ("INIT_START", "INIT_REPORT", "START ", "END ", "REPORT ")
        return [message for message in self.messages if not message.startswith(platform)]


@dataclass
class Traces:
    """Keeps segments."""

    segments: list[dict[str, Any]] = field(default_factory=list)

    def put(self, segment: Mapping[str, Any]) -> None:
        self.segments.append(dict(segment))


@dataclass
class Running:
    """A pool, and what its functions wrote."""

    pool: WorkerPool
    code: Path
    logs: Logs
    traces: Traces

    async def invoke(
        self, event: Any = None, *, function_name: str = "function", **options: Any
    ) -> InvocationResult:
        payload = json.dumps({} if event is None else event).encode()
        return await self.pool.invoke(InvocationRequest(function_name, payload, **options))

    async def answer(self, event: Any = None, **options: Any) -> Any:
        """The decoded answer of a function that must not fail."""
        result = await self.invoke(event, **options)
        assert result.function_error is None, result.payload
        return json.loads(result.payload)

    async def error(self, event: Any = None, **options: Any) -> dict[str, Any]:
        """The decoded error of a function that must fail."""
        result = await self.invoke(event, **options)
        assert result.function_error == "Unhandled", result.payload
        error = json.loads(result.payload)
        assert isinstance(error, dict)
        return error

    def write(self, source: str, module: str = "app") -> None:
        (self.code / f"{module}.py").write_text(dedent(source))


def function(code: Path, name: str = "function", **settings: Any) -> Function:
    defaults: dict[str, Any] = {
        "logical_id": "Function",
        "construct_path": "Stack/Function",
        "name": name,
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "runtime": RUNTIME,
        "handler": "app.handler",
        "code": code,
        "log_group": f"/aws/lambda/{name}",
        "timeout_s": 20,
    }
    return Function(**{**defaults, **settings})


def environments() -> WorkerEnvironments:
    return WorkerEnvironments(CACHE / "workers", shell=os.environ)


def launcher(
    guard: ProcessGuard,
    scratch: Path,
    revoke: Callable[[Function], None] | None = None,
    private: Iterable[Path] = (),
) -> Launcher:
    return Launcher(
        guard,
        environments(),
        LocalLayers(CACHE / "layers", shell=os.environ),
        home=scratch / "home",
        credentials_of=lambda function: Credentials(f"AKIA{function.name}", "secret", "token"),
        endpoint_url="http://127.0.0.1:4566",
        xray_address="",
        confiner=Confiner(private),
        workers=WorkerProcesses(),
        revoke=revoke,
    )


@asynccontextmanager
async def running(
    source: str,
    *,
    scaling: Scaling | None = None,
    account_concurrency: int = ACCOUNT_CONCURRENCY,
    clock: Clock | None = None,
    faults: InvocationFaults | None = None,
    metrics: MetricSink | None = None,
    others: Mapping[str, Mapping[str, Any]] | None = None,
    revoke: Callable[[Function], None] | None = None,
    private: Iterable[Path] = (),
    **settings: Any,
) -> AsyncIterator[Running]:
    """One function named ``function`` with this source in ``app.py``.

    ``others`` are further functions of the same code, by name, with their settings.
    """
    with tempfile.TemporaryDirectory() as scratch:
        code = Path(scratch).resolve() / "code"
        code.mkdir()
        first = function(code, **settings)
        functions = {"function": first}
        for name, different in (others or {}).items():
            functions[name] = replace(function(code, name), **different)
        guard, logs, traces = ProcessGuard(), Logs(), Traces()
        pool = WorkerPool(
            functions,
            launcher(guard, Path(scratch), revoke, private),
            log_sink=logs,
            trace_sink=traces,
            clock=clock or SystemClock(),
            scaling=scaling,
            account_concurrency=account_concurrency,
            faults=faults,
            metrics=metrics,
        )
        served = Running(pool, code, logs, traces)
        served.write(source)
        await pool.start()
        try:
            yield served
        finally:
            await pool.stop()
            await guard.close()
