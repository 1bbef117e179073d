"""What one line of an API's access log holds."""

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


def access_log_format() -> AccessLogFormat:
    """The fields as one JSON object a line, each value a string."""
    fields = ",".join(f'"{name}":"{variable}"' for name, variable in ACCESS_LOG_FIELDS.items())
    return AccessLogFormat.custom(f"{{{fields}}}")
