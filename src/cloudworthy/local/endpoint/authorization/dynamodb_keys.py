"""DynamoDB's condition keys: which items and attributes a request touches.

Source: DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control"
(documented).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from cloudworthy.local.endpoint.authorization.context import Keys
from cloudworthy.local.endpoint.authorization.members import Members
from cloudworthy.local.endpoint.authorization.readings import Surroundings

_SINGLE = ("Select", "ReturnValues", "ReturnConsumedCapacity")
_TRANSACTIONS = frozenset({"TransactGetItems", "TransactWriteItems", "ExecuteTransaction"})
_WORD = re.compile(r"[#:]?[A-Za-z_][\w-]*")
_KEYWORDS = frozenset(
    [
        "SET",
        "REMOVE",
        "ADD",
        "DELETE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "BETWEEN",
        "attribute_exists",
        "attribute_not_exists",
        "attribute_type",
        "begins_with",
        "contains",
        "size",
        "if_not_exists",
        "list_append",
    ]
)
_EXPRESSIONS = (
    "ProjectionExpression",
    "UpdateExpression",
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
)


async def dynamodb_keys(
    operation: str,
    members: Members,
    around: Surroundings,
    needed: Sequence[tuple[str, tuple[str, ...]]],
) -> Keys:
    """The keys of an operation on items; empty for one on tables."""
    keys: Keys = {f"dynamodb:{n}": v for n in _SINGLE if (v := members.text(n)) is not None}
    if operation in _TRANSACTIONS:
        keys["dynamodb:EnclosingOperation"] = operation
    accesses = list(_accesses(members))
    leading: list[str] = []
    attributes: list[str] = []
    for table, access in accesses:
        leading += await _leading_keys(table, access, around)
        attributes += _attributes(access)
    if leading:
        keys["dynamodb:LeadingKeys"] = tuple(dict.fromkeys(leading))
    if attributes:
        keys["dynamodb:Attributes"] = tuple(dict.fromkeys(attributes))
    if operation == "Scan" or any(action == "dynamodb:Scan" for action, _ in needed):
        keys["dynamodb:FullTableScan"] = "true"
    return keys


def _accesses(members: Members) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each table with the part of the request that is about its items."""
    table = members.text("TableName")
    if table is not None:
        yield table, members.body
    requested = members.get("RequestItems")
    for name, wanted in requested.items() if isinstance(requested, dict) else ():
        for access in _batched(wanted):
            yield name, access
    for entry in _dicts(members.get("TransactItems")):
        for access in _dicts(list(entry.values())):
            yield str(access.get("TableName", "")), access


def _batched(wanted: object) -> Iterator[dict[str, Any]]:
    if isinstance(wanted, dict):
        for key in _dicts(wanted.get("Keys")):
            yield {**wanted, "Key": key}
    for write in _dicts(wanted):
        yield from _dicts([write.get("PutRequest"), write.get("DeleteRequest")])


def _dicts(values: object) -> Iterator[dict[str, Any]]:
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, dict))


async def _leading_keys(table: str, access: dict[str, Any], around: Surroundings) -> list[str]:
    index = access.get("IndexName")
    arn = table if table.startswith("arn:") else around.arn("dynamodb", f"table/{table}")
    key = access.get("Key") or access.get("Item")
    names = access.get("ExpressionAttributeNames")
    condition = access.get("KeyConditionExpression")
    old_condition = access.get("KeyConditions")
    if not (isinstance(key, dict) or isinstance(condition, str) or isinstance(old_condition, dict)):
        return []
    name = await around.lookup.partition_key(arn, index if isinstance(index, str) else None)
    if isinstance(key, dict):
        if name is None and len(key) == 1 and "Key" in access:
            name = next(iter(key))
        return _scalar(key.get(name or ""))
    if isinstance(old_condition, dict):
        wanted = old_condition.get(name or "")
        listed = wanted.get("AttributeValueList") if isinstance(wanted, dict) else None
        return _scalar(listed[0]) if isinstance(listed, list) and listed else []
    values = access.get("ExpressionAttributeValues")
    place = _equal_to(str(condition), name, names if isinstance(names, dict) else {})
    return _scalar(values.get(place)) if isinstance(values, dict) and place else []


def _equal_to(condition: str, name: str | None, names: dict[str, Any]) -> str | None:
    """The placeholder that a key condition sets the partition key equal to."""
    for attribute, value in re.findall(r"(#?[\w.-]+)\s*=\s*(:\w+)", condition):
        if names.get(attribute, attribute) == name:
            return str(value)
    return None


def _scalar(value: object) -> list[str]:
    """The text of ``{"S": "a"}``."""
    if isinstance(value, dict) and len(value) == 1:
        found = next(iter(value.values()))
        return [str(found)] if isinstance(found, str | int | float) else []
    return []


def _attributes(access: dict[str, Any]) -> list[str]:
    """The attributes of the top level that an access reads, writes or looks at."""
    found: list[str] = []
    for member in ("Key", "Item", "AttributeUpdates", "Expected", "KeyConditions"):
        value = access.get(member)
        found += list(value) if isinstance(value, dict) else []
    listed = access.get("AttributesToGet")
    found += [str(name) for name in listed] if isinstance(listed, list) else []
    names = access.get("ExpressionAttributeNames")
    known = names if isinstance(names, dict) else {}
    for member in _EXPRESSIONS:
        text = access.get(member)
        if isinstance(text, str):
            found += _named(text, known)
    return found


def _named(expression: str, names: dict[str, Any]) -> Iterator[str]:
    """Attribute names of an expression; what follows a dot is inside of one."""
    for match in _WORD.finditer(expression):
        word = match[0]
        inside = expression[: match.start()].endswith(".")
        if word.startswith(":") or inside or word in _KEYWORDS or word.upper() in _KEYWORDS:
            continue
        yield str(names.get(word, word))
