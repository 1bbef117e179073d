"""Content on its way in and out: text, JSON and bytes."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from objects.logic.errors import ContentTooLargeError, InvalidInputError

if TYPE_CHECKING:
    from objects.logic.json_members import Json

MAX_BYTES = 4_500_000
"""As base64 that is 6 MB, which an answer of a Lambda function has room for."""

BINARY = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"

_MAX_ANSWER_BYTES = 6 * 1024 * 1024 - 64 * 1024
_MOST_BYTES_FOR_ONE = 7
_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;[\x20-\x7e]*)?", re.ASCII)
_MAX_TYPE_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Content:
    content: bytes
    content_type: str


def raw_content(body: bytes, content_type: str | None) -> Content:
    """What was sent as it is."""
    return _limited(body, checked_type("Content-Type", content_type or BINARY))


def content_of(data: str | Json, encoding: object, content_type: str | None) -> Content:
    """What a request asks to be stored.

    A string is stored as text, or with the encoding `base64` as the bytes that it stands for.
    Any other value is stored as the JSON that was sent: no number loses a digit.

    Raises
    ------
    InvalidInputError, ContentTooLargeError
    """
    if encoding not in ("utf-8", "base64"):
        raise InvalidInputError("encoding", "expected utf-8 or base64")
    if isinstance(data, str):
        made = _decoded(data) if encoding == "base64" else Content(_encoded(data), TEXT)
    elif encoding == "base64":
        raise InvalidInputError("data", "expected a string of base64")
    else:
        made = Content(data.text.encode("utf-8"), JSON)
    return _limited(made.content, content_type or made.content_type)


def checked_type(field: str, content_type: object) -> str:
    """A content type that S3 can keep."""
    if not isinstance(content_type, str) or len(content_type) > _MAX_TYPE_LENGTH:
        raise InvalidInputError(field, f"expected a text of at most {_MAX_TYPE_LENGTH} characters")
    if not _TYPE.fullmatch(content_type):
        raise InvalidInputError(field, "expected a media type such as text/plain")
    return content_type


def shown(content: bytes) -> tuple[str, str]:
    """Content as a text, and the encoding that makes it one: `utf-8` wherever that fits."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and _fits(text, len(content)):
        return text, "utf-8"
    return base64.b64encode(content).decode("ascii"), "base64"


def _fits(text: str, size: int) -> bool:
    r"""Whether the text fits into an answer: JSON within JSON, which makes `\\u0000` of a zero."""
    if size * _MOST_BYTES_FOR_ONE <= _MAX_ANSWER_BYTES:
        return True
    body = json.dumps(text, ensure_ascii=False)
    return len(json.dumps(body, ensure_ascii=False).encode("utf-8")) <= _MAX_ANSWER_BYTES


def _limited(content: bytes, content_type: str) -> Content:
    if len(content) > MAX_BYTES:
        raise ContentTooLargeError
    return Content(content, content_type)


def _decoded(text: str) -> Content:
    try:
        return Content(base64.b64decode(text, validate=True), BINARY)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError("data", "not base64") from error


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInputError("data", "half a surrogate pair") from error
