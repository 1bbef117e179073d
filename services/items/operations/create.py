from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.answer import Answer
from gateway.body import json_object
from gateway.errors import BadRequestError
from items.data.idempotency import IdempotencyTable
from items.logic.creator import IdempotencyKey, ItemCreator
from items.operations.entity_tags import etag_of

if TYPE_CHECKING:
    from gateway.request import Request
    from gateway.router import Handler
    from items.logic.fields import FieldRules
    from items.operations.wiring import Parts

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def create_item(parts: Parts, *, fields: FieldRules) -> Handler:
    kind = parts.api.kind
    table_name = parts.environment["IDEMPOTENCY_TABLE_NAME"]
    idempotency = IdempotencyTable(parts.connection, table_name)
    creator = ItemCreator(parts.table, idempotency, kind, fields)

    def handle(request: Request) -> Answer:
        key = _idempotency_key(request)
        created = creator.create(json_object(request), key)
        if not created.replayed:
            parts.metrics.count("ItemsCreated")
        location = parts.api.path_of(created.item[kind.key.id_attribute])
        headers = {**etag_of(created.item), "Location": location}
        return Answer(201, kind.form.shown(created.item), headers)

    return handle


def _idempotency_key(request: Request) -> IdempotencyKey | None:
    text = request.headers.get("idempotency-key")
    if text is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(text):
        reason = "expected 1 to 255 printable ASCII characters without spaces"
        raise BadRequestError.of("Idempotency-Key", reason)
    return IdempotencyKey(request.caller, text)
