"""The routes of the items API: HTTP in, HTTP out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateway.answer import Answer
from gateway.body import json_object
from gateway.errors import BadRequestError
from items.logic.json_values import readable
from items.logic.service import IdempotencyKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.request import Request
    from gateway.router import Handler
    from items.data.table import Item
    from items.logic.service import ItemService
    from observability.metrics import Metrics

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_QUERY = {"limit", "lastKey", "status"}
_LIMIT = re.compile(r"[1-9][0-9]{0,2}")
_ENTITY_TAG = re.compile(r'"([\x21\x23-\x7e]*)"')
_VERSION = re.compile(r"[1-9][0-9]{0,17}")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_NO_SUCH_VERSION = -1
_READING_ORDER = (
    "created_at",
    "updated_at",
    "version",
    "status",
    "name",
    "description",
    "metadata",
)


class Operations:
    def __init__(self, service: ItemService, metrics: Metrics, id_attribute: str) -> None:
        self._service = service
        self._metrics = metrics
        self._id_attribute = id_attribute

    def routes(self) -> dict[str, dict[str, Handler]]:
        collection: dict[str, Handler] = {"GET": self.list_items, "POST": self.create_item}
        return {
            "/": collection,
            "/items": collection,
            "/items/{id}": {
                "GET": self.get_item,
                "PUT": self.update_item,
                "DELETE": self.delete_item,
            },
        }

    def list_items(self, request: Request) -> Answer:
        _check_names(request.query)
        limit = _limit(request.query_value("limit"))
        page = self._service.list(
            limit, request.query_value("lastKey"), request.query_value("status")
        )
        items = [self._document(item) for item in page.items]
        document: dict[str, Any] = {"items": items, "count": len(items)}
        if page.last_key is not None:
            document["lastKey"] = page.last_key
        return Answer(200, document)

    def create_item(self, request: Request) -> Answer:
        key = _idempotency_key(request)
        created = self._service.create(json_object(request), key)
        if not created.replayed:
            self._metrics.count("ItemsCreated")
        location = f"/items/{created.item[self._id_attribute]}"
        headers = {**_etag(created.item), "Location": location}
        return Answer(201, self._document(created.item), headers)

    def get_item(self, request: Request) -> Answer:
        item = self._service.get(request.path_parameters["id"])
        return Answer(200, self._document(item), _etag(item))

    def update_item(self, request: Request) -> Answer:
        version = _expected_version(request)
        item = self._service.update(request.path_parameters["id"], json_object(request), version)
        self._metrics.count("ItemsUpdated")
        return Answer(200, self._document(item), _etag(item))

    def delete_item(self, request: Request) -> Answer:
        self._service.delete(request.path_parameters["id"], _expected_version(request))
        self._metrics.count("ItemsDeleted")
        return Answer(204)

    def _document(self, item: Item) -> Item:
        """The item with its members in an order that people can read; DynamoDB has none."""
        first = [name for name in (self._id_attribute, *_READING_ORDER) if name in item]
        return {name: item[name] for name in first} | item


def _etag(item: Mapping[str, Any]) -> dict[str, str]:
    return {"ETag": f'"{item.get("version", 0)}"'}


def _check_names(query: Mapping[str, object]) -> None:
    """Refuse a misspelt `lastKey`, which would otherwise mean the first page for ever."""
    unknown = sorted(set(query) - _QUERY)
    if unknown:
        raise BadRequestError((readable(name), "unknown parameter") for name in unknown)


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not _LIMIT.fullmatch(text) or int(text) > MAX_LIMIT:
        raise BadRequestError.of("limit", f"expected a whole number from 1 to {MAX_LIMIT}")
    return int(text)


def _idempotency_key(request: Request) -> IdempotencyKey | None:
    text = request.headers.get("idempotency-key")
    if text is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(text):
        reason = "expected 1 to 255 printable ASCII characters without spaces"
        raise BadRequestError.of("Idempotency-Key", reason)
    return IdempotencyKey(request.caller, text)


def _expected_version(request: Request) -> int | None:
    """The version in `If-Match`; None for any.

    A tag that is none of ours matches no version; so does a weak one, as RFC 9110 has it
    (section 13.1.1).
    """
    text = request.headers.get("if-match", "*").strip()
    if text == "*":
        return None
    tag = _ENTITY_TAG.fullmatch(text.removeprefix("W/"))
    if tag is None:
        raise BadRequestError.of("If-Match", 'expected one entity tag such as "3", or *')
    known = _VERSION.fullmatch(tag.group(1)) and not text.startswith("W/")
    return int(tag.group(1)) if known else _NO_SUCH_VERSION
