"""A whole AWS endpoint with its engines, for tests that use boto3 as a function would."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3
import uvloop
from botocore.config import Config

from cloudworthy.local.endpoint.capacity import ProvisionedCapacity
from cloudworthy.local.endpoint.server import AwsEndpoint
from cloudworthy.local.engines.dynoxide import Dynoxide
from cloudworthy.local.engines.moto import MotoServer
from cloudworthy.local.engines.platforms import default_tools
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import AllowAll, Decider
from cloudworthy.local.model.clock import Clock, SystemClock
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.identity import Credentials
from cloudworthy.local.model.records import CallRecord
from cloudworthy.local.process.guard import ProcessGuard
from cloudworthy.local.wire.server import HttpServer

REPOSITORY = Path(__file__).resolve().parents[3]
ACCOUNT = "000000000000"
REGION = "eu-central-1"
PERSON = Credentials("AKIAPERSON", "any", "")

T = TypeVar("T")


@dataclass
class Calls:
    """Keeps what the endpoint reports."""

    records: list[CallRecord] = field(default_factory=list)

    def put(self, record: CallRecord) -> None:
        self.records.append(record)


class Served:
    """The endpoint, its engines, and an event loop of their own in another thread."""

    def __init__(self, state: Path, decider: Decider, capacity_clock: Clock | None) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.guard = ProcessGuard()
        self.credentials = CredentialStore(ACCOUNT)
        self.calls = Calls()
        self.lambda_requests: list[Request] = []
        self.dynamodb = Dynoxide(
            default_tools(), state, guard=self.guard, account=ACCOUNT, region=REGION
        )
        self.capacity = ProvisionedCapacity(self.dynamodb, capacity_clock or SystemClock())
        self.services = MotoServer(state, guard=self.guard, account=ACCOUNT, region=REGION)
        self.endpoint = AwsEndpoint(
            dynamodb=self.capacity if capacity_clock else self.dynamodb,
            services=self.services,
            own={"lambda": self._answer_lambda},
            credentials=self.credentials,
            decider=decider,
            calls=self.calls,
            region=REGION,
        )
        self._server = HttpServer(self.endpoint.handle, max_body_bytes=1024**3)
        self.port = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def start(self) -> None:
        self.run(self.dynamodb.start())
        self.run(self.services.start())
        self.port = self.run(self._server.start(0))

    def stop(self) -> None:
        self.run(self._server.stop(grace_s=0))
        self.run(self.dynamodb.stop())
        self.run(self.services.stop())
        self.run(self.guard.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def client(
        self, service: str, credentials: Credentials = PERSON, *, config: Config | None = None
    ) -> Any:
        """A boto3 client; its settings are those of a function that sets nothing."""
        return client_for(self.port, service, credentials, config=config)

    def role(self, name: str) -> Credentials:
        """Credentials of a function of that name and its role."""
        role_arn = f"arn:aws:iam::{ACCOUNT}:role/{name}-role"
        return self.credentials.issue(role_arn, session_name=name, function_logical_id=name)

    async def _answer_lambda(self, request: Request) -> Response:
        self.lambda_requests.append(request)
        return Response(200, [("Content-Type", "application/json")], b'"from lambda"')


def client_for(
    port: int, service: str, credentials: Credentials = PERSON, *, config: Config | None = None
) -> Any:
    session: Any = boto3.session.Session(
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token or None,
        region_name=REGION,
    )
    return session.client(service, endpoint_url=f"http://127.0.0.1:{port}", config=config)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


def fetch(
    url: str, *, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Answer:
    """Plain HTTP, as a browser that holds a presigned URL would do it."""
    parts = urlsplit(url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    try:
        connection.request(
            method, url[url.index(parts.netloc) + len(parts.netloc) :], body, headers or {}
        )
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


@contextmanager
def served(
    state: Path, decider: Decider | None = None, *, capacity_clock: Clock | None = None
) -> Iterator[Served]:
    """Provisioned capacity is enforced where there is a clock for it."""
    system = Served(state, decider or AllowAll(), capacity_clock)
    try:
        system.start()
        yield system
    finally:
        system.stop()


def make_table(client: Any, name: str) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
