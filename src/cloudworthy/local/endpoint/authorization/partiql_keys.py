"""Which items a PartiQL statement is about, by the values that it gives their attributes.

Source: DynamoDB developer guide, "PartiQL select statements for DynamoDB" (documented): a
statement reads by key where ``WHERE`` sets the partition key equal to values with ``=`` or ``IN``
in every alternative; any other scans the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudworthy.local.endpoint.authorization.partiql import Token, tokens_of

Alternative = Mapping[str, list[str]]
"""Values by attribute."""

_UNREADABLE = ""
"""No key has it, so that nobody may use an item of which it is not known."""
_NAMES = frozenset({"name", "quoted"})
_OPENING = frozenset({"[", "("})


def alternatives_of(statement: str, parameters: Sequence[str]) -> list[Alternative]:
    """What a statement says of its items; parameters are the texts that stand for ``?``."""
    tokens = list(_with_values(statement, iter(parameters)))
    if tokens and tokens[0] == ("word", "INSERT"):
        return [_collected(_members(tokens))]
    parts: list[list[Token]] = [[]]
    conditions = _after_where(tokens)
    for token in conditions:
        if _is_keyword(token, "OR"):
            parts.append([])
        else:
            parts[-1].append(token)
    return [_collected(_equalities(part)) for part in parts]


def _with_values(statement: str, parameters: Iterator[str]) -> Iterator[Token]:
    """Texts, numbers and parameters as ``value``."""
    for kind, text in tokens_of(statement):
        if kind == "number":
            yield "value", text
        elif kind == "other" and text == "?":
            yield "value", next(parameters, _UNREADABLE)
        elif kind == "other" and text.startswith("'"):
            yield "value", text[1:-1].replace("''", "'")
        else:
            yield kind, text


def _is_keyword(token: Token, keyword: str) -> bool:
    return token[0] == "name" and token[1].upper() == keyword


def _after_where(tokens: Sequence[Token]) -> Sequence[Token]:
    for position, token in enumerate(tokens):
        if _is_keyword(token, "WHERE"):
            return tokens[position + 1 :]
    return ()


def _members(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """``'name': value`` of an item."""
    for position, (kind, name) in enumerate(tokens[:-2]):
        if kind == "value" and tokens[position + 1] == ("other", ":"):
            yield name, _value(tokens[position + 2])


def _equalities(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """``name = value`` in either order, and ``name IN [value, ...]``."""
    if any(_is_keyword(token, "NOT") for token in tokens):
        return
    for position, (kind, name) in enumerate(tokens):
        if kind not in _NAMES:
            continue
        following = tokens[position + 1 :]
        if following[:1] == [("other", "=")]:
            yield name, _value(following[1] if len(following) > 1 else ("", ""))
        elif position > 1 and tokens[position - 1] == ("other", "="):
            if tokens[position - 2][0] == "value":
                yield name, tokens[position - 2][1]
        elif following and _is_keyword(following[0], "IN"):
            yield from ((name, value) for value in _listed(following[1:]))


def _listed(tokens: Sequence[Token]) -> Iterator[str]:
    if not tokens or tokens[0][1] not in _OPENING:
        yield _UNREADABLE
        return
    for kind, text in tokens[1:]:
        if kind == "value":
            yield text
        elif text != ",":
            return


def _value(token: Token) -> str:
    return token[1] if token[0] == "value" else _UNREADABLE


def _collected(pairs: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
