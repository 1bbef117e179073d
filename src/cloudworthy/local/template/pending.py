"""Values that are not known before a resource is made, as a plan has to show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cloudworthy.local.model.resources import TemplateValue

_OPEN, _CLOSE = "\ue000", "\ue001"
_PENDING = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


def pending_text(logical_id: str) -> str:
    """A text that stands for what a resource will answer; it survives being joined."""
    return f"{_OPEN}{logical_id}{_CLOSE}"


def pending_in(value: TemplateValue) -> Iterator[str]:
    """The logical ids of the resources that a value still waits for."""
    if isinstance(value, str):
        if _OPEN in value:
            yield from _PENDING.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from pending_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from pending_in(item)
