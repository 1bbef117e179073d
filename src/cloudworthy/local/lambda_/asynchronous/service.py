"""Asynchronous invocation as one piece: queue, dispatcher and invoker."""

from __future__ import annotations

from pathlib import Path

from cloudworthy.local.lambda_.asynchronous.configuration import EventInvokeConfigs
from cloudworthy.local.lambda_.asynchronous.delivery import Deliveries
from cloudworthy.local.lambda_.asynchronous.dispatcher import Dispatcher, FindFunction
from cloudworthy.local.lambda_.asynchronous.ending import Ending
from cloudworthy.local.lambda_.asynchronous.invoker import AsynchronousInvoker
from cloudworthy.local.lambda_.asynchronous.metrics import AsynchronousMetrics
from cloudworthy.local.lambda_.asynchronous.queue import EventQueue
from cloudworthy.local.lambda_.aws_call import RoleCaller
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Invoker
from cloudworthy.local.model.records import MetricSink


class AsynchronousInvocation:
    """Accepts events from now on, runs them between ``start`` and ``stop``.

    Parameters
    ----------
    file
        Where the queue is; it outlives the process.
    synchronous
        Runs a function and waits for its answer.
    caller
        Carries records and dead letters to their services.
    event_clock
        By which events grow old and are tried again; it may be faster than the machine's.
    """

    def __init__(
        self,
        file: Path,
        synchronous: Invoker,
        caller: RoleCaller,
        find: FindFunction,
        *,
        metrics: MetricSink,
        clock: Clock,
        event_clock: Clock,
    ) -> None:
        counters = AsynchronousMetrics(metrics)
        self._queue = EventQueue(file)
        self._queue.set_back(int(event_clock.now().timestamp() * 1000))
        self._dispatcher = Dispatcher(
            self._queue,
            synchronous,
            Ending(Deliveries(caller, clock), counters, clock),
            find,
            metrics=counters,
            clock=event_clock,
        )
        self.invoker = AsynchronousInvoker(
            synchronous, self._queue, self._dispatcher, find, metrics=counters, clock=event_clock
        )

    def __len__(self) -> int:
        """How many events are not over yet."""
        return len(self._queue)

    def start(self) -> None:
        self._dispatcher.start()

    def update(self, configs: EventInvokeConfigs) -> None:
        """Use other retries and destinations."""
        self._dispatcher.update(configs)

    async def stop(self) -> None:
        await self._dispatcher.stop()
        self._queue.close()
