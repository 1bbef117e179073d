"""Checking S3's older signature, which SDKs still make for presigned URLs by default."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import parse_qsl

from cloudworthy.local.endpoint.call import Signature
from cloudworthy.local.model.http import Request

_SIGNED_PARAMETERS = frozenset(
    {
        "accelerate", "acl", "cors", "defaultObjectAcl", "delete", "lifecycle", "location",
        "logging", "notification", "partNumber", "policy", "replication", "requestPayment",
        "response-cache-control", "response-content-disposition", "response-content-encoding",
        "response-content-language", "response-content-type", "response-expires", "restore",
        "select", "select-type", "storageClass", "tagging", "torrent", "uploadId", "uploads",
        "versionId", "versioning", "versions", "website",
    }
)  # fmt: skip


def is_valid(request: Request, signature: Signature, secret: str) -> bool:
    """Whether a query's ``Signature`` is what the secret key makes of the request.

    Source: Amazon S3 API reference, "Signing and authenticating REST requests (AWS signature
    version 2)" (documented).
    """
    parameters = parse_qsl(request.query, keep_blank_values=True)
    lines = [
        request.method,
        request.header("content-md5") or "",
        request.header("content-type") or "",
        dict(parameters).get("Expires", ""),
        *_amazon_headers(request, parameters),
        request.path + _subresources(parameters),
    ]
    digest = hmac.digest(secret.encode(), "\n".join(lines).encode(), "sha1")
    expected = base64.b64encode(digest)
    return hmac.compare_digest(expected, signature.value.encode())


def _amazon_headers(request: Request, parameters: list[tuple[str, str]]) -> list[str]:
    """``x-amz-`` headers; a presigned URL carries them as parameters of the same names."""
    every = [*request.headers, *parameters]
    found = {k.lower(): v.strip() for k, v in every if k.lower().startswith("x-amz-")}
    return [f"{name}:{value}" for name, value in sorted(found.items())]


def _subresources(parameters: list[tuple[str, str]]) -> str:
    kept = sorted((name, value) for name, value in parameters if name in _SIGNED_PARAMETERS)
    rendered = "&".join(f"{name}={value}" if value else name for name, value in kept)
    return f"?{rendered}" if rendered else ""
