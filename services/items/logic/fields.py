"""What a caller may set on an item.

pydantic would do, and adds 0.6 to a cold start that is promised to be at most 1.5 times a bare
handler's (measured, Python 3.13; see `observability`). The declarations made of these are also
what the OpenAPI documents are made from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from caller_text import readable
from items.logic.errors import InvalidInputError, Problem
from items.logic.json_values import problems_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from items.data.numbers import Json

MAX_PROBLEMS = 50


class FieldRules(Protocol):
    """Which bodies a system takes.

    Both raise `InvalidInputError` with every problem that there is, not the first alone.
    """

    def for_creation(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a new item has of a body, and the defaults of what is not in it."""

    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a body changes: one field at least."""


class Field(Protocol):
    """One member of a body; without a default it is left out when it is not given."""

    @property
    def name(self) -> str: ...

    @property
    def default(self) -> Json: ...

    @property
    def required(self) -> bool: ...

    def problems(self, value: Json) -> list[Problem]: ...

    def schema(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class TextField:
    name: str
    min_length: int
    max_length: int
    default: str | None
    description: str
    required: bool = False

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
class PatternField:
    """A text that a pattern describes; `expected` is the pattern for people."""

    name: str
    pattern: re.Pattern[str]
    expected: str
    description: str
    default: None = None
    required: bool = False

    def problems(self, value: Json) -> list[Problem]:
        fits = isinstance(value, str) and self.pattern.fullmatch(value)
        return [] if fits else [Problem(self.name, f"expected {self.expected}")]

    def schema(self) -> dict[str, Any]:
        pattern = f"^{self.pattern.pattern}$"
        return {"type": "string", "pattern": pattern, "description": self.description}


@dataclass(frozen=True, slots=True)
class ObjectField:
    name: str
    description: str
    required: bool = False

    @property
    def default(self) -> dict[str, Any] | None:
        return None if self.required else {}

    def problems(self, value: Json) -> list[Problem]:
        if not isinstance(value, dict):
            return [Problem(self.name, "expected an object")]
        return problems_of(self.name, value)

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "description": self.description}


class Fields:
    """The fields that a body may have, and no others."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.by_name: Mapping[str, Field] = {field.name: field for field in fields}

    def for_creation(self, body: Mapping[str, Any]) -> dict[str, Any]:
        required = {name for name, field in self.by_name.items() if field.required}
        refuse(missing(required, body) + self._problems(body))
        given = {name: body.get(name, field.default) for name, field in self.by_name.items()}
        return {name: value for name, value in given.items() if value is not None}

    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        refuse(self._problems(body))
        if not body:
            names = ", ".join(self.by_name)
            refuse([Problem("body", f"expected at least one of {names}")])
        return dict(body)

    def _problems(self, body: Mapping[str, Any]) -> list[Problem]:
        problems: list[Problem] = []
        for name, value in body.items():
            field = self.by_name.get(name)
            problems += (
                field.problems(value) if field else [Problem(readable(name), "unknown field")]
            )
        return problems


def missing(required: set[str], body: Mapping[str, Any]) -> list[Problem]:
    return [Problem(name, "missing") for name in sorted(required - set(body))]


def refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise InvalidInputError(problems[:MAX_PROBLEMS])
