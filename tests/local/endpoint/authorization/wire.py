"""Requests as botocore writes them, made without a client and without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.awsrequest import AWSRequest, prepare_request_dict
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from botocore.session import Session

from cloudworthy.local.endpoint.authorization.lookup import NothingKnown, ResourceLookup
from cloudworthy.local.endpoint.authorization.requirements import authorization_of
from cloudworthy.local.endpoint.call import Operation, Signature, SignatureKind
from cloudworthy.local.endpoint.classify import classify
from cloudworthy.local.iam.request import AuthorizationRequest, ContextValue
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal

ACCOUNT = "000000000000"
REGION = "eu-central-1"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/api-role"
FUNCTION = Principal(f"arn:aws:sts::{ACCOUNT}:assumed-role/api-role/api", ACCOUNT, ROLE, "Api")
_SIMPLE = {"blob": b"blob", "boolean": True, "timestamp": NOW, "float": 1.5, "double": 1.5}
SERVICES = (
    "apigateway",
    "apigatewaymanagementapi",
    "apigatewayv2",
    "cloudformation",
    "cloudwatch",
    "cognito-idp",
    "dynamodb",
    "dynamodbstreams",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
    "xray",
)


@cache
def model_of(service: str) -> ServiceModel:
    return Session().get_service_model(service)


def written(
    service: str, operation: str, parameters: Mapping[str, Any], protocol: str = ""
) -> Request:
    """The request that botocore's serializer makes of parameters."""
    model = model_of(service)
    serializer = create_serializer(protocol or model.metadata["protocol"], include_validation=False)
    made: dict[str, Any] = serializer.serialize_to_request(
        dict(parameters), model.operation_model(operation)
    )
    prepare_request_dict(made, endpoint_url="http://127.0.0.1:1", context={})
    prepared = AWSRequest(
        method=made["method"], url=made["url"], headers=made["headers"], data=made["body"]
    ).prepare()
    headers = [(name, _decoded(value)) for name, value in prepared.headers.items()]
    body: Any = prepared.body or b""
    target = "/" + prepared.url.split("/", 3)[3]
    return Request(
        made["method"], target, headers, body.encode() if isinstance(body, str) else bytes(body)
    )


def _decoded(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def signature_for(service: str) -> Signature:
    return Signature(
        SignatureKind.V4_HEADER, region=REGION, service=str(model_of(service).signing_name)
    )


def classified(service: str, request: Request) -> Operation:
    return classify(request, signature_for(service))


def decide_on(
    service: str,
    request: Request,
    *,
    lookup: ResourceLookup | None = None,
    caller_keys: Mapping[str, ContextValue] | None = None,
) -> list[AuthorizationRequest]:
    """What has to be allowed for a request of a function of ours."""
    return asyncio.run(
        authorization_of(
            request,
            classified(service, request),
            FUNCTION,
            account=ACCOUNT,
            region=REGION,
            lookup=lookup or NothingKnown(),
            now=NOW,
            caller_keys=caller_keys,
        )
    )


def needs(
    service: str,
    operation: str,
    parameters: Mapping[str, Any],
    lookup: ResourceLookup | None = None,
) -> dict[str, tuple[str, ...]]:
    """Per action the resources that an operation needs it on."""
    found = decide_on(service, written(service, operation, parameters), lookup=lookup)
    return {request.action: request.resources for request in found}


def keys_of(
    service: str,
    operation: str,
    parameters: Mapping[str, Any],
    lookup: ResourceLookup | None = None,
) -> dict[str, ContextValue]:
    """The condition keys of an operation but for those that every service has."""
    request = written(service, operation, parameters)
    found = decide_on(service, request, lookup=lookup)[0].context
    return {key: value for key, value in found.items() if not key.startswith("aws:")}


def example(shape: Any, *, required_only: bool, depth: int = 0) -> Any:
    """A value of a shape, with all its members or only those that it needs."""
    if shape.type_name == "structure":
        return _structure(shape, required_only=required_only, depth=depth)
    if shape.type_name == "list":
        return [example(shape.member, required_only=required_only, depth=depth + 1)]
    if shape.type_name == "map":
        return {"key": example(shape.value, required_only=required_only, depth=depth + 1)}
    if shape.type_name == "string":
        return _text(shape)
    return _SIMPLE.get(shape.type_name, 1)


def _structure(shape: Any, *, required_only: bool, depth: int) -> dict[str, Any]:
    if depth > 6:
        return {}
    wanted = shape.required_members if required_only else shape.members
    if getattr(shape, "is_tagged_union", False):
        wanted = list(shape.members)[:1]
    return {
        name: example(shape.members[name], required_only=required_only, depth=depth + 1)
        for name in wanted
    }


def _text(shape: Any) -> str:
    if shape.name == "PartiQLStatement":
        return 'SELECT * FROM "table"'
    if shape.enum:
        return str(shape.enum[0])
    return "text"
