"""Messages that move to a dead-letter queue, which they do when nothing else is received."""

from __future__ import annotations

from moto.sqs.models import sqs_backends

from cloudworthy.local.engines.moto_child.operation import operation_of
from cloudworthy.local.model.http import Request


def count(request: Request) -> int:
    """How many messages dead-letter queues hold; 0 for a request that moves none.

    An empty ReceiveMessage has an effect if it changes this number.
    """
    if not operation_of(request).receives_messages:
        return 0
    return sum(
        len(queue.dead_letter_queue._messages)  # `messages` shows only visible ones
        for regions in sqs_backends.values()
        for backend in regions.values()
        for queue in backend.queues.values()
        if queue.dead_letter_queue is not None
    )
