"""Resources with wildcards, and what a grant's has in common with what calls named."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator

from cloudworthy.local.iam.pattern import arn_pattern, is_everything
from cloudworthy.local.iam.request import Context

_NOTHING = Context({})
_TEXT_OR_VARIABLE = re.compile(r"\$\{[^}]*\}|.", re.DOTALL)
_OBJECTS_AT_TOP = re.compile(r"arn:aws[\w-]*:s3:::[^/]*/\*")


class Wildcard(enum.Enum):
    """What stands for any text, and for any one character."""

    TEXT = "*"
    CHARACTER = "?"


Token = str | Wildcard
_WILDCARDS: dict[str, Token] = {"*": Wildcard.TEXT, "?": Wildcard.CHARACTER}
_ESCAPED = {"${*}": "*", "${?}": "?", "${$}": "$"}
_ESCAPES = {sign: escape for escape, sign in _ESCAPED.items()}


def escaped(text: str) -> str:
    """A text that stands for itself only, as a policy of the version of 2012 writes it."""
    return _written(text)


class Glob:
    """The resource of a statement.

    Parameters
    ----------
    variables
        Whether ``${...}`` means something, as in policies of the version of 2012.
    """

    def __init__(self, text: str, *, variables: bool) -> None:
        pieces = _TEXT_OR_VARIABLE.findall(text) if variables else list(text)
        self.has_variables = any(len(one) > 1 and one not in _ESCAPED for one in pieces)
        self._tokens = [_token(one) for one in pieces]
        self.written = text if variables else _written(self._tokens)
        """As a policy of the version of 2012 has it."""
        if is_everything(text):
            self._pattern = None
        else:
            any_value = "".join("*" if len(p) > 1 and p not in _ESCAPED else p for p in pieces)
            self._pattern = arn_pattern(any_value, variables=variables, pad=True)

    def common_with(self, seen: str) -> tuple[str, ...]:
        """What it shares with the resource of a use, in the form of a policy; mostly one or none.

        A use that ends in ``/*`` is about whatever begins so, since objects are counted by prefix;
        another ``*`` stands for itself. A use of ``*`` is about some resource.
        """
        if seen == "*":
            return (self.written,)
        if seen.endswith("/*"):
            is_flat = bool(_OBJECTS_AT_TOP.fullmatch(seen))
            rests = [it for it in self._rests(seen[:-1]) if not (is_flat and "/" in it)]
            found = [escaped(seen[:-1]) + _written(rest) for rest in rests]
        else:
            found = [escaped(seen)] if self._matches(seen) else []
        if found and self.has_variables:
            return (self.written,)
        return without_narrower(found)

    def overlaps(self, seen: str) -> bool:
        """Whether it has something in common with the resource of a use as a policy has that."""
        if seen == "*":
            return True
        return (
            any(True for _ in self._rests(seen[:-1]))
            if seen.endswith("/*")
            else self._matches(seen)
        )

    def _matches(self, text: str) -> bool:
        return self._pattern is None or bool(self._pattern.matches(text, _NOTHING))

    def _rests(self, prefix: str) -> Iterator[list[Token]]:
        """What follows in it where a text that it matches begins with the prefix."""
        positions = self._past_any_text({0})
        for character in prefix:
            taking = [it for it in positions if self._takes(it, character)]
            after = {it + (self._tokens[it] is not Wildcard.TEXT) for it in taking}
            positions = self._past_any_text(after)
        for position in sorted(positions):
            rest = self._tokens[position:]
            if rest and self._matches(prefix + _plain(rest)):
                yield rest

    def _takes(self, position: int, character: str) -> bool:
        if position == len(self._tokens):
            return False
        token = self._tokens[position]
        return isinstance(token, Wildcard) or token == character

    def _past_any_text(self, positions: Iterable[int]) -> set[int]:
        """The positions, and those behind where any text may be none."""
        found: set[int] = set()
        for position in positions:
            at = position
            found.add(at)
            while at < len(self._tokens) and self._tokens[at] is Wildcard.TEXT:
                at += 1
                found.add(at)
        return found


def without_narrower(resources: Iterable[str]) -> tuple[str, ...]:
    """Resources of a policy, without those that another one of them includes."""
    found = sorted(set(resources))
    wide = [one for one in found if one.endswith("*")]
    return tuple(
        one for one in found if not any(one != it and one.startswith(it[:-1]) for it in wide)
    )


def _token(piece: str) -> Token:
    if len(piece) > 1:
        return _ESCAPED.get(piece, Wildcard.TEXT)
    return _WILDCARDS.get(piece, piece)


def _written(tokens: Iterable[Token]) -> str:
    return "".join(
        one.value if isinstance(one, Wildcard) else _ESCAPES.get(one, one) for one in tokens
    )


def _plain(tokens: Iterable[Token]) -> str:
    return "".join(one.value if isinstance(one, Wildcard) else one for one in tokens)
