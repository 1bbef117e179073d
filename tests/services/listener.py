"""A handler behind real HTTP: requests become events as a REST API makes them."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from local_server import AnyRequest, LocalServer
from services.api import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.api import Api, Handler


class _Listener(LocalServer):
    def __init__(self, items: Api, health: Handler) -> None:
        super().__init__(_Request)
        self.items = items.handler
        self.system = items.system
        self.health = health
        self.lock = threading.Lock()


class _Request(AnyRequest):
    timeout = 1  # for a body that is shorter than its Content-Length says
    server: _Listener

    def handle_any(self) -> None:
        try:
            answer = self._answer(self._event())
        except TimeoutError:
            answer = _error(400, "invalid_request", details=[{"field": "body", "reason": "short"}])
            self.close_connection = True
        self.answer(answer["statusCode"], answer["headers"].items(), answer["body"].encode())

    def _answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """What the gateway or the function answers, one request at a time as in Lambda."""
        if event["path"] == "/health":
            handler = self.server.health
        elif "x-api-key" in self.headers:
            handler = self.server.items
        else:
            return _error(403, "forbidden")
        with self.server.lock:
            return handler(event, CONTEXT)

    def _event(self) -> dict[str, Any]:
        url = urlsplit(self.path)
        resource, parameters = self.server.system.resource(url.path)
        query = parse_qs(url.query, keep_blank_values=True)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return {
            "resource": resource,
            "path": url.path,
            "httpMethod": self.command,
            "headers": dict(self.headers),
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "pathParameters": {k: unquote(v) for k, v in (parameters or {}).items()} or None,
            "requestContext": {"requestId": "request-1", "identity": {"apiKeyId": "key-1"}},
            "body": body.decode("utf-8", "surrogateescape") or None,
            "isBase64Encoded": False,
        }


def _error(status: int, code: str, **more: Any) -> dict[str, Any]:
    """What the gateway answers by itself."""
    error = {"code": code, "message": code, "request_id": "request-1", **more}
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"error": error}),
    }


@contextmanager
def listening(items: Api, health: Handler) -> Iterator[str]:
    """Serve the handlers; gives the base URL."""
    with _Listener(items, health) as listener:
        yield listener.url
