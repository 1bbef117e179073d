"""The parts of a function of an items API, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, TypeAlias

from aws_api.deadline import Deadline
from aws_api.repeats import Repeats
from gateway.application import Application, Observers
from gateway.cors import Cors
from gateway.router import Router
from items.data.connection import TELLABLE, Connection
from items.data.table import ItemTable
from items.operations.translate import translate
from observability.logger import json_logger
from observability.metrics import Metrics
from observability.tracing import Tracing

if TYPE_CHECKING:
    from gateway.router import Handler
    from items.logic.kind import Kind

Operation: TypeAlias = "Callable[[Parts], Handler]"


@dataclass(frozen=True, slots=True)
class ItemsApi:
    """What differs between the APIs: the items, the paths, the operations.

    Parameters
    ----------
    item_path
        The route of one item, such as `/items/{id}`.
    routes
        Operations of this function by method, by route.
    allow
        `Allow` by route, where other functions have a part in the API.
    """

    kind: Kind
    item_path: str
    routes: Mapping[str, Mapping[str, Operation]]
    allow: Mapping[str, str] = field(default_factory=dict)

    def path_of(self, item_id: str) -> str:
        return self.item_path.replace("{id}", item_id)


@dataclass(frozen=True, slots=True)
class Parts:
    """What operations are made of."""

    api: ItemsApi
    environment: Mapping[str, str]
    connection: Connection
    table: ItemTable
    metrics: Metrics


def application(
    environment: Mapping[str, str], api: ItemsApi, log_stream: IO[str] | None = None
) -> Application:
    """Wire the operations of a function to the tables that the environment names."""
    observers = Observers(
        json_logger(environment, log_stream),
        Metrics(environment),
        Tracing(environment),
        TELLABLE,
    )
    deadline = Deadline()
    connection = Connection(environment, observers.tracing, Repeats(deadline))
    table = ItemTable(connection, environment["TABLE_NAME"], api.kind.key)
    parts = Parts(api, environment, connection, table, observers.metrics)
    routes = {
        resource: {method: operation(parts) for method, operation in methods.items()}
        for resource, methods in api.routes.items()
    }
    router = Router(routes, api.allow)
    cors = Cors.from_environment(environment)
    return Application(router, observers, cors, translate, deadline=deadline)
