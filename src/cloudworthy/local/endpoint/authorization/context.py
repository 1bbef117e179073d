"""The global condition keys of a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from cloudworthy.local.iam.credentials import unique_id
from cloudworthy.local.iam.principals import is_service
from cloudworthy.local.iam.request import ContextValue
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal

Keys = dict[str, ContextValue]

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def global_keys(
    request: Request,
    principal: Principal,
    *,
    account: str,
    region: str,
    now: datetime,
    via: str = "",
) -> Keys:
    """Keys that requests to every service have.

    ``aws:SecureTransport`` is true although the endpoint speaks plain HTTP: the SDKs use TLS on
    AWS, and a policy that insists on it must not fail here only. ``via`` is the service that
    makes the request in the caller's name: then nobody knows the caller's address.

    Source: IAM user guide, "AWS global condition context keys" and "Forward access sessions"
    (documented); issue 5500 of aws/copilot-cli, where a policy that asks for an address does not
    allow S3 to use a key (recorded on AWS 2023-11-22).
    """
    moment = now.astimezone(UTC)
    keys: Keys = {
        "aws:CurrentTime": moment.strftime(_FORMAT),
        "aws:EpochTime": str(int(moment.timestamp())),
        "aws:SecureTransport": "true",
        "aws:RequestedRegion": region,
        "aws:ResourceAccount": account,
        "aws:ViaAWSService": "true" if via else "false",
    }
    if not via:
        keys["aws:SourceIp"] = request.client_ip
    for header, key in (("user-agent", "aws:UserAgent"), ("referer", "aws:Referer")):
        value = request.header(header)
        if value is not None:
            keys[key] = value
    return keys | principal_keys(principal)


@lru_cache(maxsize=1024)
def principal_keys(principal: Principal) -> Keys:
    """Keys that say who calls; the same object each time, and not to be changed.

    Source: IAM user guide, "Where you can use policy variables", table of principal key values
    (documented).
    """
    keys: Keys = {"aws:PrincipalIsAWSService": "false"}
    if not principal.arn:
        return keys | {"aws:PrincipalType": "Anonymous"}
    if is_service(principal):
        return {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": principal.arn}
    keys |= {
        "aws:PrincipalArn": principal.role_arn or principal.arn,
        "aws:PrincipalAccount": principal.account,
        "aws:userid": unique_id(principal),
    }
    if principal.role_arn:
        return keys | {"aws:PrincipalType": "AssumedRole"}
    if ":user/" in principal.arn:
        name = principal.arn.rpartition("/")[2]
        return keys | {"aws:PrincipalType": "User", "aws:username": name}
    return keys | {"aws:PrincipalType": "Account"}


def service_caller_keys(service_principal: str, source_arn: str) -> Keys:
    """Keys of a call that a service makes for a resource, e.g. S3 that invokes a function.

    Source: IAM user guide, "AWS global condition context keys", aws:SourceArn (documented).
    """
    account = ([*source_arn.split(":"), *[""] * 5])[4]
    keys: Keys = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": service_principal,
        "aws:SourceArn": source_arn,
    }
    return keys | {"aws:SourceAccount": account} if account else keys


def tag_keys(tags: Mapping[str, str]) -> Keys:
    """Keys of the tags that a request gives to a resource."""
    if not tags:
        return {}
    keys: Keys = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    return keys | {"aws:TagKeys": tuple(tags)}
