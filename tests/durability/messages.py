"""Messages of a queue, messages of a topic that go to a queue, events of a function."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections import Counter
from typing import Any

from durability.app import DEAD, PUBLISHED, QUEUE, RESULTS, RUNS, TOPIC
from durability.ledger import ABSENT, Ledger, expect_none
from durability.world import World
from running_system import wait_until

_SHORT_S, _LONG_S = 1, 40_000
"""How long a received message is hidden: until the check, or beyond it."""
_MOST_WAITING = 40
"""More events than that would leave the processors to nothing else."""
_THERE, _HIDDEN = "there", "hidden"


class Messages:
    """Sends, receives, deletes; and leaves some hidden."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ledger = Ledger()

    def step(self, dice: random.Random) -> None:
        if dice.random() < 0.6:
            self._send()
        else:
            self._receive(dice)

    def _send(self) -> None:
        bodies = [str(uuid.uuid4()) for _ in range(3)]
        entries = [{"Id": str(n), "MessageBody": it} for n, it in enumerate(bodies)]
        for body in bodies:
            self._ledger.possible[body] = (ABSENT, _THERE)
        self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
        for body in bodies:
            del self._ledger.possible[body]
            self._ledger.certain[body] = _THERE

    def _receive(self, dice: random.Random) -> None:
        hide = dice.random() < 0.1
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=2,
            VisibilityTimeout=_LONG_S if hide else _SHORT_S,
        )
        for message in answer.get("Messages", []):
            body = message["Body"]
            if hide:
                self._ledger.certain.pop(body, None)
                self._ledger.possible.pop(body, None)
                self._ledger.certain[body] = _HIDDEN
                continue
            if self._ledger.certain.get(body, _THERE) != _THERE:
                raise AssertionError(f"{body}: {self._ledger.certain[body]}, received once more")
            with self._ledger.change(body, ABSENT):
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    @property
    def _sqs(self) -> Any:
        return self._world.client("sqs")

    @property
    def _url(self) -> str:
        return self._world.queue_url(QUEUE)

    def check(self) -> int:
        """A message whose receipt was not acknowledged may be hidden for long as well."""
        there = drained(self._world, QUEUE, wait_s=2 * _SHORT_S)
        hidden = self._hidden()
        certain_hidden = [b for b, state in self._ledger.certain.items() if state == _HIDDEN]
        expect_none("hidden messages", [b for b in certain_hidden if b in there])
        missing = [
            body
            for body, state in self._ledger.certain.items()
            if state == _THERE and body not in there
        ]
        back = [body for body, state in self._ledger.certain.items() if not state and body in there]
        expect_none("deleted messages", back)
        # An unanswered receive may have hidden up to two messages each.
        unexplained = len(missing) - (hidden - len(certain_hidden))
        expect_none("messages", missing if unexplained > 0 else [])
        assert hidden >= len(certain_hidden), f"{hidden} hidden, {len(certain_hidden)} expected"
        return len(self._ledger.certain)

    def _hidden(self) -> int:
        name = "ApproximateNumberOfMessagesNotVisible"
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return int(answer["Attributes"][name])


class Publications:
    """Messages to a topic, which arrive in the queue that subscribed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acknowledged: set[str] = set()

    def step(self, _dice: random.Random) -> None:
        text = str(uuid.uuid4())
        arn = f"arn:aws:sns:us-east-1:000000000000:{TOPIC}"
        self._world.client("sns").publish(TopicArn=arn, Message=text)
        self._acknowledged.add(text)

    def check(self) -> int:
        arrived = drained(self._world, PUBLISHED)
        expect_none("published messages", sorted(self._acknowledged - arrived.keys()))
        return len(self._acknowledged)


class Events:
    """Asynchronous events: each runs at least once, and its result or failure arrives."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acknowledged: dict[str, bool] = {}
        """Whether it fails, by name."""

    def step(self, dice: random.Random) -> None:
        wait_until(lambda: self._world.waiting_events() < _MOST_WAITING, timeout_s=120)
        name, fails = str(uuid.uuid4()), dice.random() < 0.2
        self._world.client("lambda").invoke(
            FunctionName=self._world.worker,
            InvocationType="Event",
            Payload=json.dumps({"name": name, "fails": fails}),
        )
        self._acknowledged[name] = fails

    def check(self) -> int:
        """Retries come 1 and 2 minutes later by a clock that is 60 times as fast."""
        arrived: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
        deadline = time.monotonic() + 120
        while missing := self._missing(arrived):
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(missing)} events without an end: {missing[:10]}")
            for fails, queue in ((False, RESULTS), (True, DEAD)):
                arrived[fails].update(
                    json.loads(body)["requestPayload"]["name"]
                    for body in drained(self._world, queue)
                )
        runs = Counter((self._world.directory / RUNS).read_text().split())
        fewer = [
            name for name, fails in self._acknowledged.items() if runs[name] < (2 if fails else 1)
        ]
        expect_none("events that ran too seldom", fewer)
        return len(self._acknowledged)

    def _missing(self, arrived: dict[bool, Counter[str]]) -> list[str]:
        return [name for name, fails in self._acknowledged.items() if not arrived[fails][name]]


def drained(world: World, queue: str, *, wait_s: int = 0) -> Counter[str]:
    """Everything that is in a queue now, or becomes visible while nothing comes for so long."""
    sqs, url = world.client("sqs"), world.queue_url(queue)
    found: Counter[str] = Counter()
    empty = False
    while not empty:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=wait_s,
            VisibilityTimeout=_LONG_S,
        )
        messages = answer.get("Messages", [])
        found.update(message["Body"] for message in messages)
        entries = [
            {"Id": str(n), "ReceiptHandle": it["ReceiptHandle"]} for n, it in enumerate(messages)
        ]
        if entries:
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        empty = not messages
    return found
