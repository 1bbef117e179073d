"""Which uses of a key a call implies, because what it is about is encrypted with the key.

A service makes them in the caller's name, so that the caller has to be allowed them besides the
call itself. Keys that AWS manages ask for nothing: their policies let in whoever may make the call.

Sources (all documented unless said otherwise):

- SQS: Amazon SQS developer guide, "Key management", producers and consumers.
- SNS: Amazon SNS developer guide, "Managing Amazon SNS encryption keys and costs".
- Secrets Manager: user guide, "Secret encryption and decryption", "How Secrets Manager uses your
  KMS key"; API reference, "CreateSecret", "GetSecretValue", "UpdateSecret".
- Systems Manager: KMS developer guide, "How Parameter Store uses AWS KMS".
- DynamoDB: KMS developer guide, "How Amazon DynamoDB uses AWS KMS": the key of the table is
  decrypted in the name of who accesses the table; that a write needs no more than that, issue
  10010 of aws/aws-cdk (recorded on AWS 2020-08-27); that who chooses a key needs
  ``kms:CreateGrant``, finding DDB-TABLE-023 of ack-api-quirks (recorded on AWS 2026-10-08).
- S3: API reference, "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "ListParts",
  "HeadObject"; KMS developer guide, "How Amazon S3 uses AWS KMS".
- Encryption contexts: those guides; those of SQS and SNS from policies in public use (recorded).

A function's environment under a key of its own is not here: Lambda reads it by a grant that it
makes in the name of who deploys (Lambda developer guide, "Securing environment variables"), and
so without any permission of the function's role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cloudworthy.local.endpoint.authorization.members import Members


@dataclass(frozen=True, slots=True)
class KeyRule:
    """What an action on a resource implies on the resource's key.

    ``uses`` are operations of KMS. ``given`` is where the request itself names a key; ``kept``
    says whether otherwise it is the one that the resource has. It applies only to requests with
    one of ``when``, if there are any.
    """

    uses: tuple[str, ...]
    given: str = ""
    kept: bool = True
    when: tuple[str, ...] = ()


_READ = ("Decrypt",)
_WRITE = ("GenerateDataKey", "Decrypt")
"""A new data key is decrypted once to see that it is sound."""

_ITEM_ACTIONS = (
    "BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem",
    "PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate", "PutItem", "Query", "Scan",
    "UpdateItem",
)  # fmt: skip
_TABLE_KEY = KeyRule(("CreateGrant",), given="SSESpecification.KMSMasterKeyId", kept=False)
_ADVANCED_PARAMETER = KeyRule(("GenerateDataKey",), given="KeyId", kept=False)

KEY_RULES: Mapping[str, KeyRule] = {
    "sqs:SendMessage": KeyRule(_WRITE),
    "sqs:ReceiveMessage": KeyRule(_READ),
    "sns:Publish": KeyRule(_WRITE),
    "secretsmanager:GetSecretValue": KeyRule(_READ),
    "secretsmanager:PutSecretValue": KeyRule(("GenerateDataKey",)),
    "secretsmanager:CreateSecret": KeyRule(_WRITE, given="KmsKeyId", kept=False),
    "secretsmanager:UpdateSecret": KeyRule(
        _WRITE, given="KmsKeyId", when=("KmsKeyId", "SecretString", "SecretBinary")
    ),
    "ssm:PutParameter": KeyRule(("Encrypt",), given="KeyId", kept=False),
    "dynamodb:CreateTable": _TABLE_KEY,
    "dynamodb:UpdateTable": _TABLE_KEY,
    **{f"dynamodb:{action}": KeyRule(_READ) for action in _ITEM_ACTIONS},
}
"""By the action of IAM; those on objects of S3 depend on more than the action."""


def rule_of(action: str, members: Members) -> KeyRule | None:
    """What a request that needs an action of ``KEY_RULES`` implies; None for nothing."""
    rule = KEY_RULES[action]
    if rule.when and not any(members.get(name) is not None for name in rule.when):
        return None
    if action == "ssm:PutParameter":
        if members.text("Type") not in (None, "SecureString"):
            return None
        if members.text("Tier") == "Advanced":
            return _ADVANCED_PARAMETER
    return rule


def given_key(rule: KeyRule, members: Members) -> str:
    """The key that a request names; empty if it names none."""
    found = next(members.values(rule.given), "") if rule.given else ""
    return found if isinstance(found, str) else ""


_CONTEXT_KEYS = {
    "secretsmanager": "SecretARN",
    "sns": "aws:sns:topicArn",
    "sqs": "aws:sqs:arn",
    "ssm": "PARAMETER_ARN",
}


def encryption_context(resource: str, members: Members | None = None) -> dict[str, str]:
    """What a service binds the key's use to, for a resource by its ARN.

    The version of a secret is known only where the request says it.
    """
    service, _region, account, name = resource.split(":", 5)[2:]
    if service == "dynamodb":
        table = name.split("/")[1]
        return {"aws:dynamodb:tableName": table, "aws:dynamodb:subscriberId": account}
    context = {_CONTEXT_KEYS[service]: resource}
    if service == "secretsmanager" and members is not None:
        version = members.text("VersionId") or members.text("ClientRequestToken")
        if version:
            context["SecretVersionId"] = version
    return context
