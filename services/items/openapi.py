"""The OpenAPI document of the API, made from what the code checks.

`python -m items.openapi` prints it; a test says when the one in `docs/` is out of date. Nothing
in a deployed function imports this.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from items.data.numbers import MAX_DIGITS
from items.handlers.operations import DEFAULT_LIMIT, MAX_LIMIT
from items.logic.fields import ITEM_FIELDS

Schema = dict[str, Any]

_ITEM_ID = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"
_EXAMPLE_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
_EXAMPLE_TIME = "2023-06-30T10:26:20.310Z"
_EXAMPLE_ITEM: Schema = {
    "item_id": _EXAMPLE_ID,
    "created_at": _EXAMPLE_TIME,
    "updated_at": _EXAMPLE_TIME,
    "version": 1,
    "status": "pending",
    "name": "Print the poster",
    "description": "",
    "metadata": {"copies": 3, "scale": 0.5},
}

# What may go wrong, by status: the text, and the error code of the example.
_ERRORS: dict[int, tuple[str, str]] = {
    400: ("The request is not valid; `details` says which field, and why.", "invalid_request"),
    403: ("The API key is missing or wrong.", "forbidden"),
    404: ("There is no such item.", "not_found"),
    405: ("The path has no such method; `Allow` lists those it has.", "method_not_allowed"),
    412: ("The item is not at the version in `If-Match`.", "precondition_failed"),
    413: ("The body is larger than 256 KB, or the item would become so.", "payload_too_large"),
    415: ("The content type is not `application/json`.", "unsupported_media_type"),
    422: ("The `Idempotency-Key` was used with another body.", "idempotency_key_reused"),
    429: ("Too many requests.", "too_many_requests"),
    500: ("Something went wrong on our side.", "internal_error"),
    503: ("Busy or not reachable; try again after `Retry-After`.", "service_unavailable"),
}
_ALWAYS = (403, 405, 429, 500, 503)


def document() -> Schema:
    collection = {"get": _list(), "post": _create()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Items",
            "version": "1.0.0",
            "description": "Items of a Cloudworthy web application.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/prod", "description": "The stage of the REST API."}],
        "security": [{"ApiKey": []}],
        "tags": [{"name": "items"}, {"name": "health"}],
        "paths": {
            "/": {method: _at_root(operation) for method, operation in collection.items()},
            "/items": collection,
            "/items/{id}": {
                "parameters": [_item_id()],
                "get": _get(),
                "put": _update(),
                "delete": _delete(),
            },
            "/health": {"get": _health()},
        },
        "components": {
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
            "schemas": _schemas(),
            "headers": _headers(),
            "responses": {f"Error{status}": _error_response(status) for status in _ERRORS},
        },
    }


def _list() -> Schema:
    listed = {"description": "A page of items.", "content": _json("ItemList")}
    return {
        "operationId": "listItems",
        "summary": "List items",
        "description": "With `status`, newest first. `lastKey` in the answer is the page token of"
        " the next page; it is absent on the last one.",
        "tags": ["items"],
        "parameters": [
            _query(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            ),
            _query("lastKey", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
            _query("status", ITEM_FIELDS.by_name["status"].schema()),
        ],
        "responses": {"200": listed, **_errors(400)},
    }


def _create() -> Schema:
    headers = {"ETag": _header("ETag"), "Location": _header("Location")}
    created = {"description": "The item.", "headers": headers, "content": _json("Item")}
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Creating twice with the same key and body within a day creates once and"
        " answers the same.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    }
    return {
        "operationId": "createItem",
        "summary": "Create an item",
        "tags": ["items"],
        "parameters": [key],
        "requestBody": {"required": True, "content": _json("NewItem", {"name": "Print"})},
        "responses": {"201": created, **_errors(400, 413, 415, 422)},
    }


def _get() -> Schema:
    return {
        "operationId": "getItem",
        "summary": "Read an item",
        "tags": ["items"],
        "responses": {"200": _one_item(), **_errors(404)},
    }


def _update() -> Schema:
    return {
        "operationId": "updateItem",
        "summary": "Change some fields of an item",
        "tags": ["items"],
        "parameters": [_if_match()],
        "requestBody": {
            "required": True,
            "content": _json("ItemChanges", {"status": "done"}),
        },
        "responses": {"200": _one_item(), **_errors(400, 404, 412, 413, 415)},
    }


def _delete() -> Schema:
    return {
        "operationId": "deleteItem",
        "summary": "Delete an item",
        "tags": ["items"],
        "parameters": [_if_match()],
        "responses": {"204": {"description": "It is gone."}, **_errors(400, 404, 412)},
    }


def _health() -> Schema:
    states = {
        str(status): {"description": text, "content": _json("Health")}
        for status, text in ((200, "All is well."), (503, "Something is not."))
    }
    return {
        "operationId": "getHealth",
        "summary": "State of the table and the bucket",
        "tags": ["health"],
        "security": [],
        "responses": states | _errors_of(405, 429, 500),
    }


def _at_root(operation: Schema) -> Schema:
    return {**operation, "operationId": f"{operation['operationId']}AtRoot"}


def _one_item() -> Schema:
    headers = {"ETag": _header("ETag")}
    return {"description": "The item.", "headers": headers, "content": _json("Item")}


def _item_id() -> Schema:
    schema = {"type": "string", "pattern": _ITEM_ID}
    return {"name": "id", "in": "path", "required": True, "schema": schema, "example": _EXAMPLE_ID}


def _if_match() -> Schema:
    return {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` that the caller has seen, or `*`; the request fails with 412"
        " when the item has changed since.",
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*")$'},
        "example": '"1"',
    }


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _json(name: str, example: Schema | None = None) -> Schema:
    media: Schema = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    return {"application/json": {**media, "example": example} if example else media}


def _header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}


def _headers() -> Schema:
    return {
        "ETag": {
            "description": "The version of the item.",
            "required": True,
            "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
        },
        "Location": {
            "description": "Path of the item below the stage.",
            "required": True,
            "schema": {"type": "string"},
        },
        "Allow": {"description": "Methods of this path.", "schema": {"type": "string"}},
        "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "string"}},
    }


def _errors(*statuses: int) -> Schema:
    return _errors_of(*sorted({*statuses, *_ALWAYS}))


def _errors_of(*statuses: int) -> Schema:
    return {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in statuses}


def _error_response(status: int) -> Schema:
    text, code = _ERRORS[status]
    schema = {412: "Conflict", 400: "Invalid"}.get(status, "Error")
    example: Schema = {"error": {"code": code, "message": text, "request_id": "c6af9ac6-7b61"}}
    if status == 400:
        example["error"]["details"] = [{"field": "limit", "reason": "expected a whole number"}]
    if status == 412:
        example["error"]["details"] = {"current": _EXAMPLE_ITEM}
    response: Schema = {"description": text, "content": _json(schema, example)}
    headers = {405: {"Allow": _header("Allow")}, 503: {"Retry-After": _header("RetryAfter")}}
    return {**response, "headers": headers[status]} if status in headers else response


def _schemas() -> Schema:
    fields = {name: field.schema() for name, field in ITEM_FIELDS.by_name.items()}
    fields["metadata"] = {
        **fields["metadata"],
        "propertyNames": {"minLength": 1},
        "additionalProperties": {"$ref": "#/components/schemas/JsonValue"},
    }
    defaults = {name: field.default for name, field in ITEM_FIELDS.by_name.items()}
    new = {name: {**schema, "default": defaults[name]} for name, schema in fields.items()}
    return {
        "JsonValue": _json_value(),
        "NewItem": _object(new, closed=True),
        "ItemChanges": {**_object(fields, closed=True), "minProperties": 1},
        "Item": {**_item(fields), "example": _EXAMPLE_ITEM},
        "ItemList": _item_list(),
        "Error": _error(None),
        "Invalid": _error(_problems()),
        "Conflict": _error(_object({"current": {"$ref": "#/components/schemas/Item"}})),
        "Health": _health_state(),
    }


def _json_value() -> Schema:
    """Any JSON that is kept exactly."""
    whole = 10**MAX_DIGITS - 1
    own = {"$ref": "#/components/schemas/JsonValue"}
    return {
        "anyOf": [
            {"type": ["null", "boolean", "string"]},
            {"type": "integer", "minimum": -whole, "maximum": whole},
            {"type": "number", "minimum": 1e-130, "exclusiveMaximum": 1e126},
            {"type": "number", "exclusiveMinimum": -1e126, "maximum": -1e-130},
            {"type": "array", "items": own},
            {"type": "object", "propertyNames": {"minLength": 1}, "additionalProperties": own},
        ]
    }


def _item(fields: Schema) -> Schema:
    time = {"type": "string", "format": "date-time", "pattern": _TIME}
    own = {
        "item_id": {"type": "string", "pattern": _ITEM_ID},
        "created_at": time,
        "updated_at": time,
        "version": {"type": "integer", "minimum": 1},
    }
    metadata = {"type": "object", "description": fields["metadata"]["description"]}
    return _object({**own, **fields, "metadata": metadata})


def _item_list() -> Schema:
    items = {
        "type": "array",
        "maxItems": MAX_LIMIT,
        "items": {"$ref": "#/components/schemas/Item"},
    }
    count = {"type": "integer", "minimum": 0, "maximum": MAX_LIMIT}
    listed = _object({"items": items, "count": count})
    listed["properties"]["lastKey"] = {"type": "string", "description": "Token of the next page."}
    return listed


def _error(details: Schema | None) -> Schema:
    properties: Schema = {name: {"type": "string"} for name in ("code", "message", "request_id")}
    error = _object(properties)
    error["properties"] = {**properties, "details": details or {}}
    return _object({"error": error})


def _problems() -> Schema:
    problem = _object({"field": {"type": "string"}, "reason": {"type": "string"}})
    return {"type": "array", "items": problem, "minItems": 1}


def _health_state() -> Schema:
    status = {"enum": ["healthy", "unhealthy"]}
    check = _object({"status": status, "latency_ms": {"type": "number", "minimum": 0}})
    check["properties"]["reason"] = {"type": "string"}
    checks = _object({"dynamodb": check, "s3": check})
    return _object({"status": status, "checks": checks})


def _object(properties: Schema, *, closed: bool = False) -> Schema:
    """An object; one that is open (an answer) has all its members, one that is closed may not."""
    schema: Schema = {"type": "object", "properties": dict(properties)}
    return {
        **schema,
        **({"additionalProperties": False} if closed else {"required": [*properties]}),
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2)
    sys.stdout.write("\n")
