"""What is done once an event is over: dead-letter queue and destinations."""

from __future__ import annotations

import logging

from cloudworthy.local.lambda_.asynchronous.configuration import EventInvokeConfig
from cloudworthy.local.lambda_.asynchronous.delivery import Deliveries, DeliveryError, Message
from cloudworthy.local.lambda_.asynchronous.event import Condition, Event
from cloudworthy.local.lambda_.asynchronous.metrics import AsynchronousMetrics
from cloudworthy.local.lambda_.asynchronous.record import dead_letter_attributes, invocation_record
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Function

_log = logging.getLogger(__name__)


class DeliveryDelayedError(Exception):
    """A service failed to take what was sent, and may take it later."""


class Ending:
    """Sends on what is left of an event; a refusal is logged and counted, and ends it too.

    Source: developer guide, "Capturing records of Lambda asynchronous invocations".
    """

    def __init__(self, deliveries: Deliveries, metrics: AsynchronousMetrics, clock: Clock) -> None:
        self._deliveries = deliveries
        self._metrics = metrics
        self._clock = clock

    async def bury(self, event: Event, function: Function, *, gives_up: bool) -> None:
        """Send a failed event to the dead-letter queue, if there is one.

        Raises
        ------
        DeliveryDelayedError
            The service failed. With ``gives_up``, that is a refusal like any other.
        """
        if not function.dead_letter_arn:
            return
        message = Message(
            event.payload,
            function,
            _trace_header(event),
            self._clock.now(),
            dead_letter_attributes(event),
        )
        try:
            await self._deliveries.deliver(function.dead_letter_arn, message)
        except DeliveryError as error:
            if error.is_temporary and not gives_up:
                raise DeliveryDelayedError from error
            self._metrics.dead_letter_failed(function.name)
            _log_failure("dead-letter queue", function, function.dead_letter_arn, error)

    async def record(
        self, event: Event, function: Function, config: EventInvokeConfig, *, gives_up: bool
    ) -> None:
        """Tell the destination that is configured for how it ended; raises as ``bury`` does."""
        succeeded = event.condition is Condition.SUCCESS
        destination = config.on_success if succeeded else config.on_failure
        if not destination:
            return
        now = self._clock.now()
        message = Message(
            invocation_record(event, function, now),
            function,
            _trace_header(event),
            now,
            qualifier=event.qualifier or "$LATEST",
            succeeded=succeeded,
        )
        try:
            await self._deliveries.deliver(destination, message)
        except DeliveryError as error:
            if error.is_temporary and not gives_up:
                raise DeliveryDelayedError from error
            self._metrics.destination_failed(function.name)
            _log_failure("destination", function, destination, error)


def _trace_header(event: Event) -> str:
    return event.answer.trace_header if event.answer else event.trace_header


def _log_failure(what: str, function: Function, arn: str, error: DeliveryError) -> None:
    _log.error(
        "AWS::Lambda::Function (%s): the %s %s did not take an event: %s",
        function.logical_id,
        what,
        arn,
        error,
    )
