"""The JSON object in the body of a request."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn

from gateway.errors import BadRequestError, PayloadTooLargeError, UnsupportedMediaTypeError

if TYPE_CHECKING:
    from gateway.request import Request

MAX_BYTES = 256 * 1024
_INT_DIGITS = 64


def json_object(request: Request) -> dict[str, Any]:
    """Read the body: integers as `int`, fractions as `Decimal`, so that none loses a digit.

    Raises
    ------
    UnsupportedMediaTypeError
        The content type is not `application/json`.
    PayloadTooLargeError
        There are more than `MAX_BYTES` of it.
    BadRequestError
        It is missing, not UTF-8, not JSON or not an object.
    """
    document = _parse(json_bytes(request))
    if not isinstance(document, dict):
        raise BadRequestError.of("body", f"expected an object, found {_kind(document)}")
    return document


def json_bytes(request: Request, max_bytes: int = MAX_BYTES) -> bytes:
    """The body, which calls itself JSON and is not too large; nobody has parsed it yet.

    Raises
    ------
    UnsupportedMediaTypeError, PayloadTooLargeError, BadRequestError
        As `json_object` does.
    """
    content_type = request.headers.get("content-type")
    if content_type is not None or request.body:
        _check_content_type(content_type or "")
    if not request.body:
        raise BadRequestError.of("body", "missing, expected a JSON object")
    if len(request.body) > max_bytes:
        raise PayloadTooLargeError(f"The body is larger than {max_bytes} bytes.")
    return request.body


def _check_content_type(content_type: str) -> None:
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaTypeError("The content type has to be application/json.")


def _parse(body: bytes) -> object:
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise BadRequestError.of("body", "not UTF-8") from error
    except RecursionError as error:
        raise BadRequestError.of("body", "nested too deeply") from error
    except ValueError as error:
        raise BadRequestError.of("body", "not JSON") from error


def _integer(text: str) -> int | Decimal:
    """Converting a long text to `int` takes quadratic time; nobody needs such a number."""
    return int(text) if len(text) <= _INT_DIGITS else Decimal(text)


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "a number"
