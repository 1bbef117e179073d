"""Errors, headers and references."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from items.openapi.description import Description, Schema

# What may go wrong, by status: the text, and the error code of the example.
_ERRORS: dict[int, tuple[str, str]] = {
    400: ("The request is not valid; `details` says which field, and why.", "invalid_request"),
    403: ("The API key is missing or wrong.", "forbidden"),
    404: ("There is nothing with this id.", "not_found"),
    405: ("The path has no such method; `Allow` lists those it has.", "method_not_allowed"),
    409: ("The id is taken.", "conflict"),
    412: ("It is not at the version in `If-Match`.", "precondition_failed"),
    413: ("The body is larger than 256 KB, or the item would become so.", "payload_too_large"),
    415: ("The content type is not `application/json`.", "unsupported_media_type"),
    422: ("The `Idempotency-Key` was used with another body.", "idempotency_key_reused"),
    429: ("Too many requests.", "too_many_requests"),
    500: ("Something went wrong on our side.", "internal_error"),
    503: ("Busy or not reachable; try again after `Retry-After`.", "service_unavailable"),
}
_ALWAYS = (403, 405, 429, 500, 503)


def errors(*statuses: int) -> Schema:
    return errors_of(*sorted({*statuses, *_ALWAYS}))


def errors_of(*statuses: int) -> Schema:
    return {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in statuses}


def error_responses(about: Description) -> Schema:
    left_out = set() if about.chosen_ids else {409}
    if about.changes is None:
        left_out.add(412)
    return {f"Error{each}": _response(each, about) for each in _ERRORS if each not in left_out}


def _response(status: int, about: Description) -> Schema:
    text, code = _ERRORS[status]
    schema = {412: "Conflict", 400: "Invalid"}.get(status, "Error")
    example: Schema = {"error": {"code": code, "message": text, "request_id": "c6af9ac6-7b61"}}
    if status == 400:
        example["error"]["details"] = [{"field": "limit", "reason": "expected a whole number"}]
    if status == 412:
        example["error"]["details"] = {"current": about.example}
    response: Schema = {"description": text, "content": json_of(schema, example)}
    headers = {
        405: {"Allow": header("Allow")},
        412: {"ETag": header("ETag")},
        429: {"Retry-After": header("RetryAfter")},
        503: {"Retry-After": header("RetryAfter")},
    }
    return {**response, "headers": headers[status]} if status in headers else response


def json_of(name: str, example: Schema | None = None) -> Schema:
    media: Schema = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    return {"application/json": {**media, "example": example} if example else media}


def header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}


def headers() -> Schema:
    return {
        "ETag": {
            "description": "The version.",
            "required": True,
            "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
        },
        "Location": {
            "description": "Path below the stage.",
            "required": True,
            "schema": {"type": "string"},
        },
        "Allow": {"description": "Methods of this path.", "schema": {"type": "string"}},
        "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "string"}},
    }
