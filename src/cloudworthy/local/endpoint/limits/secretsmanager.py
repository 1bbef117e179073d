"""AWS Secrets Manager.

Source: Secrets Manager API reference, ``CreateSecret``, ``PutSecretValue``, ``DeleteSecret``:
65,536 bytes of a value, 7 to 30 days until a secret is deleted (documented); the sentences are
those of the services' validation, which leaves a secret value out.
"""

from __future__ import annotations

from typing import Final

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.endpoint.limits.documents import document_of, size
from cloudworthy.local.model.http import Request

_MOST_BYTES: Final = 65_536
_WRITES: Final = frozenset({"CreateSecret", "PutSecretValue", "UpdateSecret"})
_DAYS: Final = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."


def check_secretsmanager(request: Request, operation: str) -> None:
    """See ``check_limits``."""
    if operation in _WRITES and len(request.body) > _MOST_BYTES:
        _check_value(request)
    elif operation == "DeleteSecret":
        days = document_of(request).get("RecoveryWindowInDays")
        if isinstance(days, int) and not 7 <= days <= 30:
            raise AwsError("InvalidParameterException", _DAYS, 400)


def _check_value(request: Request) -> None:
    document = document_of(request)
    binary = size(document.get("SecretBinary"))
    padding = str(document.get("SecretBinary", ""))[-2:].count("=")
    sizes = {
        "secretString": size(document.get("SecretString")),
        "secretBinary": binary * 3 // 4 - padding,
    }
    for member, found in sizes.items():
        if found > _MOST_BYTES:
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
                f"Member must have length less than or equal to {_MOST_BYTES}",
                400,
            )
