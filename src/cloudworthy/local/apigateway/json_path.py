"""The part of JSONPath that names one value: ``$``, ``$.a.b``, ``$['a'][0]``."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(
    r"""\.?(?:\[(?P<index>-?\d+)\]|\[(?P<quote>['"])(?P<key>.*?)(?P=quote)\]"""
    r"""|(?P<name>[^.\[\]]+))"""
)


def value_at(document: object, path: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value at a path; None when there is none."""
    value: Any = document
    for step in _STEP.finditer(path.removeprefix("$")):
        if step["index"] is not None:
            index = int(step["index"])
            inside = isinstance(value, list) and -len(value) <= index < len(value)
            value = value[index] if inside else None
        else:
            key = step["name"] if step["key"] is None else step["key"]
            value = value.get(key) if isinstance(value, dict) else None
    return value
