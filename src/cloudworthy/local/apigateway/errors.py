"""The types of error that the gateway itself answers with."""

from __future__ import annotations

import json
from typing import NamedTuple


class GatewayResponseType(NamedTuple):
    """One of API Gateway's types of error.

    ``spaced`` tells which of two forms the body has while it is not customised: errors of
    the execution have a space after the colon, errors before it have none.

    Source: rest-proxy-response-030 (recorded in part).
    """

    name: str
    status: int
    error_type: str
    message: str | None = None
    spaced: bool = False


def _type(
    name: str, status: int, error_type: str, message: str | None = None, *, spaced: bool = False
) -> GatewayResponseType:
    return GatewayResponseType(name, status, error_type, message, spaced)


_INTERNAL = "InternalServerErrorException"
_INTERNAL_MESSAGE = "Internal server error"

ACCESS_DENIED = _type("ACCESS_DENIED", 403, "AccessDeniedException")
API_CONFIGURATION_ERROR = _type(
    "API_CONFIGURATION_ERROR", 500, _INTERNAL, _INTERNAL_MESSAGE, spaced=True
)
AUTHORIZER_CONFIGURATION_ERROR = _type(
    "AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException"
)
AUTHORIZER_FAILURE = _type("AUTHORIZER_FAILURE", 500, "AuthorizerFailureException")
BAD_REQUEST_PARAMETERS = _type("BAD_REQUEST_PARAMETERS", 400, "BadRequestException", spaced=True)
BAD_REQUEST_BODY = _type(
    "BAD_REQUEST_BODY", 400, "BadRequestException", "Invalid request body", spaced=True
)
DEFAULT_4XX = _type("DEFAULT_4XX", 400, "BadRequestException")
DEFAULT_5XX = _type("DEFAULT_5XX", 500, _INTERNAL, _INTERNAL_MESSAGE, spaced=True)
EXPIRED_TOKEN = _type(
    "EXPIRED_TOKEN",
    403,
    "ExpiredTokenException",
    "The security token included in the request is expired",
)
INTEGRATION_FAILURE = _type("INTEGRATION_FAILURE", 504, _INTERNAL, _INTERNAL_MESSAGE, spaced=True)
INTEGRATION_TIMEOUT = _type(
    "INTEGRATION_TIMEOUT", 504, _INTERNAL, "Endpoint request timed out", spaced=True
)
INVALID_API_KEY = _type("INVALID_API_KEY", 403, "ForbiddenException", "Forbidden")
INVALID_SIGNATURE = _type("INVALID_SIGNATURE", 403, "IncompleteSignatureException")
MISSING_AUTHENTICATION_TOKEN = _type(
    "MISSING_AUTHENTICATION_TOKEN",
    403,
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
)
QUOTA_EXCEEDED = _type("QUOTA_EXCEEDED", 429, "LimitExceededException", "Limit Exceeded")
REQUEST_TOO_LARGE = _type(
    "REQUEST_TOO_LARGE", 413, "BadRequestException", "Request Too Long", spaced=True
)
THROTTLED = _type("THROTTLED", 429, "TooManyRequestsException", "Too Many Requests")
UNAUTHORIZED = _type("UNAUTHORIZED", 401, "UnauthorizedException", "Unauthorized")
UNSUPPORTED_MEDIA_TYPE = _type(
    "UNSUPPORTED_MEDIA_TYPE", 415, "BadRequestException", "Unsupported Media Type", spaced=True
)


class GatewayError(Exception):
    """A request ends with an answer of the gateway itself.

    Parameters
    ----------
    response_type
        Which of API Gateway's error types it is.
    message
        The text, when it is not the type's own.
    status
        The status, when it is not the type's own (a malformed answer is a ``DEFAULT_5XX``
        with 502).
    reason
        What the execution log says about it.
    """

    def __init__(
        self,
        response_type: GatewayResponseType,
        *,
        message: str | None = None,
        status: int | None = None,
        reason: str = "",
        validation_error: str = "",
    ) -> None:
        self.message = response_type.message if message is None else message
        super().__init__(reason or self.message or response_type.name)
        self.response_type = response_type
        self.status = response_type.status if status is None else status
        self.reason = reason
        self.validation_error = validation_error

    @property
    def message_string(self) -> str:
        """The message as JSON: quoted, or ``null``."""
        return json.dumps(self.message, ensure_ascii=False)


def misconfigured(reason: str) -> GatewayError:
    """A fault of the API that comes out with a request, which is 500."""
    reason = f"Execution failed due to configuration error: {reason}"
    return GatewayError(API_CONFIGURATION_ERROR, reason=reason)
