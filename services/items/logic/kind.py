"""What the items of a system are like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from items.logic.identity import is_item_id

if TYPE_CHECKING:
    from items.data.keys import KeyShape
    from items.logic.form import Form


@dataclass(frozen=True, slots=True)
class Kind:
    """The key of an item, its form, and which texts can be its id at all.

    For a text that cannot, nothing is looked for.
    """

    key: KeyShape
    form: Form
    is_id: Callable[[str], bool] = is_item_id
