"""The runtime's ``Invoker``: events of type ``Event`` go to the queue, others to the pool."""

from __future__ import annotations

import uuid

from cloudworthy.local.lambda_.asynchronous.dispatcher import Dispatcher, FindFunction
from cloudworthy.local.lambda_.asynchronous.event import Event
from cloudworthy.local.lambda_.asynchronous.metrics import AsynchronousMetrics
from cloudworthy.local.lambda_.asynchronous.queue import EventQueue, QueueError
from cloudworthy.local.lambda_.trace import trace_id
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import (
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    InvocationType,
    Invoker,
    ServiceError,
)


class AsynchronousInvoker:
    """Accepts events; an accepted one is on disk.

    Parameters
    ----------
    synchronous
        Answers every request that waits for an answer.
    """

    def __init__(
        self,
        synchronous: Invoker,
        queue: EventQueue,
        dispatcher: Dispatcher,
        find: FindFunction,
        *,
        metrics: AsynchronousMetrics,
        clock: Clock,
    ) -> None:
        self._synchronous = synchronous
        self._queue = queue
        self._dispatcher = dispatcher
        self._find = find
        self._metrics = metrics
        self._clock = clock

    async def invoke(self, request: InvocationRequest) -> InvocationResult:
        """Run the function, or keep the event for it; see ``Invoker``.

        Raises
        ------
        FunctionNotFoundError, TooManyRequestsError
        ServiceError
            There is no room to keep the event.
        """
        if request.invocation_type is not InvocationType.EVENT:
            return await self._synchronous.invoke(request)
        event = self._event(request)
        if self._find(event.target) is None:
            raise FunctionNotFoundError(request.function_name)
        try:
            self._queue.add(event)
        except QueueError as error:
            reason = f"{event.function_name}: the queue of events cannot be written: {error}"
            raise ServiceError(reason) from error
        self._metrics.received(event.function_name)
        self._dispatcher.notice()
        return InvocationResult(event.request_id, b"")

    def _event(self, request: InvocationRequest) -> Event:
        name, _, qualifier = request.function_name.partition(":")
        now_s = self._clock.now().timestamp()
        return Event(
            request_id=request.request_id or str(uuid.uuid4()),
            function_name=name,
            qualifier=qualifier,
            payload=request.payload,
            client_context=request.client_context,
            trace_header=_with_root(request.trace_header, now_s),
            accepted_ms=int(now_s * 1000),
            due_ms=int(now_s * 1000),
        )


def _with_root(trace_header: str, now_s: float) -> str:
    """All attempts of an event belong to one trace, whose sampling is decided with each."""
    if "Root=" in trace_header:
        return trace_header
    return ";".join(part for part in (f"Root={trace_id(now_s)}", trace_header) if part)
