"""Somebody who is subscribed to the alarms of a running system."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from running_system import RunningSystem, wait_until

SPEED = "300"
"""The five minutes of an alarm's period are one second, its evaluation is five times a second."""

_CONSTRUCT = re.compile(r"-Alarms(\w+?)[0-9A-F]{8}-")
_LONGEST_S = 60


class AlarmListener:
    """Hears of transitions through SNS and SQS; alarms go by the names of their constructs."""

    def __init__(self, system: RunningSystem) -> None:
        self._cloudwatch = system.client("cloudwatch")
        self._sqs = system.client("sqs")
        alarms = self._cloudwatch.describe_alarms()["MetricAlarms"]
        self.names = {_construct(it["AlarmName"]) for it in alarms}
        self.seen_to_trip: set[str] = set()
        self.other_messages: list[dict[str, Any]] = []
        (self.topic,) = {arn for it in alarms for arn in (*it["AlarmActions"], *it["OKActions"])}
        self._heard: list[tuple[str, str]] = []
        self._queue = self._subscribe(system)

    @contextmanager
    def expecting(self, *names: str) -> Iterator[Callable[[], bool]]:
        """What is done meanwhile has these alarms tell that they went off, then that it is over.

        Gives a question: have all of them told that they went off?
        """
        assert self.names.issuperset(names), self.names
        wait_until(lambda: not self._not_ok(names), _LONGEST_S)
        while self._listen(wait_s=0):
            pass  # What was told before is not about this.
        begin = len(self._heard)

        def told(*states: str) -> bool:
            return all(self._heard_in_order(begin, name, states) for name in names)

        def have_tripped() -> bool:
            self._listen(wait_s=0)
            return told("ALARM")

        def have_recovered() -> bool:
            if not told("ALARM", "OK"):
                self._listen(wait_s=1)
            return told("ALARM", "OK")

        yield have_tripped
        wait_until(have_recovered, _LONGEST_S)
        self.seen_to_trip |= set(names)

    def _subscribe(self, system: RunningSystem) -> str:
        queue = self._sqs.create_queue(QueueName="listener")["QueueUrl"]
        wanted = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        queue_arn = wanted["Attributes"]["QueueArn"]
        letting_the_topic_send = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": queue_arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": self.topic}},
                }
            ],
        }
        self._sqs.set_queue_attributes(
            QueueUrl=queue, Attributes={"Policy": json.dumps(letting_the_topic_send)}
        )
        system.client("sns").subscribe(
            TopicArn=self.topic,
            Protocol="sqs",
            Endpoint=queue_arn,
            Attributes={"RawMessageDelivery": "true"},
        )
        return str(queue)

    def _listen(self, *, wait_s: int) -> bool:
        """Hear some of what there is to hear; False when that was nothing."""
        received = self._sqs.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=wait_s
        )
        messages = received.get("Messages", [])
        for message in messages:
            self._hear(json.loads(message["Body"]))
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return bool(messages)

    def _hear(self, body: dict[str, Any]) -> None:
        if "AlarmName" in body:
            self._heard.append((_construct(body["AlarmName"]), body["NewStateValue"]))
        else:
            self.other_messages.append(body)

    def _heard_in_order(self, begin: int, name: str, states: tuple[str, ...]) -> bool:
        heard = iter(state for about, state in self._heard[begin:] if about == name)
        return all(state in heard for state in states)

    def _not_ok(self, names: tuple[str, ...]) -> set[str]:
        alarms = self._cloudwatch.describe_alarms()["MetricAlarms"]
        ok = {_construct(it["AlarmName"]) for it in alarms if it["StateValue"] == "OK"}
        return set(names) - ok


def _construct(alarm_name: str) -> str:
    found = _CONSTRUCT.search(alarm_name)
    assert found is not None, alarm_name
    return found[1]
