"""What faults can be aimed at: services and their operations, as the AWS endpoint knows them."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from cloudworthy.local.endpoint.authorization.tables import SERVED_SERVICES, table_of

LAMBDA = "lambda"
"""Aims at the events that functions get, however they are invoked."""

INVOKE = "Invoke"

_NEVER_CALLED = frozenset({"execute-api"})
"""Known for its permissions alone: its calls go to the APIs' own addresses."""

Refusal = Callable[[str], Exception]
"""Makes the error about what was found, of what was expected."""


def services() -> list[str]:
    """Every target, by its signing name."""
    return sorted(SERVED_SERVICES - _NEVER_CALLED)


def service_of(signing_name: str) -> str:
    """Streams of tables are DynamoDB's: the SDK signs for ``dynamodb`` there too."""
    return "dynamodb" if signing_name == "dynamodbstreams" else signing_name


def check_target(target: str, refusal: Refusal) -> None:
    """Refuse what is no service that is called here."""
    if target not in services():
        raise refusal(f"one of {', '.join(services())}")


def check_operation(target: str, operation: str, refusal: Refusal) -> None:
    """Refuse what is no operation of the service; the nearest ones are named."""
    if target == LAMBDA:
        if operation != INVOKE:
            raise refusal(f"{INVOKE}: a fault of {LAMBDA} hits events of functions only")
        return
    table = table_of(target)
    known = sorted(table.operations) if table is not None else []
    if operation not in known:
        near = difflib.get_close_matches(operation, known, n=8, cutoff=0.5) or known[:8]
        more = len(known) - len(near)
        raise refusal(f"an operation of {target}: {', '.join(near)} or one of {more} others")
