"""What is stored of an item, and what is shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from items.data.table import Item, Path


@dataclass(frozen=True, slots=True)
class Form:
    """The members of an item.

    Parameters
    ----------
    own
        The id and the times, which the service sets, in the order in which they are shown.
    order
        The members that come next; others follow by name.
    nested_in
        Stored member that holds what the caller sent, if it is kept apart from what is ours:
        then it may have any names. It is shown as if it were not apart.
    shows_version
        Whether the version is a member too, not only the entity tag.
    """

    own: tuple[str, ...]
    order: tuple[str, ...]
    nested_in: str | None = None
    shows_version: bool = True

    def stored(self, item_id: str, now: str, values: Mapping[str, Any]) -> Item:
        """A new item."""
        id_attribute, *times = self.own
        kept = values if self.nested_in is None else {self.nested_in: values}
        return {id_attribute: item_id, **dict.fromkeys(times, now), **kept, "version": 1}

    def changed(self, now: str, changes: Mapping[str, Any]) -> dict[Path, Any]:
        """Where in a stored item the changes go, the time of the change among them."""
        above = () if self.nested_in is None else (self.nested_in,)
        return {("updated_at",): now, **{(*above, name): changes[name] for name in changes}}

    def shown(self, item: Item) -> Item:
        """The item with its members in an order that people can read; DynamoDB has none."""
        callers = self._callers(item)
        first = [name for name in self.order if name in callers]
        rest = sorted(set(callers) - set(first))
        own = {name: item[name] for name in self.own if name in item}
        return own | {name: callers[name] for name in [*first, *rest]}

    def _callers(self, item: Item) -> Item:
        if self.nested_in is not None:
            return item.get(self.nested_in) or {}
        hidden = self.own if self.shows_version else (*self.own, "version")
        return {name: item[name] for name in item if name not in hidden}
