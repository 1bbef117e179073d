"""Access logs: who called a stage, in the format that the stage asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Generic, TypeVar

_VARIABLE = re.compile(r"\$context\.(\w[\w-]*(?:\.\w[\w-]*)*)")
_NONE = "-"
_X = TypeVar("_X")
Getter = Callable[[_X], "str | None"]


class AccessLogFormat(Generic[_X]):
    """A format, split once into its constant texts and its variables.

    A variable without a value is ``-``. In a JSON format values are escaped, so that a
    line stays JSON whatever the caller sends as its user agent.

    Parameters
    ----------
    text
        What the stage says.
    getter_of
        How to get the variable of this name, or None when there is no such variable.

    Source: Amazon API Gateway developer guide, "Set up CloudWatch logging for REST APIs" and
    "Configure logging for HTTP APIs" (documented); the escaping is assumed.
    """

    def __init__(self, text: str, getter_of: Callable[[str], Getter[_X] | None]) -> None:
        escape = text.lstrip().startswith("{")
        # Even parts are constant, odd ones are names of variables.
        parts = _VARIABLE.split(text)
        self._constants = parts[::2]
        self._pieces = [_piece(name, getter_of(name), escape=escape) for name in parts[1::2]]

    def line(self, exchange: _X) -> str:
        values = [piece(exchange) for piece in self._pieces]
        texts = [self._constants[0]]
        for value, constant in zip(values, self._constants[1:], strict=True):
            texts += (value, constant)
        return "".join(texts)


def _piece(name: str, getter: Getter[_X] | None, *, escape: bool) -> Callable[[_X], str]:
    if getter is None:
        return lambda _: _NONE
    quoted = name.endswith("String")
    return _escaped(getter) if escape and not quoted else _plain(getter)


def _plain(getter: Getter[_X]) -> Callable[[_X], str]:
    return lambda exchange: getter(exchange) or _NONE


def _escaped(getter: Getter[_X]) -> Callable[[_X], str]:
    def piece(exchange: _X) -> str:
        value = getter(exchange)
        return encode_basestring(value)[1:-1] if value else _NONE

    return piece
