"""The members of an XML body."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError

_DEEPEST = 32


def xml_members(body: bytes) -> dict[str, Any]:
    """What stands in the root element; elements of one name are a list.

    Raises
    ------
    UnclassifiedRequestError
        The document defines entities or is nested without end: nobody means well by it.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes it by position only
    except (expat.ExpatError, ValueError):
        return {}
    return reader.members


class _Reader:
    def __init__(self) -> None:
        self.members: dict[str, Any] = {}
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise UnclassifiedRequestError("its XML is nested too deeply")
        self._open.append((name.rpartition(" ")[2], {}, []))

    def text(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, _name: str) -> None:
        name, inner, texts = self._open.pop()
        if not self._open:
            self.members = inner
            return
        value: Any = inner or "".join(texts)
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

    def refuse(self, *_declaration: object) -> None:
        raise UnclassifiedRequestError("its XML defines entities")
