from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.answer import Answer
from items.logic.reader import ItemReader
from items.operations.entity_tags import etag_of

if TYPE_CHECKING:
    from gateway.request import Request
    from gateway.router import Handler
    from items.operations.wiring import Parts


def get_item(parts: Parts) -> Handler:
    kind = parts.api.kind
    reader = ItemReader(parts.table, kind)

    def handle(request: Request) -> Answer:
        item = reader.get(request.path_parameters["id"])
        return Answer(200, kind.form.shown(item), etag_of(item))

    return handle
