"""Telling the operations of a REST service apart by method, path, query and headers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from cloudworthy.local.model.http import Request

_ANY_LENGTH = -1
"""Of paths that end in a label that takes all the rest."""


@dataclass(frozen=True, slots=True)
class Route:
    """How the requests of one operation look, as botocore's service models say it."""

    operation: str
    segments: tuple[str, ...]
    constants: tuple[tuple[str, str], ...]
    """Fields of the query that are always there; an empty value stands for any."""
    required: tuple[str, ...]
    """Fields of the query that a member puts there, and with ``@`` headers."""

    @property
    def literal_count(self) -> int:
        return sum(not segment.startswith("{") for segment in self.segments)

    def labels(self, path: Sequence[str]) -> dict[str, str] | None:
        """What stands in the path for each label, decoded; None if it is another path."""
        found: dict[str, str] = {}
        for position, segment in enumerate(self.segments):
            if segment.endswith("+}"):
                rest = "/".join(path[position:])
                return {**found, segment[1:-2]: unquote(rest)} if rest else None
            if position >= len(path):
                return None
            if segment.startswith("{"):
                if not path[position]:
                    return None
                found[segment[1:-1]] = unquote(path[position])
            elif segment != path[position]:
                return None
        return found if not any(path[len(self.segments) :]) else None

    def has_constants(self, query: Mapping[str, str]) -> bool:
        return not self.constants or all(
            name in query and value in {"", query[name]} for name, value in self.constants
        )

    def required_count(self, request: Request, query: Mapping[str, str]) -> int:
        """How many required fields there are; -1 if one is missing."""
        for name in self.required:
            there = request.header(name[1:]) is not None if name[0] == "@" else name in query
            if not there:
                return -1
        return len(self.required)


@dataclass(frozen=True, slots=True)
class Match:
    operation: str
    labels: Mapping[str, str]


class Routes:
    """The routes of a service.

    What the model calls constant decides first, e.g. ``?acl``; members that are required tell
    apart what is still the same, e.g. a copy from an upload.
    """

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._shapes: dict[tuple[str, int], dict[tuple[str, ...], list[Route]]] = {}
        for method, path, needed, operation in rows:
            route = _route(path, needed, operation)
            length = _ANY_LENGTH if route.segments[-1].endswith("+}") else len(route.segments)
            shapes = self._shapes.setdefault((method, length), {})
            shapes.setdefault(route.segments, []).append(route)

    def match(self, request: Request) -> Match | None:
        if not self._shapes:
            return None
        path = request.path.lstrip("/").split("/")
        length = len(path) - 1 if len(path) > 1 and not path[-1] else len(path)
        query: dict[str, str] | None = None
        found = []
        for key in ((request.method, length), (request.method, _ANY_LENGTH)):
            for routes in self._shapes.get(key, {}).values():
                labels = routes[0].labels(path)
                if labels is None:
                    continue
                query = fields_of(request) if query is None else query
                found += [
                    (_rank(route, request, query), route.operation, labels)
                    for route in routes
                    if route.has_constants(query)
                ]
        if not found:
            return None
        _, operation, labels = max(found, key=lambda one: one[0])
        return Match(operation, labels)


def fields_of(request: Request) -> dict[str, str]:
    """The query's fields; of those given twice, the first."""
    fields: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        fields.setdefault(name, value)
    return fields


def _rank(route: Route, request: Request, query: Mapping[str, str]) -> tuple[int, ...]:
    required = route.required_count(request, query)
    return (
        route.literal_count,
        len(route.constants),
        required,
        -len(route.required) if required < 0 else 0,
    )


def _route(path: str, needed: Iterable[str], operation: str) -> Route:
    constants, required = [], []
    for field in needed:
        name, _, value = field.partition("=")
        if field.startswith("@") or value == "*":
            required.append(name)
        else:
            constants.append((name, value))
    segments = tuple(path.strip("/").split("/"))
    return Route(operation, segments, tuple(constants), tuple(required))
