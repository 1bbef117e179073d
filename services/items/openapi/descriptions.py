"""What each document has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from items.logic.open_fields import MAX_FIELDS
from items.openapi.description import Description, Schema
from items.openapi.schemas import ANY_NAMES, object_of
from items.systems import automation, crud_api, vpc_api, web_app
from items.systems.document_fields import DOCUMENT_FIELDS
from items.systems.item_api import ITEM_FIELDS, STATUS

if TYPE_CHECKING:
    from items.operations.wiring import ItemsApi

_UUID_7 = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_ID: Schema = {"type": "string", "pattern": _UUID_7}
_TIME: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
}
_EXAMPLE_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
_EXAMPLE_TIME = "2023-06-30T10:26:20.310Z"
_EXAMPLE_TIMES = {"created_at": _EXAMPLE_TIME, "updated_at": _EXAMPLE_TIME}


def _items(title: str, api: ItemsApi, *, has_health: bool) -> Description:
    id_name = api.kind.key.id_attribute
    fields = {name: field.schema() for name, field in ITEM_FIELDS.by_name.items()}
    bodies = {**fields, "metadata": {**fields["metadata"], **ANY_NAMES}}
    new = {name: {**bodies[name], "default": ITEM_FIELDS.by_name[name].default} for name in bodies}
    values = {"status": "pending", "name": "Poster", "description": "", "metadata": {"copies": 3}}
    return Description(
        title=title,
        noun="item",
        collections=tuple(path for path in api.routes if path != api.item_path),
        item_path=api.item_path,
        item_id=_ID,
        own={
            id_name: _ID,
            "created_at": _TIME,
            "updated_at": _TIME,
            "version": {"type": "integer", "minimum": 1},
        },
        members=fields,
        new=object_of(new, closed=True),
        changes={**object_of(bodies, closed=True), "minProperties": 1},
        example={id_name: _EXAMPLE_ID, **_EXAMPLE_TIMES, "version": 1, **values},
        new_example={"name": "Poster"},
        status=STATUS if has_health else None,
        has_health=has_health,
    )


def _documents() -> Description:
    name = DOCUMENT_FIELDS.required.schema()
    ignored = {own: {"description": "Ignored."} for own in crud_api.OWN}
    open_object: Schema = {
        "type": "object",
        "properties": {"name": name, **ignored},
        "description": f"Up to {MAX_FIELDS} fields, kept whatever their names.",
        **ANY_NAMES,
    }
    return Description(
        title="Documents",
        noun="document",
        collections=(crud_api.COLLECTION,),
        item_path=crud_api.ITEM,
        item_id=_ID,
        own={"id": _ID, "created_at": _TIME, "updated_at": _TIME},
        members={"name": name},
        new={**open_object, "required": ["name"]},
        changes={**open_object, "minProperties": 1},
        example={"id": _EXAMPLE_ID, **_EXAMPLE_TIMES, "name": "Poster", "paper-size": "A2"},
        new_example={"name": "Poster", "paper-size": "A2"},
        next_key="nextKey",
    )


def _records() -> Description:
    fields = automation.RECORD_FIELDS.by_name
    item_id, data = fields["id"].schema(), fields["data"].schema()
    new = object_of({"id": item_id, "data": {**data, **ANY_NAMES}}, closed=True)
    values = {"data": {"runs": 3, "rates": [0.5, 1]}}
    return Description(
        title="Records",
        noun="record",
        collections=("/",),
        item_path=automation.AUTOMATION.item_path,
        item_id=item_id,
        own={"id": item_id, "timestamp": _TIME},
        members={"data": data},
        new={**new, "required": ["data"]},
        changes=None,
        example={"id": "nightly:2023-06-30", "timestamp": _EXAMPLE_TIME, **values},
        new_example=values,
        chosen_ids=True,
    )


DESCRIPTIONS = {
    "web-app": _items("Items", web_app.WEB_APP, has_health=True),
    "vpc-api": _items("Items inside a VPC", vpc_api.VPC_API, has_health=False),
    "crud-api": _documents(),
    "automation": _records(),
}
