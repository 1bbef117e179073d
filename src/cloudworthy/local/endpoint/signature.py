"""Checking a Signature Version 4 with the secret key."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from urllib.parse import quote, unquote

from cloudworthy.local.endpoint.call import Signature, SignatureKind
from cloudworthy.local.model.http import Request

_UNRESERVED = "-_.~"
_EMPTY_HASH = hashlib.sha256(b"").hexdigest()


def is_valid(request: Request, signature: Signature, secret: str) -> bool:
    """Whether the signature is what the secret key makes of the request and its body.

    Source: AWS Signature Version 4, "Create a signed request" (documented).
    """
    presigned = signature.kind is SignatureKind.V4_QUERY
    query = _parameters(request.query) if request.query else []
    headers = _header_values(request)
    time = dict(query).get("X-Amz-Date", "") if presigned else headers.get("x-amz-date", "")
    stated_hash = headers.get("x-amz-content-sha256")
    if stated_hash is None:
        unsigned = presigned and signature.service == "s3"
        stated_hash = "UNSIGNED-PAYLOAD" if unsigned else _hash_of(request.body)
    elif len(stated_hash) == len(_EMPTY_HASH) and stated_hash != _hash_of(request.body):
        return False
    scope = f"{signature.date}/{signature.region}/{signature.service}/aws4_request"
    canonical = "\n".join(
        (
            request.method,
            _canonical_path(request.path, signature.service),
            _canonical_query(query) if query else "",
            "".join(f"{n}:{headers.get(n, '')}\n" for n in signature.signed_headers.split(";")),
            signature.signed_headers,
            stated_hash,
        )
    )
    digest = hashlib.sha256(canonical.encode("latin-1", "replace")).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}"
    key = _signing_key(secret, signature.date, signature.region, signature.service)
    expected = hmac.digest(key, to_sign.encode("latin-1", "replace"), "sha256").hex()
    return hmac.compare_digest(expected.encode(), signature.value.encode())


def is_valid_policy(signature: Signature, secret: str) -> bool:
    """Whether the signature is what the secret key makes of a form's policy.

    Source: Amazon S3 API reference, "Authenticating requests in browser-based uploads using
    POST" (documented).
    """
    key = _signing_key(secret, signature.date, signature.region, signature.service)
    expected = hmac.digest(key, signature.signed_headers.encode(), "sha256").hex()
    return hmac.compare_digest(expected.encode(), signature.value.encode())


@lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _canonical_path(path: str, service: str) -> str:
    # S3 signs the path as it is sent; every other service encodes it once more.
    return path if path == "/" or service == "s3" else quote(path, safe="/" + _UNRESERVED)


def _parameters(query: str) -> list[tuple[str, str]]:
    pairs = (field.partition("=") for field in query.split("&") if field)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def _canonical_query(parameters: list[tuple[str, str]]) -> str:
    encoded = sorted(
        (quote(name, safe=_UNRESERVED), quote(value, safe=_UNRESERVED))
        for name, value in parameters
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _header_values(request: Request) -> dict[str, str]:
    """Headers by lower-case name, with the white space that a signature ignores left out."""
    values: dict[str, str] = {}
    for name, value in request.headers:
        key = name.lower()
        trimmed = " ".join(value.split())
        values[key] = f"{values[key]},{trimmed}" if key in values else trimmed
    return values


def _hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest() if body else _EMPTY_HASH
