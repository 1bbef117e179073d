"""SNS: messages reach the queues whose policies let the topic send to them, and no others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import parse_qsl

from cloudworthy.local.endpoint.publications import topic_of
from cloudworthy.local.endpoint.subscriptions import subscriptions_of
from cloudworthy.local.model.backends import WITHHELD_HEADER, Backend
from cloudworthy.local.model.http import Request, Response

MayDeliver = Callable[[str, str], Awaitable[bool]]
"""Whether a topic may send to a queue, both by their ARNs."""

_PUBLISHING = frozenset({"Publish", "PublishBatch"})
_READING = ("Check", "Get", "List", "Publish")
_COLONS_OF_ARN = 5


class DecidedTopics:
    """A backend before the one that carries SNS out.

    The engine delivers inside of itself, so it is told with each message which queues are not to
    get it. What topics have subscribed is asked once, and again after a call that may change it.

    Source: Amazon SNS developer guide, "Fanout to Amazon SQS queues" (documented): the topic
    sends as ``sns.amazonaws.com`` with ``aws:SourceArn``; what is not allowed is not delivered,
    and the publisher does not hear of it.
    """

    def __init__(self, engine: Backend, may_deliver: MayDeliver) -> None:
        self._engine = engine
        self._may_deliver = may_deliver
        self._queues: dict[str, tuple[str, ...]] = {}
        self._generation = 0

    async def send(self, request: Request) -> Response:
        """Hand a call on; see ``Backend``."""
        headers = [it for it in request.headers if it[0].lower() != WITHHELD_HEADER]
        # Both may carry parameters; what they say differently has been refused.
        form = dict(parse_qsl(request.query, keep_blank_values=True))
        form |= parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        action = form.get("Action", "")
        if action in _PUBLISHING:
            withheld = await self._withheld(topic_of(action, form))
            if withheld:
                headers.append((WITHHELD_HEADER, ",".join(withheld)))
        response = await self._engine.send(replace(request, headers=headers))
        if not action.startswith(_READING):
            self._generation += 1
            self._queues.clear()
        return response

    async def _withheld(self, topic_arn: str) -> list[str]:
        """The queues that subscribed to a topic and do not let it send to them."""
        if topic_arn.count(":") != _COLONS_OF_ARN:
            return []
        queues = self._queues.get(topic_arn)
        if queues is None:
            generation = self._generation
            region = topic_arn.split(":")[3]
            found = subscriptions_of(topic_arn, self._engine.send, region)
            queues = tuple([it.endpoint async for it in found if it.protocol == "sqs"])
            if generation == self._generation:
                self._queues[topic_arn] = queues
        return [arn for arn in queues if not await self._may_deliver(topic_arn, arn)]
