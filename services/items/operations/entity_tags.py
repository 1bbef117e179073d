"""An item's version as an entity tag, and the version that a caller expects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateway.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.request import Request

_ENTITY_TAG = re.compile(r'"([\x21\x23-\x7e]*)"')
_VERSION = re.compile(r"[1-9][0-9]{0,17}")
_NO_SUCH_VERSION = -1


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def etag_of(item: Mapping[str, Any]) -> dict[str, str]:
    return etag(item.get("version", 0))


def expected_version(request: Request) -> int | None:
    """The version in `If-Match`; None for any.

    A tag that is none of ours matches no version; so does a weak one, as RFC 9110 has it
    (section 13.1.1).
    """
    text = request.headers.get("if-match", "*").strip()
    if text == "*":
        return None
    tag = _ENTITY_TAG.fullmatch(text.removeprefix("W/"))
    if tag is None:
        raise BadRequestError.of("If-Match", 'expected one entity tag such as "3", or *')
    known = _VERSION.fullmatch(tag.group(1)) and not text.startswith("W/")
    return int(tag.group(1)) if known else _NO_SUCH_VERSION
