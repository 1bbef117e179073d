"""What one line of an API's access log holds."""

from collections.abc import Mapping
from typing import Final

from aws_cdk.aws_apigateway import AccessLogFormat

# The standard fields of API Gateway's JSON example, under its names, and those that say why
# a request was slow or refused. None holds text of the caller's (path, user agent): the gateway
# does not escape quotes, and a caller could write log lines of his own.
# Source: API Gateway developer guide, "Variables for access logging" (documented).
ACCESS_LOG_FIELDS: Final = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "caller": "$context.identity.caller",
    "user": "$context.identity.user",
    "requestTime": "$context.requestTime",
    "httpMethod": "$context.httpMethod",
    "resourcePath": "$context.resourcePath",
    "status": "$context.status",
    "protocol": "$context.protocol",
    "responseLength": "$context.responseLength",
    "xrayTraceId": "$context.xrayTraceId",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "integrationStatus": "$context.integration.status",
    "errorType": "$context.error.responseType",
    "errorMessage": "$context.error.message",
}

# The same for an HTTP API, which has a route key for the resource path and no traces of its own.
# Source: API Gateway developer guide, "Customizing HTTP API access logs" (documented).
HTTP_ACCESS_LOG_FIELDS: Final = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "caller": "$context.identity.caller",
    "user": "$context.identity.user",
    "requestTime": "$context.requestTime",
    "httpMethod": "$context.httpMethod",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "protocol": "$context.protocol",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationRequestId": "$context.integration.requestId",
    "integrationLatency": "$context.integrationLatency",
    "integrationStatus": "$context.integrationStatus",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
    "errorType": "$context.error.responseType",
    "errorMessage": "$context.error.message",
}


def access_log_format(fields: Mapping[str, str] = ACCESS_LOG_FIELDS) -> AccessLogFormat:
    """The fields as one JSON object a line, each value a string."""
    pairs = ",".join(f'"{name}":"{variable}"' for name, variable in fields.items())
    return AccessLogFormat.custom(f"{{{pairs}}}")
