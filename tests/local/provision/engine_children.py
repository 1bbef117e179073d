"""The two engines as plain child processes, and stacks deployed into them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cloudworthy.local.engines.dynoxide import find_binary
from cloudworthy.local.engines.platforms import default_tools
from cloudworthy.local.model.resources import Asset, Deployment, Stack
from cloudworthy.local.provision.deployer import Deployer
from cloudworthy.local.provision.engines import AwsClient, Engines
from cloudworthy.local.provision.plan import Plan

ROOT = Path(__file__).resolve().parents[3]
ACCOUNT = "000000000000"
REGION = "us-east-1"
_START_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class EngineUrls:
    dynamodb: str
    services: str


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running_engines(directory: Path) -> Iterator[EngineUrls]:
    dynamodb_port, services_port = free_port(), free_port()
    database = directory / "dynamodb.sqlite"
    dynoxide = find_binary(default_tools())
    commands = [
        [str(dynoxide), "--port", str(dynamodb_port), "--db-path", str(database)],
        [sys.executable, "-m", "moto.server", "-p", str(services_port)],
    ]
    environment = {**os.environ, "MOTO_ACCOUNT_ID": ACCOUNT}
    with (directory / "engines.log").open("wb") as log:
        children = [
            subprocess.Popen(command, stdout=log, stderr=log, env=environment)
            for command in commands
        ]
        try:
            for port in (dynamodb_port, services_port):
                _wait_for(port)
            yield EngineUrls(
                f"http://127.0.0.1:{dynamodb_port}", f"http://127.0.0.1:{services_port}"
            )
        finally:
            for child in children:
                child.kill()
                child.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on {port}"
            time.sleep(0.02)
        else:
            return


@dataclass
class Bench:
    """One stack in a state directory of its own."""

    urls: EngineUrls
    directory: Path
    stack_name: str
    assets: dict[str, Asset] = field(default_factory=dict)
    region: str = REGION

    def __post_init__(self) -> None:
        self._engines = Engines(self.urls.dynamodb, self.urls.services, self.region)
        self._deployer = self._make_deployer()

    def client(self, service: str) -> AwsClient:
        return self._engines.client(service)

    def stack(self, resources: Mapping[str, Any], **sections: Any) -> Stack:
        template = {"Resources": resources, **sections}
        return Stack(self.stack_name, ACCOUNT, self.region, template, self.assets)

    def deployer(self, **settings: Any) -> Deployer:
        return self._make_deployer(**settings) if settings else self._deployer

    def _make_deployer(self, **settings: Any) -> Deployer:
        return Deployer(
            self.directory,
            dynamodb_url=self.urls.dynamodb,
            services_url=self.urls.services,
            **settings,
        )

    def plan(self, resources: Mapping[str, Any], **sections: Any) -> Plan:
        return self.deployer().plan(self.stack(resources, **sections))

    async def apply(self, resources: Mapping[str, Any], **sections: Any) -> Deployment:
        return await self.deployer().apply(self.plan(resources, **sections))

    def add_asset(self, key: str, path: Path) -> None:
        self.assets[key] = Asset(key, path, "zip")


def actions(plan: Plan) -> dict[str, str]:
    return {change.logical_id: change.action.value for change in plan.changes}


def table(**properties: Any) -> dict[str, Any]:
    """A small table; properties are added, and None takes one away."""
    merged = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        **properties,
    }
    kept = {key: value for key, value in merged.items() if value is not None}
    return {"Type": "AWS::DynamoDB::Table", "Properties": kept}


def resource(resource_type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": resource_type, "Properties": properties}
