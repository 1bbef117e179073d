"""The parts of the items API, put together."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from gateway.application import Application, Observers
from gateway.cors import Cors
from gateway.router import Router
from items.data.connection import TELLABLE, Connection
from items.data.idempotency import IdempotencyTable
from items.data.keys import KeyShape
from items.data.table import ItemTable
from items.handlers.operations import Operations
from items.handlers.translate import translate
from items.logic.identity import created_at
from items.logic.service import ItemService
from observability.logger import json_logger
from observability.metrics import Metrics
from observability.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = KeyShape("item_id", "created_at", created_at)


def application(environment: Mapping[str, str], log_stream: IO[str] | None = None) -> Application:
    """Wire the API to the tables that the environment names."""
    observers = Observers(
        json_logger(environment, log_stream),
        Metrics(environment),
        Tracing(environment),
        TELLABLE,
    )
    connection = Connection(environment, observers.tracing)
    table = ItemTable(connection, environment["TABLE_NAME"], KEY, environment["STATUS_INDEX_NAME"])
    idempotency = IdempotencyTable(connection, environment["IDEMPOTENCY_TABLE_NAME"])
    service = ItemService(table, idempotency, KEY.id_attribute)
    operations = Operations(service, observers.metrics, KEY.id_attribute)
    return Application(
        Router(operations.routes()), observers, Cors.from_environment(environment), translate
    )
