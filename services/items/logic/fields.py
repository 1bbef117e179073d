"""What a caller may set on an item.

pydantic would do, and adds 0.6 to a cold start that is promised to be at most 1.5 times a bare
handler's (measured, Python 3.13; see `observability`). The declarations below are also what the
OpenAPI document is made from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from items.logic.errors import InvalidInputError, Problem
from items.logic.json_values import problems_of, readable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from items.data.numbers import Json

_MAX_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class TextField:
    name: str
    min_length: int
    max_length: int
    default: str
    description: str

    def problems(self, value: Json) -> list[Problem]:
        if not isinstance(value, str):
            return [Problem(self.name, "expected a string")]
        if not self.min_length <= len(value) <= self.max_length:
            limits = f"{self.min_length} to {self.max_length}"
            return [Problem(self.name, f"expected {limits} characters, found {len(value)}")]
        return problems_of(self.name, value)

    def schema(self) -> dict[str, Any]:
        limits = {"minLength": self.min_length, "maxLength": self.max_length}
        return {"type": "string", **limits, "description": self.description}


@dataclass(frozen=True, slots=True)
class ObjectField:
    name: str
    description: str

    @property
    def default(self) -> dict[str, Any]:
        return {}

    def problems(self, value: Json) -> list[Problem]:
        if not isinstance(value, dict):
            return [Problem(self.name, "expected an object")]
        return problems_of(self.name, value)

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "description": self.description}


Field = TextField | ObjectField


class Fields:
    """The fields of a body and how they are checked; every problem is found, not the first."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.by_name: Mapping[str, Field] = {field.name: field for field in fields}

    def for_creation(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """All fields, with the defaults of those that are not given."""
        self._check(body)
        return {name: body.get(name, field.default) for name, field in self.by_name.items()}

    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The given fields, at least one."""
        self._check(body)
        if not body:
            names = ", ".join(self.by_name)
            raise InvalidInputError([Problem("body", f"expected at least one of {names}")])
        return dict(body)

    def check_value(self, name: str, value: str) -> None:
        """Check a value that comes from elsewhere than a body, such as a filter."""
        problems = self.by_name[name].problems(value)
        if problems:
            raise InvalidInputError(problems)

    def _check(self, body: Mapping[str, Any]) -> None:
        problems: list[Problem] = []
        for name, value in body.items():
            field = self.by_name.get(name)
            problems += (
                field.problems(value) if field else [Problem(readable(name), "unknown field")]
            )
        if problems:
            raise InvalidInputError(problems[:_MAX_PROBLEMS])


ITEM_FIELDS = Fields(
    [
        TextField("name", 1, 255, "Unnamed Item", "What the item is called."),
        TextField("description", 0, 4096, "", "Free text."),
        TextField("status", 1, 64, "pending", "State of the item; lists can be filtered by it."),
        ObjectField(
            "metadata",
            "Any JSON object. Numbers come back exactly: integers of up to 38 digits, fractions"
            " to double precision at least. At most 28 levels of nesting, no empty names.",
        ),
    ]
)
