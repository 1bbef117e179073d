"""The ARNs that a rule's texts stand for in one request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from cloudworthy.local.endpoint.authorization.members import Members
from cloudworthy.local.endpoint.authorization.readings import LOOKED_UP, READINGS, Surroundings
from cloudworthy.local.model.arns import partition_of

ANY = "*"
"""The resource of an action that takes none, or of a request that names none that there can be."""

_PLACE = re.compile(r"\{((?:[^{}]|\{\})+)\}")
_SURROUNDINGS: Mapping[str, Callable[[Surroundings], str]] = {
    "partition": lambda around: partition_of(around.region),
    "region": lambda around: around.region,
    "account": lambda around: around.account,
    "request.path": lambda around: around.path,
}
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
    """The ARNs of all texts that the request can fill; None if it can fill none.

    What names more of a resource, e.g. an index of a table, stands first and takes the place of
    what names less. Of two names for one resource, an engine may go by either: both count.
    """
    if texts == (ANY,):
        return [ANY]
    found: list[str] = []
    named: list[frozenset[str]] = []
    for text in texts:
        paths = _paths(text)
        if any(paths <= others for others in named):
            continue
        arns = await _filled(text, members, around)
        if arns:
            named.append(paths)
            found += arns
    return list(dict.fromkeys(found)) or None


async def has(text: str, members: Members, around: Surroundings) -> bool:
    """Whether a request has what a rule's ``when`` names."""
    if text.startswith("@") and "!" not in text:
        return members.has_header(text[1:])
    return bool(await _values(_place(text), members, around))


@lru_cache(maxsize=4096)
def _paths(text: str) -> frozenset[str]:
    """The members of a request that a text is made of."""
    places = (part.path for part in _parsed(text) if isinstance(part, _Place))
    return frozenset(path for path in places if path not in _SURROUNDINGS)


async def _filled(text: str, members: Members, around: Surroundings) -> list[str]:
    columns = [
        [part] if isinstance(part, str) else await _values(part, members, around, blank=False)
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


async def _values(
    place: _Place, members: Members, around: Surroundings, *, blank: bool = True
) -> list[str]:
    """The values of a place; a member that is there but blank names nothing."""
    if place.path in _SURROUNDINGS:
        return [_SURROUNDINGS[place.path](around)]
    values = [value or place.default for value in members.values(place.path)]
    if not blank and values == [""] and not place.reading and "[]" not in place.path:
        return []
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
