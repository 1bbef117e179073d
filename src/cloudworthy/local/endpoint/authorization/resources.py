"""The ARNs that a rule's texts stand for in one request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from cloudworthy.local.endpoint.authorization.members import Members
from cloudworthy.local.endpoint.authorization.readings import LOOKED_UP, READINGS, Surroundings

ANY = "*"
"""The resource of an action that takes none, or of a request that names none that there can be."""

_PLACE = re.compile(r"\{((?:[^{}]|\{\})+)\}")
_PARTS = re.compile(r"(?P<path>[^!|]+)(?:!(?P<reading>[\w-]+))?(?:\|(?P<default>.+))?")


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    reading: str
    default: str


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[str | _Place, ...]:
    """Literals and places in turn, beginning and ending with a literal."""
    return tuple(
        _place(part) if position % 2 else part for position, part in enumerate(_PLACE.split(text))
    )


@lru_cache(maxsize=4096)
def _place(text: str) -> _Place:
    found = _PARTS.fullmatch(text)
    if found is None:
        message = f"{text!r} is no place of a request"
        raise ValueError(message)
    return _Place(found["path"], found["reading"] or "", found["default"] or "")


async def resources_of(
    texts: tuple[str, ...], members: Members, around: Surroundings
) -> list[str] | None:
    """The ARNs of the first text that the request can fill; None if it can fill none."""
    if texts == (ANY,):
        return [ANY]
    for text in texts:
        found = await _filled(text, members, around)
        if found:
            return found
    return None


async def has(text: str, members: Members, around: Surroundings) -> bool:
    """Whether a request has what a rule's ``when`` names."""
    if text.startswith("@") and "!" not in text:
        return members.has_header(text[1:])
    return bool(await _values(_place(text), members, around))


async def _filled(text: str, members: Members, around: Surroundings) -> list[str]:
    columns = [
        [part] if isinstance(part, str) else await _values(part, members, around)
        for part in _parsed(text)
    ]
    arns = (_joined(parts) for parts in product(*columns))
    return list(dict.fromkeys(arn if arn.startswith("arn:") else ANY for arn in arns))


def _joined(parts: tuple[str, ...]) -> str:
    """An ARN in the place of a name takes the place of all that is before it."""
    for position in range(len(parts) - 2, 0, -2):
        if parts[position].startswith("arn:"):
            return "".join(parts[position:])
    return "".join(parts)


async def _values(place: _Place, members: Members, around: Surroundings) -> list[str]:
    match place.path:
        case "region":
            return [around.region]
        case "account":
            return [around.account]
        case "request.path":
            return [around.path]
    values = [value or place.default for value in members.values(place.path)]
    if not values and place.default and "[]" not in place.path:
        values = [place.default]
    if place.reading in LOOKED_UP:
        read = LOOKED_UP[place.reading]
        return [text for value in values for text in await read(value, around)]
    if place.reading:
        reading = READINGS[place.reading]
        return [text for value in values for text in reading(value, around)]
    return [_text(value) for value in values]


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)
