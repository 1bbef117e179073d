from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.answer import Answer
from gateway.body import json_object
from items.logic.updater import ItemUpdater
from items.operations.entity_tags import etag_of, expected_version

if TYPE_CHECKING:
    from gateway.request import Request
    from gateway.router import Handler
    from items.logic.fields import FieldRules
    from items.operations.wiring import Parts


def update_item(parts: Parts, *, fields: FieldRules) -> Handler:
    kind = parts.api.kind
    updater = ItemUpdater(parts.table, kind, fields)

    def handle(request: Request) -> Answer:
        version = expected_version(request)
        item = updater.update(request.path_parameters["id"], json_object(request), version)
        parts.metrics.count("ItemsUpdated")
        return Answer(200, kind.form.shown(item), etag_of(item))

    return handle
