"""The systems that have an items API: what tests of their common behaviour need to know."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from items.operations.wiring import ItemsApi, application
from items.systems.automation import AUTOMATION
from items.systems.vpc_api import VPC_API
from items.systems.web_app import WEB_APP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Handler = Callable[[dict[str, Any], object], dict[str, Any]]

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
}
INDEX = "StatusIndex"
_PARAMETER = re.compile(r"\\\{id\\\}")


@dataclass(frozen=True)
class System:
    """An items API behind its gateway.

    Attributes
    ----------
    id_name
        What an item's id is called.
    collection, item
        Routes.
    holder
        The member of an item in which a caller may put any object.
    smallest
        The smallest body that makes an item.
    changes
        Whether items can be changed and deleted.
    api
        The one function's; None when there is a function for each operation.
    """

    name: str
    id_name: str
    collection: str
    item: str
    holder: str
    api: ItemsApi | None
    smallest: Mapping[str, Any] = field(default_factory=dict)
    next_key: str = "lastKey"
    changes: bool = True
    has_index: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def table(self) -> str:
        return f"{self.name}-items"

    @property
    def idempotency(self) -> str:
        return f"{self.name}-idempotency"

    @property
    def methods(self) -> dict[str, str]:
        """`Allow` by kind of route."""
        if not self.changes:
            return {"collection": "GET, HEAD, POST, OPTIONS", "item": "GET, HEAD, OPTIONS"}
        head = "" if self.api is None else "HEAD, "
        item = f"GET, {head}PUT, DELETE, OPTIONS"
        return {"collection": "GET, HEAD, POST, OPTIONS", "item": item}

    def holding(self, value: object) -> dict[str, Any]:
        """A body with a value that comes back as it is."""
        return {**self.smallest, self.holder: value}

    def change(self, value: object) -> dict[str, Any]:
        """A body that changes an item."""
        return {self.holder: value}

    def path(self, item: Mapping[str, Any] | str) -> str:
        item_id = item if isinstance(item, str) else item[self.id_name]
        return self.item.replace("{id}", item_id)

    def resource(self, path: str) -> tuple[str, dict[str, str] | None]:
        """The route that the gateway finds, and its parameters."""
        if path in ("/health", self.collection, *(("/",) if self.has_index else ())):
            return path, None
        one = re.fullmatch(_PARAMETER.sub("([^/]+)", re.escape(self.item)), path)
        return (self.item, {"id": one[1]}) if one else ("/{proxy+}", None)

    def environment(self, endpoint: str, **more: str) -> dict[str, str]:
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": endpoint,
            "TABLE_NAME": self.table,
            "IDEMPOTENCY_TABLE_NAME": self.idempotency,
            "CORS_ORIGINS": "*",
            "POWERTOOLS_SERVICE_NAME": f"items-{uuid.uuid4()}",
            **({"STATUS_INDEX_NAME": INDEX} if self.has_index else {}),
            **more,
        }

    def handler(self, endpoint: str, **more: str) -> Handler:
        variables = self.environment(endpoint, **more)
        if self.api is None:
            return crud_handler(variables)
        return application(variables, self.api, io.StringIO())


CRUD_FUNCTIONS = {
    ("POST", "/items"): "crud_create",
    ("GET", "/items"): "crud_list",
    ("GET", "/items/{id}"): "crud_get",
    ("PUT", "/items/{id}"): "crud_update",
    ("DELETE", "/items/{id}"): "crud_delete",
}


def crud_handler(variables: Mapping[str, str]) -> Handler:
    """The five deployed functions behind the routes of their gateway."""
    functions = {name: _deployed(name, variables) for name in CRUD_FUNCTIONS.values()}

    def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
        route = event.get("httpMethod") or "GET", event.get("resource") or "/items"
        return functions[CRUD_FUNCTIONS.get(route, "crud_list")](event, context)

    return handle


def _deployed(name: str, variables: Mapping[str, str]) -> Handler:
    """A function as Lambda makes it, with no more in its environment than it is given there."""
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        for variable in (*variables, "IDEMPOTENCY_TABLE_NAME", "STATUS_INDEX_NAME"):
            patch.delenv(variable, raising=False)
        for variable, value in variables.items():
            if variable != "IDEMPOTENCY_TABLE_NAME" or name == "crud_create":
                patch.setenv(variable, value)
        handler: Handler = runpy.run_module(f"items.handlers.{name}")["handler"]
    return handler


WEB = System("web-app", "item_id", "/items", "/items/{id}", "metadata", WEB_APP, has_index=True)
VPC = System("vpc-api", "id", "/api/items", "/api/items/{id}", "metadata", VPC_API)
CRUD = System(
    "crud-api", "id", "/items", "/items/{id}", "extra", None, {"name": "x"}, next_key="nextKey"
)
RECORDS = System("automation", "id", "/", "/{id}", "data", AUTOMATION, {"data": {}}, changes=False)
SYSTEMS = [WEB, VPC, CRUD, RECORDS]


def _for(systems: list[System]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("system", systems, ids=str, indirect=True, scope="session")


every_system = _for(SYSTEMS)
changing_systems = _for([system for system in SYSTEMS if system.changes])
item_systems = _for([WEB, VPC])
crud_api = _for([CRUD])
automation = _for([RECORDS])
