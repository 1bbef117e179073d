"""Bodies that may have any fields.

Source: Amazon DynamoDB developer guide, "Quotas": an expression has at most 4 KB, which an update
of 200 fields needs half of (documented).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from caller_text import readable
from items.logic.errors import Problem
from items.logic.fields import missing, refuse
from items.logic.json_values import is_usable_name, problems_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from items.data.numbers import Json
    from items.logic.fields import TextField

MAX_FIELDS = 200


class OpenFields:
    """Any fields, of which one is required.

    Parameters
    ----------
    own
        What the service sets itself. It is passed over, so that an item can be sent back as it
        was read.
    """

    def __init__(self, required: TextField, own: AbstractSet[str]) -> None:
        self.required = required
        self.own = own

    def for_creation(self, body: Mapping[str, Any]) -> dict[str, Any]:
        refuse(missing({self.required.name}, body) + self._problems(body))
        return self._callers(body)

    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        refuse(self._problems(body))
        changes = self._callers(body)
        if not changes:
            refuse([Problem("body", "expected at least one field to change")])
        return changes

    def _callers(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name not in self.own}

    def _problems(self, body: Mapping[str, Any]) -> list[Problem]:
        callers = self._callers(body)
        if len(callers) > MAX_FIELDS:
            return [Problem("body", f"expected at most {MAX_FIELDS} fields, found {len(callers)}")]
        return [problem for name in callers for problem in self._of_field(name, callers[name])]

    def _of_field(self, name: str, value: Json) -> list[Problem]:
        if not is_usable_name(name):
            return [Problem(readable(name), "not a usable name")]
        if name == self.required.name:
            return self.required.problems(value)
        return problems_of(readable(name), value)
