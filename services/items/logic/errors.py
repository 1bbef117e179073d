"""What may go wrong with an item, in no protocol's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from items.logic.form import Form


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field; `field` is a path such as `metadata.a[0]`."""

    field: str
    reason: str


class InvalidInputError(Exception):
    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.reason}" for each in problems))
        self.problems = tuple(problems)


class ItemNotFoundError(Exception):
    pass


class ItemExistsError(Exception):
    """There is an item with the id that the caller chose."""


class ItemTooLargeError(Exception):
    """The item would be larger than DynamoDB keeps."""


class VersionConflictError(Exception):
    """The item is not at the version that the caller expects; `current` as it is shown."""

    def __init__(self, current: dict[str, Any], version: int) -> None:
        super().__init__("the item was changed by someone else")
        self.current = current
        self.version = version


class IdempotencyKeyReusedError(Exception):
    """The key was used before, for something else."""


def lost(current: dict[str, Any] | None, form: Form) -> Exception:
    """Why a write under a condition was not done: no item, or one at another version."""
    if current is None:
        return ItemNotFoundError()
    return VersionConflictError(form.shown(current), current.get("version", 0))
