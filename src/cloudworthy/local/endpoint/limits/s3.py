"""Amazon S3.

Sources: S3 user guide, "Object key names", "User-defined object metadata", "Presigned URLs"; S3
API reference, "Error responses", ``UploadPart``, ``DeleteObjects`` (documented).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, unquote_to_bytes

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.model.http import Request

_MOST_KEY_BYTES: Final = 1_024
_MOST_METADATA_BYTES: Final = 2_048
_MOST_EXPIRES_S: Final = 604_800
_MOST_DELETED: Final = 1_000
_METADATA: Final = "x-amz-meta-"
_OBJECT: Final = re.compile(rb"<(?:\w+:)?Object[\s>]")
_EXPIRES: Final = (
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must "
    "be less than 604800 seconds"
)


def check_s3(request: Request, operation: str) -> None:
    """See ``check_limits``."""
    if len(request.target) > _MOST_KEY_BYTES:
        _check_key(request)
    if request.method in ("PUT", "POST"):
        _check_metadata(request)
    if request.query:
        _check_query(request, operation)


def _check_key(request: Request) -> None:
    key = request.path.lstrip("/").partition("/")[2]
    if len(unquote_to_bytes(key)) > _MOST_KEY_BYTES:
        raise AwsError("KeyTooLongError", "Your key is too long", 400)


def _check_metadata(request: Request) -> None:
    """Names without their prefix, and values."""
    used = sum(
        len(name) - len(_METADATA) + len(value)
        for name, value in request.headers
        if name.lower().startswith(_METADATA)
    )
    if used > _MOST_METADATA_BYTES:
        message = "Your metadata headers exceed the maximum allowed metadata size"
        raise AwsError("MetadataTooLarge", message, 400)


def _check_query(request: Request, operation: str) -> None:
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    expires = query.get("X-Amz-Expires", "")
    if expires.isdigit() and int(expires) > _MOST_EXPIRES_S:
        raise AwsError("AuthorizationQueryParametersError", _EXPIRES, 400)
    part = query.get("partNumber", "")
    if request.method == "PUT" and part.isdigit() and not 1 <= int(part) <= 10_000:
        message = "Part number must be an integer between 1 and 10000, inclusive"
        raise AwsError("InvalidArgument", message, 400)
    if operation == "DeleteObjects" and len(_OBJECT.findall(request.body)) > _MOST_DELETED:
        message = (
            "The XML you provided was not well-formed or did not validate against our published "
            "schema"
        )
        raise AwsError("MalformedXML", message, 400)
