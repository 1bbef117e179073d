"""How API Gateway refuses what is not, or not rightly, signed."""

from __future__ import annotations

from cloudworthy.local.apigateway.errors import (
    EXPIRED_TOKEN,
    INVALID_SIGNATURE,
    MISSING_AUTHENTICATION_TOKEN,
    GatewayError,
)

_TYPES = {
    "ExpiredTokenException": EXPIRED_TOKEN,
    "MissingAuthenticationTokenException": MISSING_AUTHENTICATION_TOKEN,
}


def refused_signature(code: str, message: str) -> GatewayError:
    """The error for AWS's error code, e.g. ``InvalidSignatureException``."""
    known = _TYPES.get(code)
    response_type = known or INVALID_SIGNATURE._replace(error_type=code)
    return GatewayError(response_type, message=message, reason=message)


def not_a_signature(authorization: str) -> GatewayError:
    """What AWS says when it takes an Authorization header for a signature.

    Source: rest-errors-022 (captured).
    """
    token = authorization.rpartition(" ")[2]
    message = (
        f"'{token}' not a valid key=value pair (missing equal-sign) "
        f"in Authorization header: '{authorization}'."
    )
    return GatewayError(INVALID_SIGNATURE, message=message)
