"""Which requests change state, and which of those cannot be repeated exactly."""

from __future__ import annotations

import json

from cloudworthy.local.engines.moto_child.operation import operation_of
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


def may_change_state(request: Request) -> bool:
    """False only for requests that are known to leave everything as it is."""
    operation = operation_of(request)
    name = operation.name
    if not name:
        return request.method not in {"GET", "HEAD", "OPTIONS"}
    if operation.service == "kms" and (name in _KEYS_AT_WORK or name.startswith("Generate")):
        return False
    return name in _WRITING_IN_SPITE_OF_THEIR_NAME or not name.startswith(_READING_VERBS)


def has_changed_state(request: Request, response: Response) -> bool:
    """Whether a request that may change state did."""
    if response.status >= 400:
        return False
    if operation_of(request).receives_messages:
        return b'"Messages"' in response.body or b"<Message>" in response.body
    return True


def is_repeatable(request: Request) -> bool:
    """False when the outcome holds a private key, which comes from outside of Python."""
    operation = operation_of(request)
    if operation.service == "kms" and operation.name == "CreateKey":
        asked = json.loads(request.body or b"{}")
        spec = asked.get("KeySpec") or asked.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
        return spec == "SYMMETRIC_DEFAULT" or str(spec).startswith("HMAC_")
    return operation.service not in _WITH_PRIVATE_KEYS
