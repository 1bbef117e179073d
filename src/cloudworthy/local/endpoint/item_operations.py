"""DynamoDB's operations on items, which use the capacity of tables."""

from __future__ import annotations

from typing import Final, Literal

Direction = Literal["Read", "Write"]
READS: Final = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})
WRITES: Final = frozenset(
    {"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"}
)
STATEMENTS: Final = frozenset({"ExecuteStatement"})
"""What these do stands in their PartiQL; they are taken for reads."""

ITEM_OPERATIONS: Final = READS | WRITES | STATEMENTS


def direction_of(operation: str) -> Direction:
    """What an operation on items uses."""
    return "Write" if operation in WRITES else "Read"
