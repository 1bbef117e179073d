"""Calls of a Lambda handler with the events that a REST API would send."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from services.systems import WEB

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.systems import System

    Handler = Callable[[dict[str, Any], object], dict[str, Any]]

CONTEXT = SimpleNamespace(aws_request_id="invocation-1")
JSON = {"Content-Type": "application/json"}
NO_REQUESTS: list[Any] = [
    {},
    [],
    "x",
    None,
    {"Records": []},
    {"detail-type": "Nightly"},
    {"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": {}},
]
"""Events of other services, and no events at all."""


def environment(endpoint: str, **more: str) -> dict[str, str]:
    """The environment of web-app's functions."""
    return WEB.environment(endpoint, **more)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.json["error"]
        return error

    @property
    def fields(self) -> set[str]:
        """The fields that a 400 complains of."""
        return {each["field"] for each in self.error["details"]}


class Api:
    """Sends requests to a handler."""

    def __init__(self, handler: Handler, system: System = WEB) -> None:
        self.handler = handler
        self.system = system

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        key: str = "key-1",
    ) -> Reply:
        """Send a request; a body that is not text is sent as JSON."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        resource, parameters = self.system.resource(path)
        event: dict[str, Any] = {
            "resource": resource,
            "path": path,
            "httpMethod": method,
            "headers": {**(JSON if text is not None else {}), **(headers or {})} or None,
            "multiValueHeaders": None,
            "queryStringParameters": query,
            "multiValueQueryStringParameters": query and {k: [v] for k, v in query.items()},
            "pathParameters": parameters,
            "stageVariables": None,
            "requestContext": {"requestId": "request-1", "identity": {"apiKeyId": key}},
            "body": text,
            "isBase64Encoded": False,
        }
        return self.send(event)

    def send(self, event: dict[str, Any]) -> Reply:
        answer = self.handler(event, CONTEXT)
        assert set(answer) == {"statusCode", "headers", "body", "isBase64Encoded"}
        return Reply(answer["statusCode"], answer["headers"], answer["body"])

    def create(self, **fields: Any) -> dict[str, Any]:
        reply = self("POST", self.system.collection, {**self.system.smallest, **fields})
        assert reply.status == 201, reply.body
        item: dict[str, Any] = reply.json
        return item
