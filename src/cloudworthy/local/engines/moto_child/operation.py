"""What a request asks moto for: the service first, which says where the operation's name is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qs

from cloudworthy.local.model.http import Request

S3 = "s3"
_FORM = "application/x-www-form-urlencoded"
_DEFAULT_REGION = "us-east-1"
_UNSIGNED_TARGETS = {
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AWSCognitoIdentityService": "cognito-identity",
}
"""Services of which callers without credentials ask something; with STS, which takes forms."""


class Protocol(Enum):
    """Where the operation's name is, and the only place where it is."""

    REST = "method and path"
    JSON = "X-Amz-Target"
    QUERY = "Action"
    RPC = "path"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a service, by the service's signing name; one of REST has no name."""

    service: str
    region: str
    protocol: Protocol
    name: str = ""

    @property
    def receives_messages(self) -> bool:
        """Whether it is SQS's ReceiveMessage."""
        return self.service == "sqs" and self.name == "ReceiveMessage"


def operation_of(request: Request) -> Operation:
    """The operation that a request names.

    Nothing of a call to S3 is looked through for names: keys, queries, content types and bodies
    are its callers' data. Whatever has no signature in its headers is for S3, as links are,
    unless it is one of the few calls that need none.
    """
    service, region = _signed_for(request)
    target = request.header("x-amz-target") or ""
    prefix, _, name = target.rpartition(".")
    if not service:
        service = _unsigned_service(request, prefix)
    if service == S3:
        return Operation(service, region, Protocol.REST)
    if target:
        return Operation(service, region, Protocol.JSON, name)
    path, _, name = request.path.rpartition("/operation/")
    if request.header("smithy-protocol") and path.startswith("/service/"):
        return Operation(service, region, Protocol.RPC, name)
    action = _action(request)
    return Operation(service, region, Protocol.QUERY if action else Protocol.REST, action)


def _signed_for(request: Request) -> tuple[str, str]:
    """Service and region of the credential scope, read as moto reads it."""
    words = (request.header("authorization") or "").partition(",")[0].split()
    scope = words[1].split("/") if len(words) > 1 else []
    if len(scope) != 5:
        return S3 if words else "", _DEFAULT_REGION
    return scope[3].lower(), scope[2]


def _unsigned_service(request: Request, target_prefix: str) -> str:
    if "Signature=" in request.query:
        return S3
    if (request.header("host") or "").startswith("cognito-idp."):
        return "cognito-idp"  # the keys of a user pool
    if target_prefix in _UNSIGNED_TARGETS:
        return _UNSIGNED_TARGETS[target_prefix]
    return "sts" if _is_form(request) else S3


def _action(request: Request) -> str:
    """From a form that is not empty, or from the query: in this order moto looks for it."""
    body = request.body.decode("latin-1") if _is_form(request) else ""
    form = parse_qs(body, keep_blank_values=True)
    query = parse_qs(request.query, keep_blank_values=True)
    return (form or query).get("Action", [""])[0]


def _is_form(request: Request) -> bool:
    return (request.header("content-type") or "").partition(";")[0].strip().lower() == _FORM
