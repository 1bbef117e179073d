"""Runs the events of the queue when they are due, and decides what comes next for each."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from cloudworthy.local.lambda_.asynchronous.configuration import EventInvokeConfigs
from cloudworthy.local.lambda_.asynchronous.ending import DeliveryDelayedError, Ending
from cloudworthy.local.lambda_.asynchronous.event import Answer, Condition, Event
from cloudworthy.local.lambda_.asynchronous.metrics import AsynchronousMetrics
from cloudworthy.local.lambda_.asynchronous.queue import EventQueue, QueueError
from cloudworthy.local.lambda_.concurrency import MAX_WORKERS
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import (
    Function,
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    Invoker,
    TooManyRequestsError,
)

_log = logging.getLogger(__name__)

_RETRY_S = 60
_LONGEST_BACKOFF_S = 300
_FULL_DISK_S = 1.0
"""Until a change that found no room is tried again, by the machine's clock."""
_LONGEST_SLEEP_S = 60.0
"""A machine that was suspended is late by no more than this."""

FindFunction = Callable[[str], Function | None]


class Dispatcher:
    """Takes events from the queue and sees each of them through.

    Retries wait 1 and 2 minutes. A throttle, or a failure that is not the function's, is no
    attempt: the event waits 1 second, then twice as long each time, up to 5 minutes. An event
    that would be too old at its next attempt is over at once.

    Source: developer guide, "How Lambda handles errors and retries with asynchronous
    invocation" (documented); when an age is found exceeded was recorded on AWS 2023-03-22.

    Parameters
    ----------
    invoker
        Runs a function and waits for its answer.
    find
        The function as it is now that ``name``, ``name:version`` or ``name:alias`` means.
    """

    def __init__(
        self,
        queue: EventQueue,
        invoker: Invoker,
        ending: Ending,
        find: FindFunction,
        *,
        metrics: AsynchronousMetrics,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._invoker = invoker
        self._ending = ending
        self._find = find
        self._metrics = metrics
        self._clock = clock
        self._configs = EventInvokeConfigs()
        self._news = asyncio.Event()
        self._running: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._loop = asyncio.create_task(self._follow_queue())

    async def stop(self) -> None:
        """What is under way is left in the queue and runs again after the next start."""
        tasks = [*self._tasks, *([self._loop] if self._loop is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def update(self, configs: EventInvokeConfigs) -> None:
        """Use other retries and destinations from the next decision on."""
        self._configs = configs
        self._news.set()

    def notice(self) -> None:
        """Something was added to the queue."""
        self._news.set()

    async def _follow_queue(self) -> None:
        while True:
            self._news.clear()
            self._start_due()
            await self._wait()

    def _start_due(self) -> None:
        for name in self._queue.functions():
            for event in self._queue.take(name, self._now_ms(), MAX_WORKERS - self._running[name]):
                self._running[name] += 1
                task = asyncio.create_task(self._see_through(event))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _wait(self) -> None:
        """Until there is news, or the next event is due."""
        busy = [name for name, count in self._running.items() if count >= MAX_WORKERS]
        due_ms = self._queue.next_due_ms(besides=busy)
        news = asyncio.create_task(self._news.wait())
        waits: set[asyncio.Task[bool] | asyncio.Task[None]] = {news}
        if due_ms is not None:
            delay_s = max(0, due_ms - self._now_ms()) / 1000
            sleep = self._clock.sleep(min(delay_s, _LONGEST_SLEEP_S))
            waits.add(asyncio.ensure_future(sleep))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    # one event

    async def _see_through(self, event: Event) -> None:
        try:
            await self._handle(event)
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - no event may be lost, nor end the others
            _log.exception("The event %s could not be handled", event.request_id)
            await self._postpone(event)
        finally:
            self._running[event.function_name] -= 1
            self._news.set()

    async def _handle(self, event: Event) -> None:
        function = self._find(event.target)
        if function is None:
            await self._forget(event)
        elif event.condition is not None:
            await self._end(event, function)
        elif function.reserved_concurrency == 0:
            await self._give_up(event, function, Condition.ZERO_RESERVED_CONCURRENCY)
        elif self._too_old(event, delay_s=0):
            await self._give_up(event, function, Condition.EVENT_AGE_EXCEEDED)
        else:
            await self._run(event, function)

    async def _run(self, event: Event, function: Function) -> None:
        request = InvocationRequest(
            event.target,
            event.payload,
            client_context=event.client_context,
            trace_header=event.trace_header,
            request_id=event.request_id,
        )
        self._metrics.invoked(event.function_name, self._now_ms() - event.accepted_ms)
        try:
            result = await self._invoker.invoke(request)
        except FunctionNotFoundError:
            await self._forget(event)
        except TooManyRequestsError:
            await self._refuse(event, function)
        except CloudworthyError as error:
            _log.warning("The event %s could not be run: %s", event.request_id, error)
            await self._refuse(event, function)
        else:
            await self._answered(event, function, result)

    async def _answered(self, event: Event, function: Function, result: InvocationResult) -> None:
        event = replace(
            event, attempts=event.attempts + 1, refusals=0, answer=Answer.of(result), due_ms=0
        )
        config = self._configs.of(event.function_name, event.qualifier)
        delay_s = _RETRY_S * event.attempts
        if result.function_error is None:
            await self._end(replace(event, condition=Condition.SUCCESS), function)
        elif event.attempts > config.maximum_retry_attempts:
            await self._give_up(event, function, Condition.RETRIES_EXHAUSTED)
        elif self._too_old(event, delay_s=delay_s):
            await self._give_up(event, function, Condition.EVENT_AGE_EXCEEDED)
        else:
            await self._put_back(event, delay_s)

    async def _refuse(self, event: Event, function: Function) -> None:
        if self._too_old(event, delay_s=_backoff_s(event.refusals)):
            await self._give_up(event, function, Condition.EVENT_AGE_EXCEEDED)
        else:
            await self._refused(event)

    async def _refused(self, event: Event) -> None:
        refused = replace(event, refusals=event.refusals + 1)
        await self._put_back(refused, _backoff_s(event.refusals))

    async def _postpone(self, event: Event) -> None:
        """As it was last kept, so that what is over does not run again; not for ever either."""
        delay_s = _backoff_s(event.refusals)
        if event.condition is not None and self._too_old(event, delay_s=delay_s):
            await self._write(lambda: self._queue.remove(event))
        else:
            due_ms = self._now_ms() + 1000 * delay_s
            await self._write(lambda: self._queue.postpone(event, due_ms))

    async def _put_back(self, event: Event, delay_s: int) -> None:
        due = replace(event, due_ms=self._now_ms() + 1000 * delay_s)
        await self._write(lambda: self._queue.put_back(due))

    async def _write(self, change: Callable[[], None]) -> None:
        """A disk that is full holds an event up, but must not lose it."""
        while True:
            try:
                change()
            except QueueError as error:
                _log.debug("the queue of events waits: %s", error)
                await asyncio.sleep(_FULL_DISK_S)
            else:
                return

    async def _give_up(self, event: Event, function: Function, condition: Condition) -> None:
        self._metrics.dropped(event.function_name)
        await self._end(replace(event, condition=condition), function)

    async def _end(self, event: Event, function: Function) -> None:
        """Sent on after it is kept as ended: a restart then does not run it once more.

        Where a service fails, that is tried again until the event would be too old to run.
        """
        await self._write(lambda: self._queue.keep_ended(event))
        config = self._configs.of(event.function_name, event.qualifier)
        last = self._too_old(event, delay_s=_backoff_s(event.refusals))
        try:
            if event.condition is not Condition.SUCCESS and not event.buried:
                await self._ending.bury(event, function, gives_up=last)
                event = replace(event, buried=True)
                await self._write(lambda: self._queue.keep_ended(event))
            await self._ending.record(event, function, config, gives_up=last)
        except DeliveryDelayedError:
            await self._refused(event)
        else:
            await self._write(lambda: self._queue.remove(event))

    async def _forget(self, event: Event) -> None:
        """Its function is gone, and the function's configuration with it."""
        _log.warning(
            "The event %s is dropped: there is no function %s any more",
            event.request_id,
            event.target,
        )
        self._metrics.dropped(event.function_name)
        await self._write(lambda: self._queue.remove(event))

    def _too_old(self, event: Event, *, delay_s: int) -> bool:
        limit_s = self._configs.of(event.function_name, event.qualifier).maximum_event_age_s
        return self._now_ms() + 1000 * delay_s - event.accepted_ms > 1000 * limit_s

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


def _backoff_s(refusals: int) -> int:
    return min(1 << min(refusals, 10), _LONGEST_BACKOFF_S)
