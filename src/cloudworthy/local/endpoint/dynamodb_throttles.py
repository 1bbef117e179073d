"""Which parts of a batch or a transaction were throttled, as its answer tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

_THROTTLED = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})


def throttled_parts(
    operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]
) -> Iterable[tuple[str, float]]:
    """Tables, each with the number of its reads or writes that were throttled.

    Keys of a table that has an answer to some of them were left for the size of the answer.
    """
    if operation.startswith("Transact"):
        return _of_transaction(request, answer)
    left = {str(table): _entries(it) for table, it in _unprocessed(answer).items()}
    return [
        (table.rpartition("/")[2], float(number))
        for table, number in left.items()
        if not (answer.get("Responses") or {}).get(table)
    ]


def _of_transaction(
    request: Mapping[str, Any], answer: Mapping[str, Any]
) -> Iterable[tuple[str, float]]:
    reasons = answer.get("CancellationReasons") or ()
    parts: Counter[str] = Counter()
    for item, reason in zip(request.get("TransactItems") or (), reasons, strict=False):
        if reason.get("Code") in _THROTTLED:
            parts.update(str(it.get("TableName", "")).rpartition("/")[2] for it in item.values())
    return [(table, float(number)) for table, number in parts.items()]


def _unprocessed(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return answer.get("UnprocessedItems") or answer.get("UnprocessedKeys") or {}


def _entries(of_table: Mapping[str, Any] | list[Any]) -> int:
    return len(of_table if isinstance(of_table, list) else of_table["Keys"])
