"""DynamoDB's condition keys: which items and attributes a request touches.

Source: DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control"
(documented).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudworthy.local.endpoint.authorization.context import Keys
from cloudworthy.local.endpoint.authorization.members import Members
from cloudworthy.local.endpoint.authorization.partiql import accesses
from cloudworthy.local.endpoint.authorization.partiql_keys import Alternative, alternatives_of
from cloudworthy.local.endpoint.authorization.readings import Surroundings

_SINGLE = ("Select", "ReturnValues", "ReturnConsumedCapacity")
_TRANSACTIONS = frozenset({"TransactGetItems", "TransactWriteItems", "ExecuteTransaction"})
_KEY_MEMBERS: Mapping[str, str] = {
    "DeleteItem": "Key",
    "GetItem": "Key",
    "PutItem": "Item",
    "UpdateItem": "Key",
}
_KEYS_OF_PARTS: Mapping[str, str] = {
    "ConditionCheck": "Key",
    "Delete": "Key",
    "DeleteRequest": "Key",
    "Get": "Key",
    "Put": "Item",
    "PutRequest": "Item",
    "Update": "Key",
}
_LISTS: Mapping[str, str] = {
    "BatchExecuteStatement": "Statements",
    "ExecuteTransaction": "TransactStatements",
}
_EQUAL = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")
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


@dataclass(frozen=True, slots=True)
class _Access:
    """What a request does to the items of one table."""

    table: str
    key_member: str
    """Where the operation takes its item's key from; what else has such a name, engines ignore."""
    members: Mapping[str, Any]


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
    leading: list[str] = []
    attributes: list[str] = []
    for access in _accesses(operation, members.body):
        leading += await _leading_keys(operation, access, around)
        attributes += _attributes(access)
    scans = operation == "Scan" or any(action == "dynamodb:Scan" for action, _ in needed)
    for statement, parameters in _statements(operation, members.body):
        for verb, target in accesses(statement):
            keyed = await _keyed(target, alternatives_of(statement, parameters), around)
            leading += [value for values in keyed for value in values]
            scans = scans or (verb == "Select" and not all(keyed))
    if leading:
        keys["dynamodb:LeadingKeys"] = tuple(dict.fromkeys(leading))
    if attributes:
        keys["dynamodb:Attributes"] = tuple(dict.fromkeys(attributes))
    if scans:
        keys["dynamodb:FullTableScan"] = "true"
    return keys


def _accesses(operation: str, body: Mapping[str, Any]) -> Iterator[_Access]:
    match operation:
        case "BatchGetItem" | "BatchWriteItem":
            requested = body.get("RequestItems")
            for table, wanted in requested.items() if isinstance(requested, dict) else ():
                yield from _batched(table, wanted)
        case "TransactGetItems" | "TransactWriteItems":
            for entry in _dicts(body.get("TransactItems")):
                yield from _parts(entry)
        case _ if isinstance(body.get("TableName"), str):
            yield _Access(body["TableName"], _KEY_MEMBERS.get(operation, ""), body)


def _statements(operation: str, body: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The statements of PartiQL, with the texts of their parameters."""
    listed = [body] if operation == "ExecuteStatement" else body.get(_LISTS.get(operation, ""))
    for entry in _dicts(listed):
        given = entry.get("Parameters")
        parameters = given if isinstance(given, list) else []
        texts = [next(iter(_scalars([parameter])), "") for parameter in parameters]
        yield str(entry.get("Statement", "")), texts


async def _keyed(
    target: str, alternatives: Sequence[Alternative], around: Surroundings
) -> list[list[str]]:
    """The values of the partition key in each alternative; where it is unknown, all there are."""
    table, _, index = target.partition("/index/")
    name = await around.lookup.partition_key(_arn(table, around), index or None)
    if name is not None:
        return [found.get(name, []) for found in alternatives]
    return [[value for values in found.values() for value in values] for found in alternatives]


def _arn(table: str, around: Surroundings) -> str:
    return table if table.startswith("arn:") else around.arn("dynamodb", f"table/{table}")


def _batched(table: str, wanted: object) -> Iterator[_Access]:
    if isinstance(wanted, dict):
        for key in _dicts(wanted.get("Keys")):
            yield _Access(table, "Key", {**wanted, "Key": key})
    for write in _dicts(wanted):
        yield from _parts(write, table)


def _parts(entry: Mapping[str, Any], table: str = "") -> Iterator[_Access]:
    for name, key_member in _KEYS_OF_PARTS.items():
        part = entry.get(name)
        if isinstance(part, dict):
            yield _Access(table or str(part.get("TableName", "")), key_member, part)


def _dicts(values: object) -> Iterator[dict[str, Any]]:
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, dict))


async def _leading_keys(operation: str, access: _Access, around: Surroundings) -> list[str]:
    """Values of the partition key; where it is not known, of whatever may be it."""
    index = access.members.get("IndexName") if operation == "Query" else None
    key = access.members.get(access.key_member)
    if not isinstance(key, dict) and operation != "Query":
        return []
    name = await around.lookup.partition_key(
        _arn(access.table, around), index if isinstance(index, str) else None
    )
    if isinstance(key, dict):
        return _scalars([key.get(name)] if name else key.values())
    return [*_of_expression(access.members, name), *_of_conditions(access.members, name)]


def _of_conditions(members: Mapping[str, Any], name: str | None) -> list[str]:
    conditions = members.get("KeyConditions")
    if not isinstance(conditions, dict):
        return []
    wanted = _dicts([conditions.get(name)] if name else list(conditions.values()))
    listed = [condition.get("AttributeValueList") for condition in wanted]
    return _scalars(value for values in listed if isinstance(values, list) for value in values)


def _of_expression(members: Mapping[str, Any], name: str | None) -> list[str]:
    """What a key condition sets the partition key equal to; otherwise every value there is."""
    condition = members.get("KeyConditionExpression")
    values = members.get("ExpressionAttributeValues")
    if not isinstance(condition, str) or not isinstance(values, dict):
        return []
    names = members.get("ExpressionAttributeNames")
    known = names if isinstance(names, dict) else {}
    places = [
        value
        for attribute, value in _EQUAL.findall(condition)
        if name is None or known.get(attribute, attribute) == name
    ]
    return _scalars(values.get(place) for place in places or values)


def _scalars(values: Iterable[object]) -> list[str]:
    """The texts of ``{"S": "a"}``."""
    found = [inner for value in values if isinstance(value, dict) for inner in value.values()]
    return [str(inner) for inner in found if isinstance(inner, str | int | float)]


def _attributes(access: _Access) -> list[str]:
    """The attributes of the top level that an access reads, writes or looks at."""
    members = access.members
    found: list[str] = []
    for member in (access.key_member, "AttributeUpdates", "Expected", "KeyConditions"):
        value = members.get(member)
        found += list(value) if isinstance(value, dict) else []
    listed = members.get("AttributesToGet")
    found += [str(name) for name in listed] if isinstance(listed, list) else []
    names = members.get("ExpressionAttributeNames")
    known = names if isinstance(names, dict) else {}
    for member in _EXPRESSIONS:
        text = members.get(member)
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
