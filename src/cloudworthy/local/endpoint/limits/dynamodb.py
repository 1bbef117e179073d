"""Amazon DynamoDB: what the engine lets pass.

Source: DynamoDB developer guide, "Quotas in Amazon DynamoDB", expression parameters (documented).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.endpoint.limits.documents import document_of, entries, mapping
from cloudworthy.local.model.http import Request

_MOST_EXPRESSION_BYTES: Final = 4_096
_MOST_OPERANDS: Final = 100
_CONDITIONS: Final = ("ConditionExpression", "FilterExpression")
_IN: Final = re.compile(r"\bIN\s*\(([^()]*)\)", re.IGNORECASE)


def check_dynamodb(request: Request, operation: str) -> None:
    """See ``check_limits``; most bodies are too short to be beyond a limit, and are not read."""
    body = request.body
    if len(body) <= _MOST_EXPRESSION_BYTES and body.count(b",") < _MOST_OPERANDS:
        return
    document = document_of(request)
    is_transaction = operation == "TransactWriteItems"
    for part in _actions(document) if is_transaction else (document,):
        for name in _CONDITIONS:
            if isinstance(part.get(name), str):
                _check_condition(name, part[name])


def _actions(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in entries(document.get("TransactItems")):
        yield from (mapping(action) for action in item.values())


def _check_condition(name: str, expression: str) -> None:
    found = len(expression.encode("utf-8", "replace"))
    if found > _MOST_EXPRESSION_BYTES:
        raise _invalid(
            f"Invalid {name}: Expression size has exceeded the maximum allowed size; "
            f"expression size: {found}"
        )
    for operands in _IN.findall(expression):
        number = operands.count(",") + 1
        if number > _MOST_OPERANDS:
            raise _invalid(
                f"Invalid {name}: The IN operator is provided with too many operands; "
                f"number of operands: {number}"
            )


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message, 400)
