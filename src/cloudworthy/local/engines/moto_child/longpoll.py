"""Waiting for messages of a queue without keeping everybody else waiting.

moto waits inside of ReceiveMessage. Here it never waits: the call is repeated when
something has changed, until there is a message or the time is over.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode

from moto.sqs.models import sqs_backends

from cloudworthy.local.engines.moto_child.effects import has_changed_state
from cloudworthy.local.engines.moto_child.operation import Protocol, operation_of
from cloudworthy.local.model.http import Request, Response

_WAIT = "WaitTimeSeconds"
_LONGEST_PAUSE_S = 0.5
"""Messages also appear as their delay or visibility timeout ends, which nothing announces."""


def is_receive(request: Request) -> bool:
    return operation_of(request).receives_messages


def without_wait(request: Request, account: str) -> tuple[Request, float]:
    """The same request with a wait of 0, and the wait that was asked for in seconds."""
    operation = operation_of(request)
    target, body = request.target, request.body
    if operation.protocol is Protocol.JSON:
        asked = json.loads(body or b"{}")
        body = json.dumps({**asked, _WAIT: 0}).encode()
    elif body:
        asked = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))
        body = urlencode({**asked, _WAIT: "0"}).encode()
    else:
        asked = dict(parse_qsl(request.query, keep_blank_values=True))
        target = f"{request.path}?{urlencode({**asked, _WAIT: '0'})}"
    wait = asked.get(_WAIT)
    if wait is None:
        wait = _wait_of_queue(operation.region, account, str(asked.get("QueueUrl", "")))
    headers = [(name, value) for name, value in request.headers if name.lower() != "content-length"]
    return Request(request.method, target, headers, body, request.client_ip), float(wait)


def _wait_of_queue(region: str, account: str, queue_url: str) -> float:
    queue = sqs_backends[account][region].queues.get(queue_url.rpartition("/")[2])
    # Set from the queue's attributes, so the class does not declare it.
    return float(getattr(queue, "receive_message_wait_time_seconds", None) or 0)


class Changes:
    """Wakes those who wait whenever state may have changed."""

    def __init__(self) -> None:
        self._happened = asyncio.Event()

    def announce(self) -> None:
        self._happened.set()
        self._happened = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._happened.wait(), timeout_s)


def is_empty(request: Request, response: Response) -> bool:
    """Whether a ReceiveMessage succeeded and brought nothing."""
    return response.status == 200 and not has_changed_state(request, response)


def pause_s(remaining_s: float) -> float:
    return min(remaining_s, _LONGEST_PAUSE_S)
