"""The grammar of metric math."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<operator>&&|\|\||==|!=|<=|>=|[-+*/^<>()\[\],]))"
)
_PRECEDENCE = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys("+-", 4),
    **dict.fromkeys("*/", 5),
    "^": 6,
}
_WORDS = {"AND": "&&", "OR": "||"}


class ExpressionError(Exception):
    """An expression that cannot be read, or that asks for what there is not."""


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """Another query's id, or a word such as ``REPEAT``."""

    name: str


@dataclass(frozen=True, slots=True)
class Array:
    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    operand: Expression


@dataclass(frozen=True, slots=True)
class Operation:
    operator: str
    left: Expression
    right: Expression


Expression = Number | Text | Name | Array | Call | Negation | Operation


def parse(text: str) -> Expression:
    """Read an expression.

    Raises
    ------
    ExpressionError

    Source: CloudWatch user guide, "Metric math syntax and functions" (documented).
    """
    parser = _Parser(_tokens(text), text)
    expression = parser.expression(0)
    parser.end()
    return expression


def names(expression: Expression) -> Iterator[str]:
    """Every name that stands in an expression."""
    match expression:
        case Name(name):
            yield name
        case Array(parts) | Call(_, parts):
            for part in parts:
                yield from names(part)
        case Negation(operand):
            yield from names(operand)
        case Operation(_, left, right):
            yield from names(left)
            yield from names(right)


def calls(expression: Expression) -> Iterator[str]:
    """Every function that an expression calls."""
    match expression:
        case Call(function, parts):
            yield function
            for part in parts:
                yield from calls(part)
        case Array(parts):
            for part in parts:
                yield from calls(part)
        case Negation(operand):
            yield from calls(operand)
        case Operation(_, left, right):
            yield from calls(left)
            yield from calls(right)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(f"{text!r}: unexpected {text[position:].strip()[:1]!r}")
        kind = str(match.lastgroup)
        word = match[kind]
        if kind == "name" and word.upper() in _WORDS:
            kind, word = "operator", _WORDS[word.upper()]
        tokens.append((kind, word))
        position = match.end()
    return tokens


class _Parser:
    """Climbs the precedences of the operators."""

    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self._tokens = [*tokens, ("end", "the end")]
        self._text = text

    def expression(self, weakest: int) -> Expression:
        left = self._operand()
        while (strength := _PRECEDENCE.get(self._tokens[0][1], 0)) > weakest:
            _, operator = self._tokens.pop(0)
            left = Operation(operator, left, self.expression(strength))
        return left

    def end(self) -> None:
        if self._tokens[0][0] != "end":
            raise self._unexpected()

    def _operand(self) -> Expression:
        kind, word = self._tokens[0]
        if kind == "end" or word in {")", "]", ","}:
            raise self._unexpected()
        self._tokens.pop(0)
        if kind == "number":
            return self._number(word)
        if kind == "text":
            return Text(word[1:-1])
        if kind == "name":
            return self._name_or_call(word)
        if word == "-":
            return Negation(self.expression(_PRECEDENCE["*"]))
        if word == "(":
            inner = self.expression(0)
            self._take(")")
            return inner
        if word == "[":
            return Array(self._list("]"))
        raise ExpressionError(f"{self._text!r}: unexpected {word!r}")

    def _number(self, word: str) -> Expression:
        value = float(word)
        if math.isinf(value):
            raise ExpressionError(f"{self._text!r}: {word} is too large")
        return Number(value)

    def _name_or_call(self, word: str) -> Expression:
        if self._tokens[0][1] != "(":
            return Name(word)
        self._take("(")
        return Call(word.upper(), self._list(")"))

    def _list(self, closing: str) -> tuple[Expression, ...]:
        elements: list[Expression] = []
        while self._tokens[0][1] != closing:
            elements.append(self.expression(0))
            if self._tokens[0][1] != closing:
                self._take(",")
        self._take(closing)
        return tuple(elements)

    def _take(self, word: str) -> None:
        if self._tokens[0][1] != word:
            raise self._unexpected()
        self._tokens.pop(0)

    def _unexpected(self) -> ExpressionError:
        return ExpressionError(f"{self._text!r}: unexpected {self._tokens[0][1]!r}")
