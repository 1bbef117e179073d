"""What stands in a request, whatever protocol carries it.

A path names a member: ``?name`` is a field of the query, ``@name`` a header, anything else a label
of the path or a member of the body. ``Entries[].Name`` goes through a list and ``Items{}`` gives
the keys of an object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import cbor2
import orjson

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.endpoint.authorization.routes import fields_of
from cloudworthy.local.endpoint.authorization.xml_members import xml_members
from cloudworthy.local.endpoint.call import Operation, Protocol
from cloudworthy.local.model.http import Request

_DEEPEST = 16


class Members:
    """The members of one request."""

    def __init__(self, request: Request, operation: Operation, labels: Mapping[str, str]) -> None:
        self.request = request
        self._protocol = operation.protocol
        self._labels = labels

    @cached_property
    def query(self) -> dict[str, str]:
        return fields_of(self.request)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The members of the body; none if it cannot be read, which the service will refuse."""
        match self._protocol:
            case Protocol.QUERY:
                return _form_members(self.request)
            case Protocol.REST_XML:
                return xml_members(self.request.body)
            case Protocol.RPC_V2_CBOR:
                found = _cbor(self.request.body)
            case _:
                found = _json(self.request.body)
        return found if isinstance(found, dict) else {}

    def get(self, name: str) -> object:
        """A member of the top level, or None."""
        if name[0] == "?":
            return self.query.get(name[1:])
        if name[0] == "@":
            return self.request.header(name[1:])
        return self._labels[name] if name in self._labels else self.body.get(name)

    def text(self, name: str) -> str | None:
        value = self.get(name)
        return value if isinstance(value, str) else None

    def has_header(self, pattern: str) -> bool:
        """Whether there is a header of that name, or one that begins so if it ends in ``*``."""
        if not pattern.endswith("*"):
            return self.request.header(pattern) is not None
        return any(name.lower().startswith(pattern[:-1]) for name, _ in self.request.headers)

    def values(self, path: str) -> Iterator[Any]:
        """Everything at a path; a member missing in an element of a list is an empty text."""
        if path[0] in "?@":
            value = self.get(path)
            if value is not None:
                yield value
            return
        first, *rest = path.split(".")
        value = self.get(first.removesuffix("[]").removesuffix("{}"))
        if value is not None:
            yield from _within(_opened(value, first), rest)


def _opened(value: object, segment: str) -> list[Any]:
    if segment.endswith("[]"):
        if isinstance(value, dict):
            return [value]
        return list(value) if isinstance(value, list | tuple) else []
    if segment.endswith("{}"):
        return list(value) if isinstance(value, dict) else []
    return [value]


def _within(values: list[Any], segments: list[str]) -> Iterator[Any]:
    if not segments:
        yield from values
        return
    for value in values:
        inner = value.get(segments[0]) if isinstance(value, dict) else None
        if len(segments) == 1:
            yield "" if inner is None else inner
        elif inner is not None:
            yield from _within([inner], segments[1:])


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _cbor(body: bytes) -> object:
    try:
        return cbor2.loads(body)
    except (cbor2.CBORDecodeError, ValueError, TypeError, OverflowError, RecursionError):
        return None


def _form_members(request: Request) -> dict[str, Any]:
    """``Names.member.1=a`` as the list that it stands for."""
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    pairs += parse_qsl(request.query, keep_blank_values=True)
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *parents, last = name.split(".")
        if len(parents) > _DEEPEST:
            raise UnclassifiedRequestError(f"its parameter {name[:60]!r} is nested too deeply")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
            if not isinstance(node, dict):
                raise UnclassifiedRequestError(f"it has two parameters {parent!r}")
        if node.get(last, value) != value:
            raise UnclassifiedRequestError(f"it has two parameters {name!r}")
        node[last] = value
    members: dict[str, Any] = {name: _as_list(value) for name, value in tree.items()}
    if "QueueUrl" not in members and request.path.count("/") == 2:
        members["QueueUrl"] = request.path
    return members


def _as_list(value: object) -> object:
    if not isinstance(value, dict):
        return value
    if list(value) == ["member"]:
        return _as_list(value["member"])
    found = {name: _as_list(inner) for name, inner in value.items()}
    if all(name.isdecimal() for name in found):
        return [found[name] for name in sorted(found, key=lambda n: (len(n), n))]
    return found
