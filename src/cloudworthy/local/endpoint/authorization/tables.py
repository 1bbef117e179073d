"""The facts about each service's requests, read when the first request for the service comes.

They are made from botocore's service models and AWS's service authorization reference by
``python -m scripts.iam_actions``; a test compares them with what it would make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from cloudworthy.local.endpoint.authorization.routes import Routes

_DIRECTORY = Path(__file__).with_name("tables")
SERVED_SERVICES = frozenset(path.stem for path in _DIRECTORY.glob("*.json"))
"""Signing names of services whose requests can be told apart."""
_SAME_TABLE = {"dynamodbstreams": "dynamodb", "cloudwatch": "monitoring"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One action that an operation needs.

    ``resources`` are the ways to name its resources; see ``resources_of``. The action is needed
    only if the request has ``when`` and has not ``unless``.
    """

    action: str
    resources: tuple[str, ...]
    when: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class ServiceTable:
    """What there is to know about the requests of a service."""

    operations: Mapping[str, list[dict[str, Any]]]
    targets: frozenset[str]
    """What stands before the operation in ``X-Amz-Target``."""
    routes: Routes

    def rules(self, operation: str) -> tuple[Rule, ...] | None:
        """The rules of an operation; none at all if it is open to everybody.

        ``None`` says that the service has no such operation.
        """
        rules = self.operations.get(operation)
        if rules is None:
            return None
        return tuple(
            Rule(
                rule["action"],
                tuple(rule["resources"]),
                rule.get("when", ""),
                rule.get("unless", ""),
            )
            for rule in rules
        )


@cache
def table_of(service: str) -> ServiceTable | None:
    """The table of a service by the name that its requests are signed for."""
    name = _SAME_TABLE.get(service, service)
    if name not in SERVED_SERVICES:
        return None
    document = orjson.loads((_DIRECTORY / f"{name}.json").read_bytes())
    return ServiceTable(
        document["operations"],
        frozenset(document.get("targets", ())),
        Routes(document.get("routes", ())),
    )


@cache
def rules_of(service: str, operation: str) -> tuple[Rule, ...] | None:
    """The rules of an operation; see :meth:`ServiceTable.rules`."""
    table = table_of(service)
    return table.rules(operation) if table is not None else None
