"""How a document is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from items.openapi import operations
from items.openapi.answers import error_responses, headers
from items.openapi.schemas import schemas

if TYPE_CHECKING:
    from items.openapi.description import Description, Schema


def document(about: Description) -> Schema:
    collection = {"get": operations.list_items(about), "post": operations.create_item(about)}
    main = about.collections[-1]
    paths: Schema = {
        path: collection
        if path == main
        else {method: operations.at_root(collection[method]) for method in collection}
        for path in about.collections
    }
    paths[about.item_path] = _item_path(about)
    tags = [{"name": "items"}]
    if about.has_health:
        paths["/health"] = {"get": operations.health()}
        tags.append({"name": "health"})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": "1.0.0",
            "description": f"The {about.noun}s of a Cloudworthy system.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/prod", "description": "The stage of the REST API."}],
        "security": [{"ApiKey": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
            "schemas": schemas(about),
            "headers": headers(),
            "responses": error_responses(about),
        },
    }


def _item_path(about: Description) -> Schema:
    methods: Schema = {"parameters": [operations.item_id(about)], "get": operations.get_item(about)}
    if about.changes is not None:
        methods["put"] = operations.update_item(about)
        methods["delete"] = operations.delete_item(about)
    return methods
