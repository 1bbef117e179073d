"""In what the documents differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from items.logic.fields import TextField

Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Description:
    """One items API.

    Attributes
    ----------
    noun
        What an item is called.
    collections
        Paths at which items are listed and created.
    item_id
        Schema of an id.
    own
        Members of an item that the service sets, the id first.
    members
        Schemas of the members that a caller sets, as they are answered.
    new
        Schema of the body that creates an item.
    changes
        Schema of the body that changes one; None when items cannot be changed or removed.
    example
        An item.
    chosen_ids
        Whether a caller may choose the id of an item.
    status
        The field that lists can be filtered by, if any.
    """

    title: str
    noun: str
    collections: tuple[str, ...]
    item_path: str
    item_id: Schema
    own: Mapping[str, Schema]
    members: Mapping[str, Schema]
    new: Schema
    changes: Schema | None
    example: Schema
    new_example: Schema
    next_key: str = "lastKey"
    chosen_ids: bool = False
    status: TextField | None = None
    has_health: bool = False
