from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Key = dict[str, str]


@dataclass(frozen=True, slots=True)
class KeyShape:
    """How the key of a table follows from the id of an item.

    Parameters
    ----------
    id_attribute
        Partition key, and what the id is called in items.
    sort_attribute
        Sort key, if the table has one.
    sort_value
        The sort key's value, from the id: that is why one request is enough to find an item.
    """

    id_attribute: str
    sort_attribute: str | None = None
    sort_value: Callable[[str], str] | None = None

    def of(self, item_id: str) -> Key:
        if self.sort_attribute is None or self.sort_value is None:
            return {self.id_attribute: item_id}
        return {self.id_attribute: item_id, self.sort_attribute: self.sort_value(item_id)}
