"""Asynchronous invocation with functions, services and time that do as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cloudworthy.local.lambda_.asynchronous.configuration import (
    EventInvokeConfig,
    EventInvokeConfigs,
)
from cloudworthy.local.lambda_.asynchronous.service import AsynchronousInvocation
from cloudworthy.local.lambda_.aws_call import RoleCaller
from cloudworthy.local.model.functions import (
    Function,
    InvocationRequest,
    InvocationResult,
    InvocationType,
    Invoker,
)
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import Credentials
from cloudworthy.local.model.records import MetricDatum
from local.lambda_.running import function

START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
TRACE = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0"


class PacedClock:
    """Time that passes when a test says so; who sleeps is woken when it has."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic_s(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        until_s = self.seconds + seconds
        if seconds > 0:
            woken = asyncio.get_running_loop().create_future()
            self._sleepers.append((until_s, woken))
            await woken

    def sleeps_until(self, seconds: float) -> bool:
        """Whether somebody is to be woken at that time."""
        return any(until_s == seconds and not woken.done() for until_s, woken in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Let time pass, and everybody do what they do then."""
        self.seconds += seconds
        for until_s, woken in self._sleepers:
            if until_s <= self.seconds and not woken.done():
                woken.set_result(None)
        self._sleepers = [it for it in self._sleepers if not it[1].done()]
        await settled()


@dataclass
class Script:
    """An ``Invoker`` whose answers are written down; the last one holds for ever."""

    outcomes: list[bytes | Exception]
    requests: list[InvocationRequest] = field(default_factory=list)
    clock: PacedClock = field(default_factory=PacedClock)
    times_s: list[float] = field(default_factory=list)

    async def invoke(self, request: InvocationRequest) -> InvocationResult:
        self.requests.append(request)
        self.times_s.append(self.clock.seconds)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        error = "Unhandled" if b"errorMessage" in outcome else None
        return InvocationResult(request.request_id, outcome, error, trace_header=TRACE)


@dataclass
class Services:
    """AWS's services: they keep what they are sent, and answer with these statuses."""

    statuses: list[int] = field(default_factory=lambda: [200])
    requests: list[Request] = field(default_factory=list)

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Response(status, [], b"{}")


@dataclass
class Metrics:
    """Keeps metrics."""

    data: list[MetricDatum] = field(default_factory=list)

    def put(self, datum: MetricDatum) -> None:
        self.data.append(datum)

    def of(self, name: str) -> list[float]:
        """The values of a metric across all functions."""
        found = [it for it in self.data if it.name == name]
        assert len({it.dimensions for it in found}) in (0, 3)
        return [it.value for it in found if not it.dimensions]


@dataclass
class Bench:
    """Asynchronous invocation of the function ``function``."""

    service: AsynchronousInvocation
    clock: PacedClock
    metrics: Metrics
    function: Function

    async def send(self, payload: bytes = b"{}", **options: Any) -> str:
        """Send an event; returns its request id."""
        target = options.pop("function_name", "function")
        request = InvocationRequest(target, payload, InvocationType.EVENT, **options)
        result = await self.service.invoker.invoke(request)
        await settled()
        return result.request_id


@asynccontextmanager
async def accepting(
    directory: Path,
    invoker: Invoker,
    services: Handler,
    *,
    config: EventInvokeConfig | None = None,
    clock: PacedClock | None = None,
    functions: Mapping[str, Function] | None = None,
    credentials_of: Callable[[Function], Credentials] | None = None,
    **settings: Any,
) -> AsyncIterator[Bench]:
    """Events of ``function`` are accepted and run; ``settings`` are the function's own."""
    clock, metrics = clock or PacedClock(), Metrics()
    known = functions or {"function": function(Path(), **settings)}
    keys = credentials_of or (lambda _function: Credentials("AKIAROLE", "secret", "token"))
    service = AsynchronousInvocation(
        directory / "async.sqlite",
        invoker,
        RoleCaller(services, keys),
        known.get,
        metrics=metrics,
        clock=clock,
        event_clock=clock,
    )
    if config is not None:
        service.update(EventInvokeConfigs({"function:$LATEST": config}))
    service.start()
    try:
        yield Bench(service, clock, metrics, known["function"])
    finally:
        await service.stop()


async def settled() -> None:
    """Let everything that does not wait for time or another thread happen."""
    for _ in range(30):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool], *, within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.002)
