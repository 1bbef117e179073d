"""A stack with something of every kind that faults can be narrowed to, and calls about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cloudworthy.local.endpoint.call import Protocol
from cloudworthy.local.faults.active import StackFaults
from cloudworthy.local.iam.decision import ApiCall
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack

ACCOUNT = "000000000000"
REGION = "us-east-1"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:token-AbCdEf"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/work"
KEY = "f8674820-6155-406f-aeb2-abd5e63562a5"


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _resource(
    logical_id: str, kind: str, physical_id: str, **attributes: str
) -> ProvisionedResource:
    properties = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    return ProvisionedResource(
        logical_id,
        f"AWS::{kind}",
        physical_id,
        properties,
        attributes,
        f"Stack/{logical_id}/Resource",
    )


RESOURCES = (
    _resource(
        "ItemsTableE2D1F4C3", "DynamoDB::Table", "items", Arn=_arn("dynamodb", "table/items")
    ),
    _resource("Other", "DynamoDB::Table", "items2", Arn=_arn("dynamodb", "table/items2")),
    _resource("Objects", "S3::Bucket", "objects", Arn="arn:aws:s3:::objects"),
    _resource(
        "Work",
        "SQS::Queue",
        QUEUE_URL,
        Arn=_arn("sqs", "work"),
        QueueName="work",
    ),
    _resource(
        "News", "SNS::Topic", _arn("sns", "news"), TopicArn=_arn("sns", "news"), TopicName="news"
    ),
    _resource("Token", "SecretsManager::Secret", SECRET, Id=SECRET),
    _resource("Key", "KMS::Key", KEY, Arn=_arn("kms", f"key/{KEY}")),
    _resource("ApiFunction", "Lambda::Function", "api", Arn=_arn("lambda", "function:api")),
    _resource("JobFunction", "Lambda::Function", "job", Arn=_arn("lambda", "function:job")),
)


def deployment(*resources: ProvisionedResource) -> Deployment:
    stack = Stack("Small", ACCOUNT, REGION, {}, {})
    found = resources or RESOURCES
    return Deployment(stack, {it.logical_id: it for it in found}, {})


@dataclass
class Told:
    """A ``Progress`` that keeps what it is told."""

    said: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        self.said.append(what)
        yield

    def say(self, text: str) -> None:
        self.said.append(text)

    def warn(self, text: str) -> None:
        self.warned.append(text)


class SetClock:
    """Shows the time it was set to."""

    def __init__(self) -> None:
        self.moment = NOW
        self.slept_s: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.moment += timedelta(seconds=seconds)


def stack_faults(
    directory: Path,
    faults: object = (),
    *,
    random: Callable[[], float] = lambda: 0.0,
    clock: SetClock | None = None,
    told: Told | None = None,
) -> StackFaults:
    """The faults of a stack whose file has these."""
    write(directory, faults)
    found = StackFaults(
        directory, clock=clock or SetClock(), random=random, progress=told or Told()
    )
    found.use(deployment())
    return found


def write(directory: Path, faults: object) -> None:
    fresh = directory / "faults.new"
    fresh.write_text(json.dumps({"faults": faults}))
    fresh.replace(directory / "faults.json")


def json_call(
    service: str, target: str, body: Mapping[str, Any], *, function: str = "ApiFunction"
) -> ApiCall:
    """A call in the JSON protocol, of a function of the stack."""
    headers = [
        ("X-Amz-Target", target),
        ("Content-Type", Protocol.JSON_1_0.value),
        ("Host", "127.0.0.1"),
    ]
    request = Request("POST", "/", headers, json.dumps(body).encode())
    operation = target.rpartition(".")[2]
    return _call(service, operation, request, Protocol.JSON_1_0, function)


def rest_call(service: str, operation: str, method: str, target: str) -> ApiCall:
    request = Request(method, target, [("Host", "127.0.0.1")])
    return _call(service, operation, request, Protocol.REST_XML, "ApiFunction")


def query_call(service: str, body: str) -> ApiCall:
    headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Host", "127.0.0.1")]
    request = Request("POST", "/", headers, body.encode())
    operation = body.partition("Action=")[2].partition("&")[0]
    return _call(service, operation, request, Protocol.QUERY, "ApiFunction")


def _call(
    service: str, operation: str, request: Request, protocol: Protocol, function: str
) -> ApiCall:
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    principal = Principal(
        f"arn:aws:sts::{ACCOUNT}:assumed-role/r/{function}", ACCOUNT, role, function
    )
    return ApiCall(principal, service, operation, REGION, request, protocol.value)


def put(table: str = "items", *, function: str = "ApiFunction") -> ApiCall:
    """A PutItem."""
    body = {"TableName": table, "Item": {"id": {"S": "a"}}}
    return json_call("dynamodb", "DynamoDB_20120810.PutItem", body, function=function)
