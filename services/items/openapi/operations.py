"""The operations on items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from items.openapi.answers import errors, errors_of, header, json_of
from items.operations.list import DEFAULT_LIMIT, MAX_LIMIT

if TYPE_CHECKING:
    from items.openapi.description import Description, Schema

_LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}


def list_items(about: Description) -> Schema:
    order = "With `status`, newest first. " if about.status else ""
    parameters = [
        _query("limit", _LIMIT),
        _query("lastKey", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
    ]
    if about.status:
        parameters.append(_query("status", about.status.schema()))
    listed = {"description": "A page of a list.", "content": json_of("ItemList")}
    return {
        "operationId": "listItems",
        "summary": f"List {about.noun}s",
        "description": f"{order}`{about.next_key}` in the answer is the page token of the next"
        " page, to be sent as `lastKey`; it is absent on the last one.",
        "tags": ["items"],
        "parameters": parameters,
        "responses": {"200": listed, **errors(400)},
    }


def create_item(about: Description) -> Schema:
    headers = {"ETag": header("ETag"), "Location": header("Location")}
    created = {"description": "It is made.", "headers": headers, "content": json_of("Item")}
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Creating twice with the same key and body within a day creates once and"
        " answers the same.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    }
    conflicts = (409, 422) if about.chosen_ids else (422,)
    return {
        "operationId": "createItem",
        "summary": f"Create one {about.noun}",
        "tags": ["items"],
        "parameters": [key],
        "requestBody": {"required": True, "content": json_of("NewItem", about.new_example)},
        "responses": {"201": created, **errors(400, 413, 415, *conflicts)},
    }


def get_item(about: Description) -> Schema:
    return {
        "operationId": "getItem",
        "summary": f"Read one {about.noun}",
        "tags": ["items"],
        "responses": {"200": _one_item(), **errors(404)},
    }


def update_item(about: Description) -> Schema:
    return {
        "operationId": "updateItem",
        "summary": f"Change some fields of one {about.noun}",
        "tags": ["items"],
        "parameters": [_if_match()],
        "requestBody": {"required": True, "content": json_of("ItemChanges", {"name": "Copy"})},
        "responses": {"200": _one_item(), **errors(400, 404, 412, 413, 415)},
    }


def delete_item(about: Description) -> Schema:
    return {
        "operationId": "deleteItem",
        "summary": f"Delete one {about.noun}",
        "tags": ["items"],
        "parameters": [_if_match()],
        "responses": {"204": {"description": "It is gone."}, **errors(400, 404, 412)},
    }


def health() -> Schema:
    states = {
        str(status): {"description": text, "content": json_of("Health")}
        for status, text in ((200, "All is well."), (503, "Something is not."))
    }
    states["503"]["headers"] = {"Retry-After": header("RetryAfter")}
    return {
        "operationId": "getHealth",
        "summary": "State of the table and the bucket",
        "tags": ["health"],
        "security": [],
        "responses": states | errors_of(405, 429, 500),
    }


def at_root(operation: Schema) -> Schema:
    return {**operation, "operationId": f"{operation['operationId']}AtRoot"}


def item_id(about: Description) -> Schema:
    example = next(iter(about.example.values()))
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": about.item_id,
        "example": example,
    }


def _one_item() -> Schema:
    headers = {"ETag": header("ETag")}
    return {"description": "It is here.", "headers": headers, "content": json_of("Item")}


def _if_match() -> Schema:
    return {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` that the caller has seen, or `*`; the request fails with 412"
        " when there has been a change since.",
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*")$'},
        "example": '"1"',
    }


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}
