"""Texts of policies with wildcards and variables, made ready to be compared with requests.

Source: IAM user guide, "IAM JSON policy elements: Variables and tags", "Resource" and "Reference
ARNs" (documented).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cloudworthy.local.iam.request import Context

_TOKEN = re.compile(r"\$\{([^}]*)\}|[*?]")
_SIGNS = re.compile(r"[*?]|\$\{")
_VARIABLE = re.compile(r"\s*([^,]+?)\s*(?:,\s*'([^']*)'\s*)?")
ARN_COLONS = 5
_compiled = lru_cache(maxsize=4096)(re.compile)


@dataclass(frozen=True, slots=True)
class Variable:
    """A ``${key}`` or ``${key, 'default'}``; the key in lower case."""

    key: str
    default: str | None

    def value(self, context: Context) -> str | None:
        return context.single(self.key) or self.default


class Pattern:
    """A text to compare values with.

    Without variables the regular expression is made once, when first needed; with variables, for
    each set of their values, since these are no patterns themselves.
    """

    __slots__ = ("_flags", "_parts", "_static", "source")

    def __init__(self, parts: tuple[str | Variable, ...], *, ignore_case: bool = False) -> None:
        self._parts = parts
        self._flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
        self._static: re.Pattern[str] | None = None
        fixed = [part for part in parts if isinstance(part, str)]
        self.source = "".join(fixed) if len(fixed) == len(parts) else None
        """The regular expression, if it is the same for every request."""

    def matches(self, value: str, context: Context) -> bool | None:
        """Whether the whole value matches; None if a variable has no value in this request."""
        expression = self._static
        if expression is None:
            source = self.source if self.source is not None else self._resolved(context)
            if source is None:
                return None
            expression = _compiled(source, self._flags)
            if self.source is not None:
                self._static = expression
        return expression.fullmatch(value) is not None

    def _resolved(self, context: Context) -> str | None:
        pieces = []
        for part in self._parts:
            piece = part if isinstance(part, str) else part.value(context)
            if piece is None:
                return None
            pieces.append(piece if isinstance(part, str) else re.escape(piece))
        return "".join(pieces)


def text_pattern(
    text: str, *, variables: bool, wildcards: bool, ignore_case: bool = False
) -> Pattern:
    """A pattern in which wildcards, where they count, stand for any text."""
    parts: list[str | Variable] = []
    for token in _tokens(text, variables=variables):
        if isinstance(token, _Wildcard):
            parts.append(token.expression(".") if wildcards else re.escape(token.sign))
        else:
            parts.append(re.escape(token) if isinstance(token, str) else token)
    return Pattern(tuple(parts), ignore_case=ignore_case)


def arn_pattern(text: str, *, variables: bool, pad: bool = False) -> Pattern | None:
    """A pattern for ARNs: a wildcard stays in its segment, except in the last, the resource.

    A text with fewer than six segments is completed by segments that stand for any if it is to be
    padded; otherwise it is no pattern.
    """
    parts: list[str | Variable] = []
    colons = 0
    for token in _tokens(text, variables=variables):
        if isinstance(token, _Wildcard):
            parts.append(token.expression("[^:]" if colons < ARN_COLONS else "."))
        elif isinstance(token, Variable):
            parts.append(token)
        else:
            colons += token.count(":")
            parts.append(re.escape(token))
    if colons < ARN_COLONS:
        if not pad:
            return None
        parts.append(":[^:]*" * (ARN_COLONS - colons - 1) + ":.*")
    return Pattern(tuple(parts))


def is_everything(text: str) -> bool:
    """Whether a text is ``*``, however often."""
    return text != "" and not text.strip("*")


def is_literal(text: str) -> bool:
    """Whether a text stands for itself only, without wildcards and variables."""
    return not _SIGNS.search(text)


@dataclass(frozen=True, slots=True)
class _Wildcard:
    sign: str

    def expression(self, character: str) -> str:
        return f"{character}*" if self.sign == "*" else character


def _tokens(text: str, *, variables: bool) -> Iterator[str | Variable | _Wildcard]:
    position = 0
    for found in _TOKEN.finditer(text):
        if position < found.start():
            yield text[position : found.start()]
        position = found.end()
        inside = found.group(1)
        if inside is None:
            yield _Wildcard(found.group())
        elif not variables:
            yield from _tokens_of_plain(found.group())
        else:
            yield _variable(inside)
    if position < len(text):
        yield text[position:]


def _tokens_of_plain(text: str) -> Iterator[str | _Wildcard]:
    """Version 2008-10-17 knows no variables: the signs stand for themselves."""
    for sign in text:
        yield _Wildcard(sign) if sign in "*?" else sign


def _variable(inside: str) -> str | Variable:
    if inside in ("*", "?", "$"):
        return inside
    found = _VARIABLE.fullmatch(inside)
    if found is None:
        return Variable(inside.lower(), None)
    return Variable(found.group(1).lower(), found.group(2))
