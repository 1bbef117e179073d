"""Which operation of which service a request asks for."""

from __future__ import annotations

from urllib.parse import parse_qs

from cloudworthy.local.endpoint.call import Operation, Protocol, Signature
from cloudworthy.local.endpoint.rest_operations import rest_operation
from cloudworthy.local.endpoint.s3_operations import s3_operation
from cloudworthy.local.model.http import Request

_JSON_PROTOCOLS = {p.value: p for p in (Protocol.JSON_1_0, Protocol.JSON_1_1)}
_FORM = "application/x-www-form-urlencoded"
_SERVICE_OF_TARGET = {
    "DynamoDB_20120810": "dynamodb",
    "DynamoDBStreams_20120810": "dynamodb",
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AWSCognitoIdentityService": "cognito-identity",
}
"""Services of requests that need no signature, and of those that are not signed by mistake."""


def classify(request: Request, signature: Signature) -> Operation:
    """Name the operation; what no REST service knows gets method and path.

    The service decides where the name is: an object's content type and content, which may look
    like a form, are no part of a call to S3.
    """
    if signature.service == "s3":
        return _rest_operation(request, "s3")
    target = request.header("x-amz-target")
    if target is not None:
        return _json_operation(request, signature, target)
    content_type = request.header("content-type") or ""
    if content_type.startswith(_FORM):
        form = request.body.decode("latin-1")
        return Operation(signature.service or "sts", _action(form), Protocol.QUERY)
    if request.header("smithy-protocol") == "rpc-v2-cbor":
        return Operation(signature.service, request.path.rpartition("/")[2], Protocol.RPC_V2_CBOR)
    return _rest_operation(request, signature.service)


def _rest_operation(request: Request, service: str) -> Operation:
    if service in {"s3", ""}:
        return Operation("s3", s3_operation(request), Protocol.REST_XML)
    if "Action=" in request.query:
        return Operation(service, _action(request.query), Protocol.QUERY)
    return Operation(service, rest_operation(request, service), Protocol.REST_JSON)


def _json_operation(request: Request, signature: Signature, target: str) -> Operation:
    prefix, _, name = target.rpartition(".")
    service = signature.service or _SERVICE_OF_TARGET.get(prefix, prefix.lower())
    if prefix == "DynamoDBStreams_20120810":
        service = "dynamodbstreams"
    content_type = (request.header("content-type") or "").partition(";")[0]
    return Operation(service, name, _JSON_PROTOCOLS.get(content_type, Protocol.JSON_1_1))


def _action(form: str) -> str:
    return parse_qs(form).get("Action", [""])[0]
