"""Schemas of bodies and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from items.data.numbers import MAX_DIGITS
from items.openapi.description import Schema
from items.operations.list import MAX_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from items.openapi.description import Description

_JSON_VALUE = {"$ref": "#/components/schemas/JsonValue"}
ANY_NAMES: Schema = {"propertyNames": {"minLength": 1}, "additionalProperties": _JSON_VALUE}
"""The names and values that are kept, in an object of a body."""


def schemas(about: Description) -> Schema:
    item = object_of({**about.own, **about.members})
    made: Schema = {
        "JsonValue": _json_value(),
        "NewItem": about.new,
        "Item": {**item, "example": about.example},
        "ItemList": _item_list(about.next_key),
        "Error": _error(None),
        "Invalid": _error(_problems()),
    }
    if about.changes is not None:
        made["ItemChanges"] = about.changes
        made["Conflict"] = _error(object_of({"current": {"$ref": "#/components/schemas/Item"}}))
    return {**made, "Health": _health_state()} if about.has_health else made


def object_of(properties: Mapping[str, Schema], *, closed: bool = False) -> Schema:
    """An object; one that is open (an answer) has all its members, one that is closed may not."""
    schema: Schema = {"type": "object", "properties": dict(properties)}
    return {
        **schema,
        **({"additionalProperties": False} if closed else {"required": [*properties]}),
    }


def _json_value() -> Schema:
    """Any JSON that is kept exactly."""
    whole = 10**MAX_DIGITS - 1
    return {
        "anyOf": [
            {"type": ["null", "boolean", "string"]},
            {"type": "integer", "minimum": -whole, "maximum": whole},
            {"type": "number", "minimum": 1e-130, "exclusiveMaximum": 1e126},
            {"type": "number", "exclusiveMinimum": -1e126, "maximum": -1e-130},
            {"type": "array", "items": _JSON_VALUE},
            {"type": "object", **ANY_NAMES},
        ]
    }


def _item_list(next_key: str) -> Schema:
    items = {
        "type": "array",
        "maxItems": MAX_LIMIT,
        "items": {"$ref": "#/components/schemas/Item"},
    }
    count = {"type": "integer", "minimum": 0, "maximum": MAX_LIMIT}
    listed = object_of({"items": items, "count": count})
    listed["properties"][next_key] = {"type": "string", "description": "Token of the next page."}
    return listed


def _error(details: Schema | None) -> Schema:
    properties: Schema = {name: {"type": "string"} for name in ("code", "message", "request_id")}
    error = object_of(properties)
    error["properties"] = {**properties, "details": details or {}}
    return object_of({"error": error})


def _problems() -> Schema:
    problem = object_of({"field": {"type": "string"}, "reason": {"type": "string"}})
    return {"type": "array", "items": problem, "minItems": 1}


def _health_state() -> Schema:
    status = {"enum": ["healthy", "unhealthy"]}
    check = object_of({"status": status, "latency_ms": {"type": "number", "minimum": 0}})
    check["properties"]["reason"] = {"type": "string"}
    checks = object_of({"dynamodb": check, "s3": check})
    return object_of({"status": status, "checks": checks})
