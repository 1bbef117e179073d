"""crud-api: one function for each operation."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from constructs import Construct

from cloudworthy.blueprints.crud_api_alarms import add_alarms
from cloudworthy.blueprints.crud_api_settings import CrudApiSettings
from cloudworthy.blueprints.system_stack import SystemStack
from cloudworthy.constructs.rest_service_api import RestServiceApi, RestServiceApiProps
from cloudworthy.constructs.service_function import ServiceFunction, ServiceFunctionProps
from cloudworthy.constructs.table import Key, Table, TableProps


@dataclass(frozen=True)
class Operation:
    """One operation: its function, the one request it makes to the table, and its route."""

    handler: str
    description: str
    action: str
    method: str
    path: str


OPERATIONS: Final[Mapping[str, Operation]] = {
    "Create": Operation(
        "items.handlers.crud_create.handler",
        "Create an item",
        "dynamodb:PutItem",
        "POST",
        "/items",
    ),
    "Get": Operation(
        "items.handlers.crud_get.handler",
        "Read an item",
        "dynamodb:GetItem",
        "GET",
        "/items/{id}",
    ),
    "Update": Operation(
        "items.handlers.crud_update.handler",
        "Change an item",
        "dynamodb:UpdateItem",
        "PUT",
        "/items/{id}",
    ),
    "Delete": Operation(
        "items.handlers.crud_delete.handler",
        "Delete an item",
        "dynamodb:DeleteItem",
        "DELETE",
        "/items/{id}",
    ),
    "List": Operation(
        "items.handlers.crud_list.handler",
        "List items",
        "dynamodb:Scan",
        "GET",
        "/items",
    ),
}


class CrudApiStack(SystemStack):
    """The stack of crud-api."""

    def __init__(self, scope: Construct, project: Path, settings: CrudApiSettings) -> None:
        super().__init__(
            scope, project, settings.common, "One function an operation: REST API and table"
        )
        self.settings: Final = settings
        self.items: Final = self._items_table()
        self.functions: Final = {name: self._function(name) for name in OPERATIONS}
        self.remember_creations(self.functions["Create"])
        self.api: Final = self._api()
        self.alarms: Final = add_alarms(
            self,
            emails=self.common.alarm_emails,
            api=self.api,
            functions=self.functions,
            provisioned_table=self.items.table if settings.capacity else None,
        )
        self.complete(
            {
                "ApiEndpoint": self.api.url,
                "TableName": self.items.table.table_name,
                **{
                    f"{name}FunctionName": each.function.function_name
                    for name, each in self.functions.items()
                },
            }
        )

    def _items_table(self) -> Table:
        return Table(
            self,
            "Items",
            TableProps(
                key=Key("id"),
                scaling=self.settings.capacity,
                removal_policy=self.common.removal_policy,
            ),
        )

    def _function(self, name: str) -> ServiceFunction:
        operation = OPERATIONS[name]
        function = self.service_function(
            f"{name}Function",
            ServiceFunctionProps(
                handler=operation.handler,
                description=operation.description,
                environment={"TABLE_NAME": self.items.table.table_name},
            ),
        )
        function.allow([operation.action], [self.items.arn])
        return function

    def _api(self) -> RestServiceApi:
        """Each operation is a route; the list knows what to say to every other request."""
        api = self.rest_api(
            RestServiceApiProps(
                description=f"Items API of {self.common.stack_name}, a function an operation",
                auth=self.settings.auth,
                rate_per_s=100,
                burst=200,
                cache=self.settings.cache,
            ),
            self.settings.jwt,
        )
        for name, operation in OPERATIONS.items():
            api.route(operation.path, self.functions[name].function, [operation.method])
        for path in ("/", "/items", "/items/{id}", "/{proxy+}"):
            api.route(path, self.functions["List"].function)
        return api
