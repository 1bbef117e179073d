"""How an action of an AWS service is called.

Source: the services' API references: target prefix and JSON version, or version of the query API
(documented).
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from cloudworthy.local.apigateway.integrations.messages import IntegrationRequest

_FORM = "application/x-www-form-urlencoded"
_JSON_TARGETS = {
    "cognito-idp": ("AWSCognitoIdentityProviderService", "1.1"),
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "events": ("AWSEvents", "1.1"),
    "firehose": ("Firehose_20150804", "1.1"),
    "kinesis": ("Kinesis_20131202", "1.1"),
    "kms": ("TrentService", "1.1"),
    "logs": ("Logs_20140328", "1.1"),
    "secretsmanager": ("secretsmanager", "1.1"),
    "ssm": ("AmazonSSM", "1.1"),
    "states": ("AWSStepFunctions", "1.0"),
}
_QUERY_VERSIONS = {
    "cloudformation": "2010-05-15",
    "iam": "2010-05-08",
    "ses": "2010-12-01",
    "sns": "2010-03-31",
    "sqs": "2012-11-05",
    "sts": "2011-06-15",
}
ACTION_SERVICES = frozenset(_JSON_TARGETS) | frozenset(_QUERY_VERSIONS)
"""Services whose actions can be called by name."""


def answers_xml(service: str) -> bool:
    """Whether a service answers in XML where API Gateway asks it for JSON."""
    return service in _QUERY_VERSIONS


def name_action(request: IntegrationRequest, service: str, action: str) -> None:
    """Make the request a call of an action."""
    if service in _JSON_TARGETS:
        prefix, version = _JSON_TARGETS[service]
        request.headers.set("X-Amz-Target", [f"{prefix}.{action}"])
        request.headers.set("Content-Type", [f"application/x-amz-json-{version}"])
        request.method = "POST"
        request.body = request.body or b"{}"
    else:
        _as_form(request, action, _QUERY_VERSIONS[service])


def _as_form(request: IntegrationRequest, action: str, version: str) -> None:
    """Query parameters and the fields of a form are one list."""
    fields = [(name, value) for name, values in request.query.items() for value in values]
    if (request.headers.get("content-type") or "").startswith(_FORM):
        text = request.body.decode("utf-8", "replace")
        fields += parse_qsl(text, keep_blank_values=True)
    given = dict(fields)
    named = {"Action": action, "Version": given.get("Version", version)}
    fields = [field for field in fields if field[0] not in named]
    request.method, request.query = "POST", {}
    request.body = urlencode([*named.items(), *fields]).encode()
    request.headers.set("Content-Type", [_FORM])
