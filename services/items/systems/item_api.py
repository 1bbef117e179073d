"""Items with a name, a description, a status and metadata: web-app and vpc-api."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from items.logic.fields import Fields, ObjectField, TextField
from items.logic.form import Form
from items.logic.kind import Kind
from items.operations.create import create_item
from items.operations.delete import delete_item
from items.operations.get import get_item
from items.operations.list import list_items
from items.operations.update import update_item
from items.operations.wiring import ItemsApi

if TYPE_CHECKING:
    from items.data.keys import KeyShape
    from items.operations.wiring import Operation

STATUS = TextField("status", 1, 64, "pending", "State of the item.")
ITEM_FIELDS = Fields(
    [
        TextField("name", 1, 255, "Unnamed Item", "What the item is called."),
        TextField("description", 0, 4096, "", "Free text."),
        STATUS,
        ObjectField(
            "metadata",
            "Any JSON object. Numbers come back exactly: integers of up to 38 digits, fractions"
            " to double precision at least. At most 28 levels of nesting, no empty names.",
        ),
    ]
)


def item_api(
    key: KeyShape, path: str, *, also_at: tuple[str, ...] = (), status: TextField | None = None
) -> ItemsApi:
    """All operations on items at a path.

    The list is `also_at` other paths. Where the table has an index by `status`, lists can be
    filtered by it.
    """
    form = Form(
        own=(key.id_attribute, "created_at", "updated_at"),
        order=("version", "status", "name", "description", "metadata"),
    )
    item_path = f"{path}/{{id}}"
    collection: dict[str, Operation] = {
        "GET": partial(list_items, status=status),
        "POST": partial(create_item, fields=ITEM_FIELDS),
    }
    item: dict[str, Operation] = {
        "GET": get_item,
        "PUT": partial(update_item, fields=ITEM_FIELDS),
        "DELETE": delete_item,
    }
    routes = {**dict.fromkeys((*also_at, path), collection), item_path: item}
    return ItemsApi(Kind(key, form), item_path, routes)
