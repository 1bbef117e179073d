"""Calls of a Lambda handler with the events that an HTTP API would send."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from services.api import CONTEXT, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Handler = Callable[[dict[str, Any], object], dict[str, Any]]

_TEXT = ("text/", "application/json", "application/xml", "application/javascript")


def event_of(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """The event of a request: payload version 2.0, as facts httpapi-event-001 to 021 have it."""
    is_text = headers.get("content-type", "").startswith(_TEXT)
    sent = body.decode("utf-8", "surrogateescape") if is_text else base64.b64encode(body).decode()
    return {
        "version": "2.0",
        "routeKey": "ANY /api/{proxy+}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"content-length": str(len(body)), **headers},
        "pathParameters": {"proxy": path.removeprefix("/api/")},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1"},
            "requestId": "HBhapgCqoAMEJ0w=",
            "routeKey": "ANY /api/{proxy+}",
            "stage": "$default",
        },
        **({"body": sent} if body else {}),
        "isBase64Encoded": bool(body) and not is_text,
    }


@dataclass(frozen=True)
class ObjectsApi:
    """Sends requests to a handler; a body that is not bytes is sent as JSON."""

    handler: Handler

    def __call__(
        self,
        method: str,
        path: str = "/api/data",
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        is_json = body is not None and not isinstance(body, bytes)
        sent = json.dumps(body).encode() if is_json else body or b""
        typed = {"content-type": "application/json"} if is_json else {}
        text = urlencode(query or {}, quote_via=quote)
        return self.send(event_of(method, path, text, {**typed, **(headers or {})}, sent))

    def send(self, event: dict[str, Any]) -> Reply:
        answer = self.handler(event, CONTEXT)
        assert set(answer) == {"statusCode", "headers", "body", "isBase64Encoded"}
        return Reply(answer["statusCode"], answer["headers"], answer["body"])

    def write(self, key: str, data: Any, **more: Any) -> str:
        """Write an object; gives its entity tag."""
        reply = self("POST", body={"key": key, "data": data, **more})
        assert reply.status == 201, reply.body
        return str(reply.json["etag"])

    def read(self, key: str) -> Reply:
        return self("GET", query={"key": key})

    def keys(self, **query: str) -> list[str]:
        """All keys, page by page."""
        found: list[str] = []
        token: dict[str, str] = {}
        while True:
            page = self("PUT", query={**query, **token})
            assert page.status == 200, page.body
            found += [each["key"] for each in page.json["objects"]]
            if "next_token" not in page.json:
                return found
            token = {"token": page.json["next_token"]}
