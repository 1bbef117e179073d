"""Paths with variables, and which of them a request's path belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

ANY_VERBS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

_T = TypeVar("_T")


class _Node(Generic[_T]):
    """A segment of the tree."""

    __slots__ = ("greedy", "greedy_name", "literals", "parameter", "parameter_name", "values")

    def __init__(self) -> None:
        self.literals: dict[str, _Node[_T]] = {}
        self.parameter: _Node[_T] | None = None
        self.parameter_name = ""
        self.greedy: _Node[_T] | None = None
        self.greedy_name = ""
        self.values: dict[str, _T] = {}

    def child(self, segment: str) -> _Node[_T]:
        if segment.endswith("+}"):
            self.greedy, self.greedy_name = self.greedy or _Node(), segment[1:-2]
            return self.greedy
        if segment.startswith("{"):
            self.parameter, self.parameter_name = self.parameter or _Node(), segment[1:-1]
            return self.parameter
        return self.literals.setdefault(segment, _Node())

    def value(self, verb: str) -> _T | None:
        found = self.values.get(verb)
        return self.values.get("ANY") if found is None and verb in ANY_VERBS else found


class RouteTree(Generic[_T]):
    """Finds a value: a literal segment before ``{name}`` before ``{name+}``.

    The choice is made among pairs of path and verb: a path without the verb does not hide a
    less specific one that has it.
    """

    def __init__(self) -> None:
        self._root: _Node[_T] = _Node()

    def add(self, path: str, verb: str, value: _T) -> None:
        """Add what a verb, or ``ANY``, of a path leads to."""
        node = self._root
        for segment in path.split("/")[1:]:
            if segment:
                node = node.child(segment)
        node.values[verb] = value

    def find(self, segments: Sequence[str], verb: str) -> tuple[_T, dict[str, str]] | None:
        """The value and the variables' parts of the path, as they are in the segments."""
        return _find(self._root, segments, 0, verb)


def _find(
    node: _Node[_T], segments: Sequence[str], index: int, verb: str
) -> tuple[_T, dict[str, str]] | None:
    if index == len(segments):
        value = node.value(verb)
        return None if value is None else (value, {})
    segment = segments[index]
    literal = node.literals.get(segment)
    if literal is not None and (found := _find(literal, segments, index + 1, verb)):
        return found
    if node.parameter is not None and segment:
        found = _find(node.parameter, segments, index + 1, verb)
        if found:
            found[1][node.parameter_name] = segment
            return found
    rest = "/".join(segments[index:])
    if node.greedy is not None and rest and (greedy := node.greedy.value(verb)) is not None:
        return greedy, {node.greedy_name: rest}
    return None
