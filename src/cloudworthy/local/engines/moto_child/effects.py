"""Which requests change state, and which of those cannot be repeated exactly."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from cloudworthy.local.model.http import Request, Response

_READING_VERBS = (
    "BatchGet",
    "Check",
    "Describe",
    "Estimate",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Search",
    "Select",
    "Simulate",
    "Test",
    "Validate",
    "Verify",
)
_WRITING_IN_SPITE_OF_THEIR_NAME = frozenset(
    {"GetCredentialsForIdentity", "GetId", "GetOpenIdToken", "GetOpenIdTokenForDeveloperIdentity"}
)
_KEYS_AT_WORK = frozenset({"Decrypt", "Encrypt", "ReEncrypt", "Sign"})
"""Operations of KMS that use a key and leave everything as it was."""
_WITH_PRIVATE_KEYS = frozenset({"acm", "acm-pca", "iot"})
"""Services that make key pairs, which no seed repeats."""


def operation_of(request: Request) -> tuple[str, str]:
    """Target prefix (or empty) and operation name (empty for REST)."""
    target = request.header("x-amz-target")
    if target:
        prefix, _, name = target.rpartition(".")
        return prefix, name
    if "/operation/" in request.path:
        return "", request.path.rsplit("/", 1)[1]
    content_type = request.header("content-type") or ""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return "", parse_qs(request.body.decode("latin-1")).get("Action", [""])[0]
    return "", parse_qs(request.query).get("Action", [""])[0]


def may_change_state(request: Request) -> bool:
    """False only for requests that are known to leave everything as it is."""
    prefix, name = operation_of(request)
    if not name:
        return request.method not in {"GET", "HEAD", "OPTIONS"}
    if prefix == "TrentService" and (name in _KEYS_AT_WORK or name.startswith("Generate")):
        return False
    return name in _WRITING_IN_SPITE_OF_THEIR_NAME or not name.startswith(_READING_VERBS)


def has_changed_state(request: Request, response: Response) -> bool:
    """Whether a request that may change state did."""
    if response.status >= 400:
        return False
    if operation_of(request)[1] == "ReceiveMessage":
        return b'"Messages"' in response.body or b"<Message>" in response.body
    return True


def is_repeatable(request: Request) -> bool:
    """False when the outcome holds a private key, which comes from outside of Python."""
    prefix, name = operation_of(request)
    if prefix == "TrentService" and name == "CreateKey":
        asked = json.loads(request.body or b"{}")
        spec = asked.get("KeySpec") or asked.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
        return spec == "SYMMETRIC_DEFAULT" or str(spec).startswith("HMAC_")
    scope = (request.header("authorization") or "").partition(",")[0].split("/")
    return len(scope) < 5 or scope[3] not in _WITH_PRIVATE_KEYS
