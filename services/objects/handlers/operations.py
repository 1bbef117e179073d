"""The routes of the objects API: HTTP in, HTTP out."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gateway.answer import Answer
from gateway.body import json_bytes
from gateway.errors import BadRequestError
from gateway.parameters import check_names, limit_of
from objects.data.bucket import NotModifiedError
from objects.handlers.queries import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    delete_conditions,
    is_asked,
    no_conditions,
    read_conditions,
    write_conditions,
)
from objects.logic.content import checked_type, content_of, raw_content
from objects.logic.json_members import Json, json_members
from objects.logic.keys import checked_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.request import Request
    from gateway.router import Handler
    from objects.data.bucket import ListedObject, Presigned
    from objects.logic.content import Content
    from objects.logic.service import ObjectService
    from observability.metrics import Metrics

MAX_BODY_BYTES = 6 * 1024 * 1024
_PATH = "/api/data"
_LIST_NAMES = {"prefix", "limit", "token"}


class Operations:
    def __init__(self, service: ObjectService, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    def routes(self) -> dict[str, dict[str, Handler]]:
        return {
            _PATH: {
                "GET": self.get,
                "POST": self.write,
                "PUT": self.list_by_body,
                "DELETE": self.delete,
            }
        }

    def get(self, request: Request) -> Answer:
        """Read one object, or list them when no key is given."""
        if "key" in request.query:
            return self._read(request)
        no_conditions(request)
        check_names("parameter", request.query, _LIST_NAMES)
        return self._list({name: request.query_value(name) for name in request.query})

    def write(self, request: Request) -> Answer:
        if is_asked(request, "upload"):
            return self._upload(request)
        return self._write_raw(request) if "key" in request.query else self._write_json(request)

    def list_by_body(self, request: Request) -> Answer:
        """List with what is in the query, in a JSON object, or in both."""
        no_conditions(request)
        check_names("parameter", request.query, _LIST_NAMES)
        asked = {name: request.query_value(name) for name in request.query}
        if request.body:
            members = json_members(json_bytes(request))
            check_names("field", members, _LIST_NAMES - set(asked))
            asked |= {name: _spelt(name, value) for name, value in members.items()}
        return self._list(asked)

    def delete(self, request: Request) -> Answer:
        check_names("parameter", request.query, {"key"})
        self._service.delete(_key(request), delete_conditions(request))
        self._metrics.count("ObjectsDeleted")
        return Answer(204)

    def _read(self, request: Request) -> Answer:
        check_names("parameter", request.query, {"key", "download"})
        if is_asked(request, "download"):
            no_conditions(request)
            return Answer(200, _presigned(self._service.download(_key(request))))
        try:
            found = self._service.read(_key(request), read_conditions(request))
        except NotModifiedError as error:
            return Answer(304, headers={"ETag": error.etag})
        document = {
            "key": found.key,
            "content": found.content,
            "encoding": found.encoding,
            "content_type": found.content_type,
            "etag": found.etag,
        }
        return Answer(200, document, {"ETag": found.etag})

    def _list(self, asked: dict[str, str | None]) -> Answer:
        limit = limit_of(asked.get("limit"), default=DEFAULT_LIMIT, most=MAX_LIMIT)
        page = self._service.list(asked.get("prefix") or "", limit, asked.get("token"))
        document: dict[str, Any] = {"objects": [_listed(each) for each in page.objects]}
        if page.next_token is not None:
            document["next_token"] = page.next_token
        return Answer(200, document)

    def _write_json(self, request: Request) -> Answer:
        check_names("parameter", request.query, set())
        members = json_members(json_bytes(request, MAX_BODY_BYTES))
        check_names("field", members, {"key", "data", "encoding", "content_type"})
        if "data" not in members:
            raise BadRequestError.of("data", "missing")
        encoding = members.get("encoding", "utf-8")
        content = content_of(members["data"], encoding, _content_type(members))
        return self._written(request, members.get("key"), content)

    def _write_raw(self, request: Request) -> Answer:
        """Bytes as they come, with their content type."""
        check_names("parameter", request.query, {"key"})
        content_type = request.headers.get("content-type")
        if content_type and content_type.partition(";")[0].strip().lower() == "application/json":
            raise BadRequestError.of("key", "in the query for a body that is not JSON only")
        return self._written(request, _key(request), raw_content(request.body, content_type))

    def _written(self, request: Request, key: object, content: Content) -> Answer:
        checked = checked_key(key)
        etag = self._service.write(checked, content, write_conditions(request))
        self._metrics.count("ObjectsWritten")
        headers = {"ETag": etag, "Location": f"{_PATH}?key={quote(checked, safe='')}"}
        return Answer(201, {"key": checked, "etag": etag}, headers)

    def _upload(self, request: Request) -> Answer:
        check_names("parameter", request.query, {"upload"})
        members = json_members(json_bytes(request))
        check_names("field", members, {"key", "content_type"})
        key = checked_key(members.get("key"))
        upload = self._service.upload(key, _content_type(members), write_conditions(request))
        return Answer(201, _presigned(upload))


def _key(request: Request) -> str:
    return checked_key(request.query_value("key"))


def _content_type(members: Mapping[str, str | Json]) -> str | None:
    if "content_type" not in members:
        return None
    return checked_type("content_type", members["content_type"])


def _spelt(name: str, value: str | Json) -> str:
    """A member of a list request as it would be in a query."""
    is_number = isinstance(value, Json)
    if is_number != (name == "limit"):
        expected = "a whole number" if name == "limit" else "a string"
        raise BadRequestError.of(name, f"expected {expected}")
    return value.text if isinstance(value, Json) else value


def _listed(entry: ListedObject) -> dict[str, Any]:
    return {
        "key": entry.key,
        "size": entry.size,
        "etag": entry.etag,
        "last_modified": f"{entry.last_modified.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _presigned(request: Presigned) -> dict[str, Any]:
    return {
        "key": request.key,
        "url": request.url,
        "method": request.method,
        "headers": dict(request.headers),
        "expires_in": request.expires_in_s,
    }
