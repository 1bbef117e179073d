"""The members of a JSON object, those that are stored as the texts that they were sent as.

Whoever stores JSON needs no more than to know that it is JSON: the text itself keeps every digit
of a number, the order of members and the spelling of strings.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NoReturn

from objects.logic.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON value other than a string, as it was spelt."""

    text: str


def json_members(body: bytes) -> dict[str, str | Json]:
    """Read an object: strings as strings, anything else as it was spelt.

    Raises
    ------
    InvalidInputError
        It is not UTF-8, not JSON or not an object.
    """
    try:
        text = body.decode("utf-8")
        is_object = isinstance(_DECODER.decode(text), dict)
    except UnicodeDecodeError as error:
        raise InvalidInputError("body", "not UTF-8") from error
    except RecursionError as error:
        raise InvalidInputError("body", "nested too deeply") from error
    except ValueError as error:
        raise InvalidInputError("body", "not JSON") from error
    if not is_object:
        raise InvalidInputError("body", "expected an object")
    return _split(text)


def _split(text: str) -> dict[str, str | Json]:
    """Take an object apart that is known to be one; the last member of a name counts."""
    members: dict[str, str | Json] = {}
    at = _next(text, text.index("{") + 1)
    while text[at] != "}":
        name, end = _DECODER.raw_decode(text, at)
        at = _next(text, end)
        value, end = _DECODER.raw_decode(text, at)
        is_string = text[at] == '"'
        members[name] = value if is_string else Json(text[at:end])
        at = _next(text, end)
    return members


def _next(text: str, at: int) -> int:
    """Where the next name, value or brace starts."""
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_BETWEEN = re.compile(r"[ \t\n\r]*[:,]?[ \t\n\r]*")
# Numbers are only looked at: making an `int` of a long one takes quadratic time.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_constant)
