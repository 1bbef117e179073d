"""Answers in XML of services that would answer API Gateway in JSON.

API Gateway sends ``Accept: application/json``, and SQS, SNS and the like then answer in JSON.
Source: answers shown in public questions about SQS and SNS behind API Gateway (captured).
"""

from __future__ import annotations

import json
from xml.etree.ElementTree import Element, ParseError, fromstring

_LISTS = frozenset({"member", "entry"})


def as_json(body: bytes) -> bytes:
    """The same document in JSON; what is no XML stays as it is."""
    try:
        root = fromstring(body)  # noqa: S314 - an answer of our own engine
    except ParseError:
        return body
    value = _value(root)
    if _name(root) != "ErrorResponse":
        value = {_name(root): value}
    return json.dumps(value).encode()


def _value(element: Element) -> object:
    children = list(element)
    if not children:
        return element.text
    names = [_name(child) for child in children]
    if set(names) <= _LISTS:
        return [_value(child) for child in children]
    found: dict[str, object] = {}
    for name, child in zip(names, children, strict=True):
        if names.count(name) > 1:
            members = found.setdefault(name, [])
            if isinstance(members, list):
                members.append(_value(child))
        else:
            found[name] = _value(child)
    return found


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
