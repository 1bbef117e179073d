"""The rule of a composite alarm."""

from __future__ import annotations

import re
from collections.abc import Callable

from cloudworthy.local.observe.alarms.definition import State
from cloudworthy.local.observe.metrics.expression import ExpressionError

_TOKEN = re.compile(r"\s*(?P<word>\(|\)|[A-Za-z_]+|\"[^\"]*\"|'[^']*'|[^\s()\"']+)")

StateOf = Callable[[str], State]
"""The state of another alarm, by its name or ARN."""
Rule = Callable[[StateOf], bool]


def parse_rule(text: str) -> Rule:
    """Read a rule such as ``ALARM("a") AND NOT OK(b)``.

    Raises
    ------
    ExpressionError

    Source: CloudWatch API reference, "PutCompositeAlarm" (documented).
    """
    parser = _Parser(text)
    rule = parser.alternatives()
    parser.end()
    return rule


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._words = [it["word"] for it in _TOKEN.finditer(text)]

    def alternatives(self) -> Rule:
        rule = self._conjunction()
        while self._next("OR"):
            rule = _either(rule, self._conjunction())
        return rule

    def end(self) -> None:
        if self._words:
            raise self._unexpected()

    def _conjunction(self) -> Rule:
        rule = self._negation()
        while self._next("AND"):
            rule = _both(rule, self._negation())
        return rule

    def _negation(self) -> Rule:
        if self._next("NOT"):
            rule = self._negation()
            return lambda state_of: not rule(state_of)
        return self._operand()

    def _operand(self) -> Rule:
        if self._next("("):
            rule = self.alternatives()
            self._expect(")")
            return rule
        word = self._words.pop(0) if self._words else ""
        if word in {"TRUE", "FALSE"}:
            return lambda _state_of: word == "TRUE"
        if word not in set(State):
            raise ExpressionError(f"{self._text!r}: unexpected {word or 'end'!r}")
        wanted = State(word)
        self._expect("(")
        name = ""
        while self._words and self._words[0] != ")":
            name += self._words.pop(0)
        self._expect(")")
        name = name.strip("\"'")
        return lambda state_of: state_of(name) is wanted

    def _next(self, word: str) -> bool:
        if self._words and self._words[0] == word:
            self._words.pop(0)
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._next(word):
            raise self._unexpected()

    def _unexpected(self) -> ExpressionError:
        found = self._words[0] if self._words else "end"
        return ExpressionError(f"{self._text!r}: unexpected {found!r}")


def _both(left: Rule, right: Rule) -> Rule:
    return lambda state_of: left(state_of) and right(state_of)


def _either(left: Rule, right: Rule) -> Rule:
    return lambda state_of: left(state_of) or right(state_of)
