"""How DynamoDB answers a call that it throttles.

Sources: DynamoDB API reference, ``ThrottlingReason``, ``TransactionCanceledException``,
``BatchWriteItem``, ``BatchGetItem``; developer guide, "Diagnosing throttling" (documented).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from cloudworthy.local.endpoint.capacity_tables import Limited, Table
from cloudworthy.local.endpoint.item_operations import direction_of
from cloudworthy.local.endpoint.limits.documents import document_of, entries
from cloudworthy.local.model.http import Request, Response

_PREFIX: Final = "com.amazonaws.dynamodb.v20120810#"
_TABLE: Final = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
_INDEX: Final = (
    "The level of configured provisioned throughput for one or more global secondary indexes of "
    "the table was exceeded. Consider increasing your provisioning level for the "
    "under-provisioned global secondary indexes with the UpdateTable API."
)
_ON_DEMAND: Final = "Throughput exceeds the maximum OnDemandThroughput configured on table or index"


def throttled(limited: Limited, table: Table) -> Response:
    """The refusal of a call, or of all parts of a batch."""
    kind = "Index" if limited.secondary_index else "Table"
    limit = "Provisioned" if table.is_provisioned else "MaxOnDemand"
    of_index = f"/index/{limited.secondary_index}" if limited.secondary_index else ""
    reason = {
        "reason": f"{kind}{limited.direction}{limit}ThroughputExceeded",
        "resource": f"{table.arn}{of_index}",
    }
    message = _message(limited, table)
    if table.is_provisioned:
        return _exceeded(message, reason)
    return _error("ThrottlingException", {"message": message, "throttlingReasons": [reason]})


def throttled_as_a_whole(operation: str) -> Response:
    """The refusal of a call that came when its table was too busy, whatever the table is."""
    reason = f"Table{direction_of(operation)}ProvisionedThroughputExceeded"
    return _exceeded(_TABLE, {"reason": reason})


def canceled(reasons: Sequence[tuple[Limited, Table] | None]) -> Response:
    """The refusal of a transaction: for each of its actions what stopped it, if anything."""
    return _canceled([_cancellation_reason(reason) for reason in reasons])


def canceled_as_a_whole(request: Request) -> Response:
    """The refusal of a transaction of which every action came when its table was too busy."""
    actions = entries(document_of(request).get("TransactItems"))
    return _canceled(
        [{"Code": "ProvisionedThroughputExceeded", "Message": _TABLE} for _ in actions]
    )


def _exceeded(message: str, reason: Mapping[str, str]) -> Response:
    code = "ProvisionedThroughputExceededException"
    return _error(code, {"message": message, "ThrottlingReasons": [reason]})


def _canceled(told: Sequence[Mapping[str, str]]) -> Response:
    codes = ", ".join(reason["Code"] for reason in told)
    message = (
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    )
    content = {"Message": message, "CancellationReasons": told}
    return _error("TransactionCanceledException", content)


def _cancellation_reason(reason: tuple[Limited, Table] | None) -> dict[str, str]:
    if reason is None:
        return {"Code": "None"}
    limited, table = reason
    code = "ProvisionedThroughputExceeded" if table.is_provisioned else "ThrottlingError"
    return {"Code": code, "Message": _message(limited, table)}


def _message(limited: Limited, table: Table) -> str:
    if not table.is_provisioned:
        return _ON_DEMAND
    return _INDEX if limited.secondary_index else _TABLE


def _error(code: str, content: dict[str, Any]) -> Response:
    headers = [
        ("x-amzn-RequestId", str(uuid.uuid4())),
        ("Content-Type", "application/x-amz-json-1.0"),
    ]
    return Response(400, headers, orjson.dumps({"__type": f"{_PREFIX}{code}", **content}))
