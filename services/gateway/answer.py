from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.cors import Cors
    from gateway.errors import ApiError
    from gateway.request import Request

_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers; without a document there is no body at all."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_of(error: ApiError, request_id: str) -> Answer:
    """The error in the form that every error of the API has."""
    described: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details is not None:
        described["details"] = error.details
    described["request_id"] = request_id
    return Answer(error.status, {"error": described}, error.headers)


def render(answer: Answer, request: Request | None, cors: Cors | None) -> dict[str, Any]:
    """The answer as a proxy integration returns it; HEAD gets the headers of GET alone.

    One form for both payload versions: 2.0 takes what it does not infer as 1.0 does.
    """
    origin = request.headers.get("origin") if request else None
    headers = {**_ALWAYS, **(cors.headers(origin) if cors else {}), **answer.headers}
    body = ""
    if answer.document is not None:
        headers["Content-Type"] = "application/json"
        if request is None or request.method != "HEAD":
            body = json.dumps(answer.document, ensure_ascii=False, separators=(",", ":"))
    return {
        "statusCode": answer.status,
        "headers": headers,
        "body": body,
        "isBase64Encoded": False,
    }
