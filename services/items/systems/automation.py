"""Records of an automation: written once, under an id that the caller may choose."""

import re
from functools import partial

from items.data.keys import KeyShape
from items.logic.fields import Fields, ObjectField, PatternField
from items.logic.form import Form
from items.logic.kind import Kind
from items.operations.create import create_item
from items.operations.get import get_item
from items.operations.list import list_items
from items.operations.wiring import ItemsApi

# "." and ".." are no ids: in a path they mean other things.
_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._:-]{1,128}")

RECORD_FIELDS = Fields(
    [
        PatternField(
            "id",
            _ID,
            "1 to 128 of the characters A-Z a-z 0-9 . _ : -",
            "The id; one is made when it is not given.",
        ),
        ObjectField(
            "data",
            "Any JSON object. Numbers come back exactly: integers of up to 38 digits, fractions"
            " to double precision at least. At most 28 levels of nesting, no empty names.",
            required=True,
        ),
    ]
)


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


AUTOMATION = ItemsApi(
    Kind(
        KeyShape("id"),
        Form(("id", "timestamp"), order=("data",), shows_version=False),
        _is_id,
    ),
    "/{id}",
    {
        "/": {"GET": list_items, "POST": partial(create_item, fields=RECORD_FIELDS)},
        "/{id}": {"GET": get_item},
    },
)
