from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.answer import Answer
from items.logic.remover import ItemRemover
from items.operations.entity_tags import expected_version

if TYPE_CHECKING:
    from gateway.request import Request
    from gateway.router import Handler
    from items.operations.wiring import Parts


def delete_item(parts: Parts) -> Handler:
    remover = ItemRemover(parts.table, parts.api.kind)

    def handle(request: Request) -> Answer:
        remover.delete(request.path_parameters["id"], expected_version(request))
        parts.metrics.count("ItemsDeleted")
        return Answer(204)

    return handle
