"""The condition keys of single services.

Source: service authorization reference, "Actions, resources, and condition keys" for each of them
(documented).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from cloudworthy.local.endpoint.authorization.context import Keys, tag_keys
from cloudworthy.local.endpoint.authorization.dynamodb_keys import dynamodb_keys
from cloudworthy.local.endpoint.authorization.members import Members
from cloudworthy.local.endpoint.authorization.readings import Surroundings
from cloudworthy.local.endpoint.call import Operation
from cloudworthy.local.model.arns import url_suffix_of
from cloudworthy.local.model.identity import Principal

Needed = Sequence[tuple[str, tuple[str, ...]]]

# Per service: members whose values are the value of a key.
_MEMBERS: Mapping[str, Mapping[str, str]] = {
    "events": {
        "Entries[].Source": "events:source",
        "Entries[].DetailType": "events:detail-type",
    },
    "iam": {"PolicyArn": "iam:PolicyARN", "PermissionsBoundary": "iam:PermissionsBoundary"},
    "kms": {
        "EncryptionAlgorithm": "kms:EncryptionAlgorithm",
        "SigningAlgorithm": "kms:SigningAlgorithm",
        "MessageType": "kms:MessageType",
        "KeySpec": "kms:DataKeyPairSpec",
    },
    "monitoring": {"Namespace": "cloudwatch:namespace"},
    "secretsmanager": {
        "SecretId": "secretsmanager:SecretId",
        "VersionId": "secretsmanager:VersionId",
        "VersionStage": "secretsmanager:VersionStage",
        "Name": "secretsmanager:Name",
        "Description": "secretsmanager:Description",
        "KmsKeyId": "secretsmanager:KmsKeyId",
        "RecoveryWindowInDays": "secretsmanager:RecoveryWindowInDays",
        "ForceDeleteWithoutRecovery": "secretsmanager:ForceDeleteWithoutRecovery",
    },
    "sns": {"Protocol": "sns:Protocol", "Endpoint": "sns:Endpoint"},
    "ssm": {"Overwrite": "ssm:Overwrite", "Recursive": "ssm:Recursive"},
    "sts": {
        "ExternalId": "sts:ExternalId",
        "RoleSessionName": "sts:RoleSessionName",
        "SourceIdentity": "sts:SourceIdentity",
    },
    "s3": {
        "?prefix": "s3:prefix",
        "?delimiter": "s3:delimiter",
        "?max-keys": "s3:max-keys",
        "?versionId": "s3:VersionId",
    },
}
_S3_HEADERS = (
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
)
_TRUE = {True: "true", False: "false"}


async def service_keys(
    operation: Operation, members: Members, around: Surroundings, needed: Needed
) -> Keys:
    """The keys of the service that a request is for."""
    service = operation.service
    keys: Keys = {}
    for path, key in _MEMBERS.get(service, {}).items():
        values = tuple(_text(value) for value in members.values(path))
        if values:
            keys[key] = values if "[]" in path else values[0]
    if any(action == "iam:PassRole" for action, _ in needed):
        keys["iam:PassedToService"] = f"{service}.amazonaws.com"
    if service == "s3":
        return keys | _s3_keys(members)
    if service == "kms":
        keys |= _kms_keys(members)
    elif service == "dynamodb":
        keys |= await dynamodb_keys(operation.name, members, around, needed)
    elif service == "lambda":
        return keys | _lambda_keys(operation.name, members, around)
    return keys | tag_keys(_tags(members))


def _text(value: object) -> str:
    return _TRUE[value] if isinstance(value, bool) else str(value)


def _s3_keys(members: Members) -> Keys:
    keys: Keys = {}
    for header in _S3_HEADERS:
        value = members.text(f"@{header}")
        if value is not None:
            keys[f"s3:{header}"] = value
    tags = dict(parse_qsl(members.text("@x-amz-tagging") or "", keep_blank_values=True))
    if tags:
        keys["s3:RequestObjectTagKeys"] = tuple(tags)
        keys |= {f"s3:RequestObjectTag/{name}": value for name, value in tags.items()}
    query = members.query
    signed_in_query = "X-Amz-Signature" in query or "Signature" in query
    if signed_in_query or members.request.header("authorization"):
        keys["s3:authType"] = "REST-QUERY-STRING" if signed_in_query else "REST-HEADER"
        version_2 = "AWSAccessKeyId" in query
        keys["s3:signatureversion"] = "AWS" if version_2 else "AWS4-HMAC-SHA256"
    return keys


def _lambda_keys(operation: str, members: Members, around: Surroundings) -> Keys:
    """The payload of an invocation is not looked at: it is the caller's own."""
    if operation.startswith("Invoke"):
        return {}
    keys = tag_keys(_tags(members))
    function = members.text("FunctionName")
    if "EventSourceMapping" in operation and function:
        is_arn = function.startswith("arn:")
        arn = function if is_arn else around.arn("lambda", f"function:{function}")
        keys["lambda:FunctionArn"] = arn
    return keys


def kms_caller_keys(operation: str, principal: Principal, *, via: str, region: str) -> Keys:
    """Who uses a key, and by way of which service.

    Source: AWS KMS developer guide, "AWS KMS condition keys" (documented).
    """
    keys: Keys = {"kms:CallerAccount": principal.account} if principal.account else {}
    if via:
        keys["kms:ViaService"] = f"{via}.{region}.{url_suffix_of(region)}"
        keys["kms:EncryptionAlgorithm"] = "SYMMETRIC_DEFAULT"
        if operation == "CreateGrant":
            keys["kms:GrantIsForAWSResource"] = "true"
    return keys


def _kms_keys(members: Members) -> Keys:
    keys: Keys = {}
    context = members.get("EncryptionContext")
    if isinstance(context, dict) and context:
        keys["kms:EncryptionContextKeys"] = tuple(context)
        keys |= {f"kms:EncryptionContext:{name}": str(value) for name, value in context.items()}
    alias = str(members.get("KeyId") or "").rpartition(":")[2]
    if alias.startswith("alias/"):
        keys["kms:RequestAlias"] = alias
    if members.get("CiphertextBlob") is not None:
        keys["kms:EncryptionAlgorithm"] = str(
            members.get("EncryptionAlgorithm") or "SYMMETRIC_DEFAULT"
        )
    return keys


def _tags(members: Members) -> dict[str, str]:
    """The tags of a request, whether they are a list of pairs or an object."""
    for name in ("Tags", "tags"):
        tags = members.get(name)
        if isinstance(tags, dict):
            return {key: str(value) for key, value in tags.items()}
        if isinstance(tags, list):
            pairs = [tag for tag in tags if isinstance(tag, dict)]
            return {
                str(tag.get("Key", tag.get("key", ""))): str(tag.get("Value", tag.get("value", "")))
                for tag in pairs
            }
    return {}
