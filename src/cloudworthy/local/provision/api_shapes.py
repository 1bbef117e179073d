"""Values on their way to an API whose model says what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cloudworthy.local.model.resources import TemplateValue

Shape = Any
"""A shape of botocore's model of a service."""


def _text(value: TemplateValue) -> TemplateValue:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


_SCALARS: Mapping[str, Callable[[TemplateValue], TemplateValue]] = {
    "boolean": lambda value: str(value).lower() == "true",
    "double": float,
    "float": float,
    "integer": int,
    "long": int,
    "string": _text,
}


def as_shape(value: TemplateValue, shape: Shape) -> TemplateValue:
    """A value with strings made into the numbers and booleans that the API takes.

    Names that the API does not know stay, so that it is the API that refuses them.
    """
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        return _structure(value, shape)
    if kind == "map" and isinstance(value, Mapping):
        return {key: as_shape(item, shape.value) for key, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [as_shape(item, shape.member) for item in value]
    return _SCALARS[kind](value) if kind in _SCALARS else value


def known_members(values: Mapping[str, TemplateValue], shape: Shape) -> dict[str, TemplateValue]:
    """Those of the values that a request has a place for."""
    return {
        name: as_shape(values[name], member)
        for name, member in shape.members.items()
        if name in values
    }


def _structure(value: Mapping[str, TemplateValue], shape: Shape) -> dict[str, TemplateValue]:
    """Names in any case: version 2 of the JavaScript SDK has some that differ in it."""
    names = {name.lower(): name for name in shape.members}
    result = {}
    for key, item in value.items():
        name = names.get(key.lower())
        result[name or key] = as_shape(item, shape.members[name]) if name else item
    return result
