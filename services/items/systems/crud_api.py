"""Documents with any fields, and a function for each operation.

A function imports its own operation only, and needs the permission for that one only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from items.data.keys import KeyShape
from items.logic.form import Form
from items.logic.kind import Kind
from items.operations.wiring import ItemsApi

if TYPE_CHECKING:
    from items.operations.wiring import Operation

OWN = ("id", "created_at", "updated_at")
COLLECTION = "/items"
ITEM = "/items/{id}"
KIND = Kind(KeyShape("id"), Form(OWN, order=("name",), nested_in="fields"))
ALLOW = {COLLECTION: "GET, HEAD, POST, OPTIONS", ITEM: "GET, PUT, DELETE, OPTIONS"}
"""HEAD of one item is not there: it would take a role that may read items."""


def crud_function(method: str, path: str, operation: Operation) -> ItemsApi:
    """One function's part of the API; to all other requests it says 404 or 405."""
    return ItemsApi(KIND, ITEM, {path: {method: operation}}, ALLOW)
