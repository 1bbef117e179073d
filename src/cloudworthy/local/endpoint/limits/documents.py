"""Reading requests whose shape nobody has checked yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from cloudworthy.local.model.http import Request, Response

NOTHING: Mapping[str, Any] = {}


def document_of(message: Request | Response) -> dict[str, Any]:
    """The JSON object of a body; empty where there is none."""
    try:
        document = orjson.loads(message.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else NOTHING


def entries(value: object) -> list[Mapping[str, Any]]:
    return [mapping(it) for it in value] if isinstance(value, list) else []


def size(value: object) -> int:
    """Bytes of a text in UTF-8; 0 for anything else."""
    return len(value.encode("utf-8", "replace")) if isinstance(value, str) else 0
