"""Resources with wildcards, and what two of them have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cloudworthy.local.iam.pattern import arn_pattern, is_everything
from cloudworthy.local.iam.request import Context

_NOTHING = Context({})
_TOKEN = re.compile(r"\$\{[^}]*\}|.", re.DOTALL)
_ESCAPED = {"${*}": "*", "${?}": "?", "${$}": "$"}
_ESCAPES = {sign: written for written, sign in _ESCAPED.items()}
_ANY, _ONE = object(), object()
Token = object
"""A character, or what stands for one or for any number of them."""


@dataclass(frozen=True, slots=True)
class Glob:
    """The resource of a grant, or that of calls that were seen.

    Of the objects of a bucket, calls are kept by prefix: ``bucket/in/*``. Any other ``*`` or ``?``
    in a resource that was seen stands for itself.
    """

    tokens: tuple[Token, ...]
    source: str
    has_variables: bool = False

    @classmethod
    def of(cls, text: str, *, variables: bool) -> Glob:
        """The resource of a policy; ``${...}`` means something if it has variables."""
        tokens, found = [], False
        for token in _TOKEN.findall(text) if variables else text:
            if token in _ESCAPED:
                tokens.append(_ESCAPED[token])
            elif len(token) > 1:
                tokens.append(_ANY)
                found = True
            else:
                tokens.append({"*": _ANY, "?": _ONE}.get(token, token))
        return cls(tuple(tokens), text if variables else _written(tokens), found)

    @classmethod
    def of_seen(cls, text: str) -> Glob:
        """The resource of a use."""
        if text == "*" or text.endswith("/*"):
            tokens: tuple[Token, ...] = (*text[:-1], _ANY)
        else:
            tokens = tuple(text)
        return cls(tokens, _written(tokens))

    @property
    def written(self) -> str:
        """As a policy of the version of 2012 has it."""
        return self.source

    def common_with(self, seen: str) -> tuple[str, ...]:
        """What a use and this have in common, each as a policy has it; empty if nothing."""
        if seen == "*":
            return (self.source,)
        other = Glob.of_seen(seen)
        is_prefix = other.tokens[-1] is _ANY
        if not is_prefix and not self._matches(seen):
            return ()
        rests = list(self._rests("".join(map(str, other.tokens[:-1])))) if is_prefix else []
        if is_prefix and not rests:
            return ()
        if self.has_variables:
            return (self.source,)
        if not is_prefix:
            return (other.source,)
        start = _written(other.tokens[:-1])
        found = {start + _written(rest) for rest in rests}
        return (other.source,) if other.source in found else tuple(sorted(found))

    def _matches(self, text: str) -> bool:
        if is_everything(self.source):
            return True
        plain = "".join(_escaped(token, for_variable="*") for token in self.tokens)
        pattern = arn_pattern(plain, variables=True, pad=True)
        return pattern is not None and bool(pattern.matches(text, _NOTHING))

    def _rests(self, prefix: str) -> Iterator[tuple[Token, ...]]:
        """What can follow a text that something that this matches begins with."""
        at = self._without_any({0})
        for character in prefix:
            at = self._without_any(
                {
                    position if self.tokens[position] is _ANY else position + 1
                    for position in at
                    if position < len(self.tokens)
                    and self.tokens[position] in (character, _ANY, _ONE)
                }
            )
        for position in sorted(at):
            if position < len(self.tokens):
                yield self.tokens[position:]

    def _without_any(self, positions: set[int]) -> set[int]:
        """The same, and where one is if what stands for any text stands for none."""
        found = set(positions)
        for position in positions:
            following = position
            while following < len(self.tokens) and self.tokens[following] is _ANY:
                following += 1
                found.add(following)
        return found
