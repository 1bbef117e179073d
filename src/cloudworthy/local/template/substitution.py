"""The pieces of a ``Fn::Sub`` string."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """``${Name}`` or ``${LogicalId.Attribute}``; spaces around the name do not count."""

    name: str

    @property
    def logical_id(self) -> str:
        return self.name.partition(".")[0]

    @property
    def attribute(self) -> str:
        return self.name.partition(".")[2]


def parse_substitution(text: str) -> Iterator[Literal | Variable]:
    """Split a string at its placeholders; ``${!Name}`` gives the literal ``${Name}``.

    Source: CloudFormation user guide, "Fn::Sub" (documented).
    """
    position = 0
    for match in _PLACEHOLDER.finditer(text):
        if match.start() > position:
            yield Literal(text[position : match.start()])
        inner = match.group(1)
        if inner.startswith("!"):
            yield Literal("${" + inner[1:] + "}")
        else:
            yield Variable(inner.strip())
        position = match.end()
    if position < len(text):
        yield Literal(text[position:])
