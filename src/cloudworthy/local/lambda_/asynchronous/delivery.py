"""Sending records and dead letters to where an ARN says."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from cloudworthy.local.lambda_.aws_call import AwsCall, RoleCaller
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.http import Response

_TRIES = 3
_TRACE_HEADER = "X-Amzn-Trace-Id"
_ARN = re.compile(r"arn:aws[\w-]*:([\w-]+):([a-z]+(-[a-z]+)+-\d)?:(\d{12})?:.+", re.ASCII)
"""Source: CloudFormation user guide, ``AWS::Lambda::EventInvokeConfig OnSuccess`` (documented)."""


class DeliveryError(Exception):
    """The service did not take the message; the text says why.

    Parameters
    ----------
    is_temporary
        The service is at fault, not the message.
    """

    def __init__(self, reason: str, *, is_temporary: bool) -> None:
        super().__init__(reason)
        self.is_temporary = is_temporary


def service_of(arn: str) -> str:
    """The service that an ARN names; empty for what is no ARN that can be delivered to."""
    found = _ARN.fullmatch(arn)
    return found[1] if found is not None else ""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to arrive, whatever it arrives by."""

    body: bytes
    function: Function
    trace_header: str
    sent_at: datetime
    attributes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Message attributes of a queue or topic: name to data type and value."""
    qualifier: str = "$LATEST"
    succeeded: bool = False

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Deliveries:
    """Delivers messages to queues, topics, functions, event buses and buckets."""

    def __init__(self, caller: RoleCaller, clock: Clock) -> None:
        self._caller = caller
        self._clock = clock

    async def deliver(self, arn: str, message: Message) -> None:
        """Send a message; tried again where the service, not the message, is at fault.

        Raises
        ------
        DeliveryError
        """
        call = _CALLS[service_of(arn)](arn, message)
        for attempt in range(1, _TRIES + 1):
            response = await self._caller.send(call, message.function)
            if response.status < 500 or attempt == _TRIES:
                break
            await self._clock.sleep(attempt)
        reason = _refusal(response)
        if reason:
            raise DeliveryError(reason, is_temporary=response.status >= 500)


def _refusal(response: Response) -> str:
    """Why a call failed; empty when it did not. ``PutEvents`` fails with a status of 200."""
    text = response.body.decode(errors="replace")
    if response.status >= 300:
        return f"{response.status} {text}"
    failed = b'"FailedEntryCount"' in response.body and json.loads(text)["FailedEntryCount"]
    return text if failed else ""


def _to_queue(arn: str, message: Message) -> AwsCall:
    region, account, name = arn.split(":")[3:6]
    body: dict[str, object] = {
        "QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{name}",
        "MessageBody": message.text,
        "MessageSystemAttributes": {
            "AWSTraceHeader": {"DataType": "String", "StringValue": message.trace_header}
        },
    }
    if message.attributes:
        body["MessageAttributes"] = {
            key: {"DataType": kind, "StringValue": value}
            for key, (kind, value) in message.attributes.items()
        }
    return _json_call("sqs", region, "AmazonSQS.SendMessage", "1.0", body, message)


def _to_topic(arn: str, message: Message) -> AwsCall:
    fields = {
        "Action": "Publish",
        "Version": "2010-03-31",
        "TopicArn": arn,
        "Message": message.text,
    }
    for number, (name, (kind, value)) in enumerate(sorted(message.attributes.items()), 1):
        entry = f"MessageAttributes.entry.{number}"
        fields[f"{entry}.Name"] = name
        fields[f"{entry}.Value.DataType"] = kind
        fields[f"{entry}.Value.StringValue"] = value
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        _TRACE_HEADER: message.trace_header,
    }
    region = arn.split(":")[3]
    return AwsCall("sns", region, "POST", "/", headers, urlencode(fields).encode())


def _to_function(arn: str, message: Message) -> AwsCall:
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Invocation-Type": "Event",
        _TRACE_HEADER: message.trace_header,
    }
    target = f"/2015-03-31/functions/{quote(arn, safe='')}/invocations"
    return AwsCall("lambda", arn.split(":")[3], "POST", target, headers, message.body)


def _to_event_bus(arn: str, message: Message) -> AwsCall:
    """Source: recorded on AWS 2025-11-24 (lambda-async-008)."""
    result = "Success" if message.succeeded else "Failure"
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {result}",
        "Detail": message.text,
        "Resources": [arn, f"{message.function.arn}:{message.qualifier}"],
        "EventBusName": arn,
        "TraceHeader": message.trace_header,
    }
    region = arn.split(":")[3]
    return _json_call("events", region, "AWSEvents.PutEvents", "1.1", {"Entries": [entry]}, message)


def _to_bucket(arn: str, message: Message) -> AwsCall:
    """Source: developer guide, "Adding a destination" (documented)."""
    bucket = arn.rpartition(":")[2]
    moment = message.sent_at
    key = (
        f"aws/lambda/async/{message.function.name}/{moment:%Y/%m/%d}/"
        f"{moment:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
    )
    region = message.function.arn.split(":")[3]
    headers = {"Content-Type": "application/json"}
    return AwsCall("s3", region, "PUT", f"/{bucket}/{quote(key)}", headers, message.body)


def _json_call(
    service: str, region: str, operation: str, version: str, body: object, message: Message
) -> AwsCall:
    headers = {
        "Content-Type": f"application/x-amz-json-{version}",
        "X-Amz-Target": operation,
        _TRACE_HEADER: message.trace_header,
    }
    return AwsCall(service, region, "POST", "/", headers, json.dumps(body).encode())


_CALLS: Mapping[str, Callable[[str, Message], AwsCall]] = {
    "sqs": _to_queue,
    "sns": _to_topic,
    "lambda": _to_function,
    "events": _to_event_bus,
    "s3": _to_bucket,
}
