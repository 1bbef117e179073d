"""What a PartiQL statement does to which table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError

_TOKEN = re.compile(
    r"""\s+|'(?:[^']|'')*'|"(?P<quoted>(?:[^"]|"")*)"|(?P<word>[A-Za-z_][\w-]*)|(?P<number>\d+(?:\.\d+)?)|--|/\*|(?P<dot>\.)|.""",
    re.DOTALL,
)
Token = tuple[str, str]
"""Its kind and its text."""

_AFTER = {"FROM": "Select", "INTO": "Insert", "UPDATE": "Update"}
_VERBS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "EXISTS"})


def accesses(statement: str) -> list[tuple[str, str]]:
    """Pairs of a verb (``Select``, ``Insert``, ``Update``, ``Delete``) and what it is done to.

    That is a table, or ``table/index/name``.

    Raises
    ------
    UnclassifiedRequestError
        The statement is none of these, or names no table.

    Source: DynamoDB developer guide, "PartiQL - a SQL-compatible query language" and "IAM security
    policies with PartiQL" (documented).
    """
    tokens = list(tokens_of(statement))
    if not tokens or tokens[0] not in {("word", verb) for verb in _VERBS}:
        raise UnclassifiedRequestError("its PartiQL statement is none that DynamoDB knows")
    found = list(_found(tokens))
    if not found:
        raise UnclassifiedRequestError("its PartiQL statement names no table")
    return found


def _found(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    for position, (kind, word) in enumerate(tokens):
        if kind != "word" or word not in _AFTER:
            continue
        deletes = position > 0 and tokens[position - 1] == ("word", "DELETE")
        target = _target(tokens[position + 1 : position + 4])
        if target is None and position > 0 and word == "UPDATE":
            continue
        if target is None:
            raise UnclassifiedRequestError("its PartiQL statement names no table")
        yield "Delete" if deletes else _AFTER[word], target


def _target(tokens: list[Token]) -> str | None:
    names = [text for kind, text in tokens if kind in {"quoted", "name"}]
    if not tokens or tokens[0][0] not in {"quoted", "name"}:
        return None
    if len(tokens) > 2 and tokens[1][0] == "dot" and len(names) == 2:
        return f"{names[0]}/index/{names[1]}"
    return names[0]


def tokens_of(statement: str) -> Iterator[Token]:
    """Keywords in upper case as ``word``, other words as ``name``; texts and signs as ``other``."""
    keywords = _VERBS | set(_AFTER)
    for match in _TOKEN.finditer(statement):
        kind, text = match.lastgroup, match[0]
        if kind == "quoted":
            yield "quoted", match["quoted"].replace('""', '"')
        elif kind == "word":
            yield ("word", text.upper()) if text.upper() in keywords else ("name", text)
        elif kind in {"dot", "number"}:
            yield kind, text
        elif text in {"--", "/*"}:
            raise UnclassifiedRequestError("its PartiQL statement has a comment")
        elif not text.isspace():
            yield "other", text
