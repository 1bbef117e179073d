"""The answers API Gateway gives itself, in the error format of the services."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk.aws_apigateway import GatewayResponse, ResponseType, RestApi
from constructs import Construct

from cloudworthy.constructs.rest_authorizers import RestAuth

REQUEST_ID: Final = "$context.requestId"

# Response type: code, message. The status stays the one that API Gateway gives it.
# Source: API Gateway developer guide, "Gateway response types" (documented).
_ANSWERS: Final[Mapping[str, tuple[str, str]]] = {
    "ACCESS_DENIED": ("forbidden", "You may not do this."),
    "API_CONFIGURATION_ERROR": ("internal_error", "The request could not be handled."),
    "AUTHORIZER_CONFIGURATION_ERROR": ("internal_error", "The request could not be handled."),
    "AUTHORIZER_FAILURE": ("internal_error", "The request could not be handled."),
    "BAD_REQUEST_BODY": ("invalid_request", "The request body is not valid."),
    "BAD_REQUEST_PARAMETERS": ("invalid_request", "A request parameter is not valid."),
    "DEFAULT_4XX": ("bad_request", "The request could not be understood."),
    "DEFAULT_5XX": ("internal_error", "The request could not be handled."),
    "EXPIRED_TOKEN": ("forbidden", "The credentials have expired."),
    "INTEGRATION_FAILURE": ("internal_error", "The request could not be handled."),
    "INTEGRATION_TIMEOUT": ("timeout", "The request took too long."),
    "INVALID_API_KEY": ("forbidden", "A valid x-api-key header is required."),
    "INVALID_SIGNATURE": ("forbidden", "The signature of the request is not valid."),
    "MISSING_AUTHENTICATION_TOKEN": ("not_found", "There is nothing at this address."),
    "QUOTA_EXCEEDED": ("too_many_requests", "The quota of this API key is used up."),
    "REQUEST_TOO_LARGE": ("payload_too_large", "The request body is too large."),
    "RESOURCE_NOT_FOUND": ("not_found", "There is nothing at this address."),
    "THROTTLED": ("too_many_requests", "Too many requests. Try again in a moment."),
    "UNAUTHORIZED": ("unauthorized", "Credentials are required."),
    "UNSUPPORTED_MEDIA_TYPE": ("unsupported_media_type", "The content type is not supported."),
    "WAF_FILTERED": ("forbidden", "The request was refused."),
}

# A request without a signature gets this answer, and one that asks for what there is not.
_UNSIGNED: Final = ("forbidden", "A signed request is required.")
# Source: RFC 6750, section 3 (documented).
_CHALLENGE: Final[Mapping[str, str]] = {"WWW-Authenticate": "'Bearer'"}
# A bucket of requests that is empty has some again within the second; a quota has not.
_MORE_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {"THROTTLED": {"Retry-After": "'1'"}}


def error_body(code: str, message: str) -> str:
    """The error format, as a gateway response template."""
    error = {"code": code, "message": message, "request_id": REQUEST_ID}
    return json.dumps({"error": error})


def answer_errors(
    scope: Construct, api: RestApi, cors_origins: Sequence[str], auth: RestAuth
) -> None:
    """Give each gateway response of an API the error format and CORS headers."""
    headers = {
        "Access-Control-Allow-Origin": _allowed_origin(cors_origins),
        "Access-Control-Expose-Headers": "'x-amzn-RequestId,Retry-After'",
        "Cache-Control": "'no-store'",
    }
    answers = dict(_ANSWERS)
    if auth is RestAuth.IAM:
        answers["MISSING_AUTHENTICATION_TOKEN"] = _UNSIGNED
    for name, (code, message) in answers.items():
        challenge = _CHALLENGE if (auth, name) == (RestAuth.JWT, "UNAUTHORIZED") else {}
        GatewayResponse(
            scope,
            _construct_id(name),
            rest_api=api,
            type=ResponseType.of(name),
            response_headers={**headers, **challenge, **_MORE_HEADERS.get(name, {})},
            templates={"application/json": error_body(code, message)},
        )


def _allowed_origin(cors_origins: Sequence[str]) -> str:
    """The allowed origin of the gateway's own errors.

    A gateway response can set a constant or echo a request header, nothing in between. These
    answers hold a code and a sentence and no data, and browsers send no credentials along, so
    with several origins the caller's own is echoed.
    """
    if len(cors_origins) == 1:
        return f"'{cors_origins[0]}'"
    return "method.request.header.origin"


def _construct_id(response_type: str) -> str:
    return response_type.title().replace("_", "")
