"""What requests say in their query and headers, checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.errors import BadRequestError
from objects.data.bucket import Conditions

if TYPE_CHECKING:
    from gateway.request import Request

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
_ENTITY_TAG = re.compile(r'"[\x21\x23-\x7e]*"')
_NO_SUCH_TAG = '"-"'


def is_asked(request: Request, name: str) -> bool:
    """Whether `name=presigned` is in the query."""
    value = request.query_value(name)
    if value not in (None, "presigned"):
        raise BadRequestError.of(name, "expected presigned")
    return value is not None


def read_conditions(request: Request) -> Conditions:
    """Conditions of a read: a weak tag is as good as a strong one for `If-None-Match`."""
    unless = request.headers.get("if-none-match")
    tag = None if unless is None else _tag("If-None-Match", unless.strip().removeprefix("W/"))
    return Conditions(_expected_tag(request), tag)


def write_conditions(request: Request) -> Conditions:
    """Conditions of a write: create only, or change only what the caller has seen."""
    unless = request.headers.get("if-none-match")
    if unless is not None and unless.strip() != "*":
        raise BadRequestError.of("If-None-Match", "expected *")
    expected = _expected_tag(request)
    if unless is not None and expected is not None:
        raise BadRequestError.of("If-None-Match", "not together with If-Match")
    return Conditions(expected, None if unless is None else "*")


def no_conditions(request: Request) -> None:
    """Refuse what would be ignored: a list has no entity tag, nor has a URL."""
    for header in ("If-Match", "If-None-Match"):
        if header.lower() in request.headers:
            raise BadRequestError.of(header, "only where an object is read, written or deleted")


def delete_conditions(request: Request) -> Conditions:
    if "if-none-match" in request.headers:
        raise BadRequestError.of("If-None-Match", "nothing to delete where there is nothing")
    return Conditions(_expected_tag(request))


def _expected_tag(request: Request) -> str | None:
    """The tag in `If-Match`; a weak one matches nothing (RFC 9110, section 13.1.1)."""
    text = request.headers.get("if-match")
    if text is None:
        return None
    tag = _tag("If-Match", text.strip().removeprefix("W/"))
    return _NO_SUCH_TAG if text.strip().startswith("W/") else tag


def _tag(header: str, text: str) -> str:
    if not _ENTITY_TAG.fullmatch(text):
        raise BadRequestError.of(header, "expected one entity tag in quotes, as in ETag")
    return text
