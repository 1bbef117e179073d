"""Reading values of a template that may be written in several ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.template.graph import references


def listed(value: TemplateValue) -> list[Any]:
    """A value as a list: templates write one element with and without brackets."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def target(value: TemplateValue) -> str | None:
    """What a value points to: a logical id, or an id that is written out."""
    if isinstance(value, str):
        return value
    return next(iter(references(value)), None)


def targets(values: TemplateValue) -> set[str]:
    """What the values of a list point to."""
    found = {target(value) for value in listed(values)}
    return {each for each in found if each is not None}


def as_text(value: TemplateValue) -> str:
    """A value with everything that is known at deployment only as ``*``."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(as_text(part) for part in _sequence(parts))
    if isinstance(value, Mapping) and isinstance(value.get("Fn::Sub"), str):
        return str(value["Fn::Sub"])
    return "*"


def _sequence(parts: TemplateValue) -> Iterable[TemplateValue]:
    return parts if isinstance(parts, list) else ()
