"""The OpenAPI document of the API, made from what the code checks.

`python -m objects.openapi` prints it; a test says when the one in `docs/` is out of date.
Nothing in a deployed function imports this.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from objects.handlers.queries import DEFAULT_LIMIT, MAX_LIMIT
from objects.logic import content, keys
from objects.logic.service import EXPIRES_IN_S

Schema = dict[str, Any]

_ETAG = '"9a0364b9e99bb480dd25e1f0284c8555"'
_TAG_PATTERN = r'^(W/)?"[!#-~]*"$'
_NO_CONTROLS = r"[^\u0000-\u001f\u007f-\u009f]"
_UNLESS = "Answers 304 when the object still has this entity tag."

# What may go wrong, by status: the text, and the error code of the example.
_ERRORS: dict[int, tuple[str, str]] = {
    400: ("The request is not valid; `details` says which field, and why.", "invalid_request"),
    404: ("There is no object with this key.", "not_found"),
    405: ("The path has no such method; `Allow` lists those it has.", "method_not_allowed"),
    412: ("The object is not what the condition says.", "precondition_failed"),
    413: ("Too large; `details` of a read have the URL to use instead.", "payload_too_large"),
    415: ("The content type is not the one asked for.", "unsupported_media_type"),
    500: ("Something went wrong on our side.", "internal_error"),
    503: ("Busy or not reachable; try again after `Retry-After`.", "service_unavailable"),
}
_GATEWAY_ERRORS = {
    401: ("There is no token.", "Unauthorized"),
    403: ("The token is not the right one.", "Forbidden"),
    429: ("Too many requests.", "Too Many Requests"),
}
_ALWAYS = (401, 403, 405, 429, 500, 503)


def document() -> Schema:
    statuses = [*_ERRORS, *_GATEWAY_ERRORS]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Objects",
            "version": "1.0.0",
            "description": "Objects of a Cloudworthy storage API.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The default stage of the HTTP API."}],
        "security": [{"Token": []}],
        "tags": [{"name": "objects"}, {"name": "health"}],
        "paths": {
            "/api/data": {"get": _get(), "post": _write(), "put": _list(), "delete": _delete()},
            "/api/health": {"get": _health()},
        },
        "components": {
            "securitySchemes": {"Token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
            "headers": _headers(),
            "responses": {f"Error{status}": _error_response(status) for status in statuses},
        },
    }


def _get() -> Schema:
    read = {
        "description": "The object, a page of objects, or a presigned download.",
        "headers": {"ETag": _header("ETag")},
        "content": _json("Object", "ObjectList", "Presigned"),
    }
    unchanged = {"description": _UNLESS, "headers": {"ETag": _header("ETag")}}
    return {
        "operationId": "getObject",
        "summary": "Read an object; without a key, list objects",
        "description": f"An object of more than {content.MAX_BYTES:,} bytes is read through a"
        " presigned URL: ask for one, or take it from the 413.",
        "tags": ["objects"],
        "parameters": [
            _query("key", _key()),
            _query("download", {"enum": ["presigned"]}),
            *[_query(name, schema) for name, schema in _list_members().items()],
            _tag_header("If-Match", "Answers 412 when the object has another entity tag."),
            _tag_header("If-None-Match", _UNLESS),
        ],
        "responses": {"200": read, "304": unchanged, **_errors(400, 404, 412, 413)},
    }


def _write() -> Schema:
    written = {
        "description": "The object was written, or may be uploaded.",
        "headers": {"ETag": _header("ETag"), "Location": _header("Location")},
        "content": _json("Written", "Presigned"),
    }
    create_only = {"name": "If-None-Match", "in": "header", "schema": {"enum": ["*"]}}
    return {
        "operationId": "writeObject",
        "summary": "Write an object",
        "description": "As JSON, or as bytes of any other content type with the key in the query."
        f" Content of more than {content.MAX_BYTES:,} bytes is uploaded: `upload=presigned`.",
        "tags": ["objects"],
        "parameters": [
            _query("key", _key()),
            _query("upload", {"enum": ["presigned"]}),
            _tag_header("If-Match", "Changes only the object that has this entity tag."),
            {**create_only, "description": "Creates, and never changes an object."},
        ],
        "requestBody": {
            "required": True,
            "content": {
                **_json("NewObject", "Upload"),
                "application/octet-stream": {"schema": {}},
            },
        },
        "responses": {"201": written, **_errors(400, 412, 413, 415)},
    }


def _list() -> Schema:
    listed = {"description": "A page of objects, by key.", "content": _json("ObjectList")}
    return {
        "operationId": "listObjects",
        "summary": "List objects",
        "description": "What is asked for may be in the query or in the body. `next_token` in the"
        " answer is the token of the next page; it is absent on the last one.",
        "tags": ["objects"],
        "parameters": [_query(name, schema) for name, schema in _list_members().items()],
        "requestBody": {"required": False, "content": _json("ListRequest")},
        "responses": {"200": listed, **_errors(400, 413, 415)},
    }


def _delete() -> Schema:
    return {
        "operationId": "deleteObject",
        "summary": "Delete an object",
        "tags": ["objects"],
        "parameters": [
            {**_query("key", _key()), "required": True},
            _tag_header("If-Match", "Deletes only the object that has this entity tag."),
        ],
        "responses": {"204": {"description": "It is gone, or was."}, **_errors(400, 412)},
    }


def _health() -> Schema:
    states = {
        str(status): {"description": text, "content": _json("Health")}
        for status, text in ((200, "All is well."), (503, "Something is not."))
    }
    states["503"]["headers"] = {"Retry-After": _header("RetryAfter")}
    return {
        "operationId": "getHealth",
        "summary": "State of the bucket",
        "tags": ["health"],
        "security": [],
        "responses": states | _errors_of(405, 429, 500),
    }


def _key() -> Schema:
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": keys.MAX_BYTES,
        "pattern": f"^{_NO_CONTROLS}+$",
        "description": f"1 to {keys.MAX_BYTES} bytes of UTF-8 without control characters; no"
        " segment is empty, `.` or `..`.",
        "example": "reports/2024/june.txt",
    }


def _content_type() -> Schema:
    return {"type": "string", "maxLength": 255, "pattern": r"^[^/]+/[^/\s]+"}


def _list_members() -> Schema:
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    prefix = {"type": "string", "maxLength": keys.MAX_BYTES, "pattern": f"^{_NO_CONTROLS}*$"}
    token = {"type": "string", "pattern": "^[A-Za-z0-9_=-]+$"}
    return {"prefix": prefix, "limit": limit, "token": token}


def _schemas() -> Schema:
    text: Schema = {"type": "string"}
    encoding = {"enum": ["utf-8", "base64"]}
    etag = {"type": "string", "example": _ETAG}
    key = {"key": {"type": "string"}}
    typed = {"content_type": _content_type()}
    new = {"key": _key(), "data": {}, "encoding": {**encoding, "default": "utf-8"}, **typed}
    listed = {**key, "size": {"type": "integer", "minimum": 0}, "etag": etag}
    listed["last_modified"] = {"type": "string", "format": "date-time"}
    presigned = {"method": {"enum": ["PUT", "GET"]}, "headers": {"type": "object"}}
    expires = {"expires_in": {"type": "integer", "example": EXPIRES_IN_S}}
    objects = {"type": "array", "maxItems": MAX_LIMIT, "items": _reference("ListedObject")}
    page = _object({"objects": objects})
    page["properties"]["next_token"] = text
    return {
        "NewObject": _closed(new, "key", "data"),
        "Upload": _closed({"key": _key(), **typed}, "key"),
        "ListRequest": _closed(_list_members()),
        "Written": _object({**key, "etag": etag}),
        "Object": _object(
            {**key, "content": text, "encoding": encoding, "content_type": text, "etag": etag}
        ),
        "Presigned": _object({**key, "url": text, **presigned, **expires}),
        "ListedObject": _object(listed),
        "ObjectList": page,
        "Error": _error({}),
        "Invalid": _error(_problems()),
        "GatewayError": _object({"message": text}),
        "Health": _health_state(),
    }


def _health_state() -> Schema:
    status = {"enum": ["healthy", "unhealthy"]}
    check = _object({"status": status, "latency_ms": {"type": "number", "minimum": 0}})
    check["properties"]["reason"] = {"type": "string"}
    return _object({"status": status, "checks": _object({"s3": check})})


def _error(details: Schema) -> Schema:
    named: Schema = {name: {"type": "string"} for name in ("code", "message", "request_id")}
    error = _object(named)
    error["properties"]["details"] = details
    return _object({"error": error})


def _problems() -> Schema:
    problem = _object({"field": {"type": "string"}, "reason": {"type": "string"}})
    return {"type": "array", "items": problem, "minItems": 1}


def _error_response(status: int) -> Schema:
    if status in _GATEWAY_ERRORS:
        text, message = _GATEWAY_ERRORS[status]
        example: Schema = {"message": message}
        return {"description": text, "content": _json("GatewayError", example=example)}
    text, code = _ERRORS[status]
    example = {"error": {"code": code, "message": text, "request_id": "HBhapgCqoAMEJ0w="}}
    if status == 400:
        example["error"]["details"] = [{"field": "limit", "reason": "expected a whole number"}]
    schema = "Invalid" if status == 400 else "Error"
    response: Schema = {"description": text, "content": _json(schema, example=example)}
    headers = {405: {"Allow": _header("Allow")}, 503: {"Retry-After": _header("RetryAfter")}}
    return {**response, "headers": headers[status]} if status in headers else response


def _headers() -> Schema:
    described = {
        "ETag": "The entity tag of the object, as in `etag`.",
        "Location": "Where the object is read.",
        "Allow": "Methods of this path.",
        "RetryAfter": "Seconds to wait.",
    }
    return {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in described.items()
    }


def _errors(*statuses: int) -> Schema:
    return _errors_of(*sorted({*statuses, *_ALWAYS}))


def _errors_of(*statuses: int) -> Schema:
    return {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in statuses}


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _tag_header(name: str, description: str) -> Schema:
    schema = {"type": "string", "pattern": _TAG_PATTERN}
    return {"name": name, "in": "header", "description": description, "schema": schema}


def _header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(*names: str, example: Schema | None = None) -> Schema:
    several = [_reference(name) for name in names]
    media: Schema = {"schema": several[0] if len(several) == 1 else {"anyOf": several}}
    return {"application/json": {**media, "example": example} if example else media}


def _object(properties: Schema) -> Schema:
    """An answer: it has all of these members, and may get more."""
    return {"type": "object", "properties": dict(properties), "required": [*properties]}


def _closed(properties: Schema, *required: str) -> Schema:
    """A request: it may have these members and no other."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": [*required]} if required else schema


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2)
    sys.stdout.write("\n")
