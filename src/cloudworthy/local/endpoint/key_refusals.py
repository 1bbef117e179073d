"""What services answer when the key of what a call is about cannot be used for the caller.

Source: the codes and their status from the services' API models and API references; SQS developer
guide, "Troubleshoot an access denied error" (documented). The sentences from public reports
(recorded on AWS): issue 2422 of opensearch-project/data-prepper and issue 42849 of
hashicorp/terraform-provider-aws (2025-06-03) for SQS and Systems Manager, pull request 48 of
trussworks/terraform-aws-s3-anti-virus (2024-11-15) for SNS, pull request 1371 of cisagov/XFD
(2025-11-25) for S3, issue 53 of aws-samples/aws-secrets-manager-rotation-lambdas, issue 10010 of
aws/aws-cdk and finding DDB-TABLE-023 of ack-api-quirks (2026-10-08) for DynamoDB. What DynamoDB
says of items when a key is not enabled is taken from what it says of tables (assumed).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.iam.decision import KeyObstacle


class _Words(NamedTuple):
    code: str
    status: int = 400
    before: str = ""
    whole: str = ""
    """In the place of KMS's own sentence."""
    tells_kms: bool = True
    """Whether it says what KMS answered the service."""


_KMS_CODES = {
    KeyObstacle.ACCESS_DENIED: "AccessDeniedException",
    KeyObstacle.DISABLED: "DisabledException",
    KeyObstacle.INVALID_STATE: "KMSInvalidStateException",
}
_EXCEPTION = "com.amazonaws.services.kms.model."
_NO_KMS = "Access to KMS is not allowed"
_UNREADABLE = "Secrets Manager can't decrypt the protected secret text using the provided KMS key."
_DENIED, _DISABLED, _INVALID = KeyObstacle

_WORDS: Mapping[tuple[str, KeyObstacle], _Words] = {
    ("dynamodb", _DENIED): _Words(
        "AccessDeniedException",
        before=f"KMS key access denied error: {_EXCEPTION}AWSKMSException: ",
    ),
    ("dynamodb", _DISABLED): _Words(
        "ValidationException", before=f"KMS key disabled error: {_EXCEPTION}DisabledException: "
    ),
    ("dynamodb", _INVALID): _Words(
        "ValidationException",
        before=f"KMS validation error: {_EXCEPTION}KMSInvalidStateException: ",
    ),
    ("s3", _DENIED): _Words("AccessDenied", 403, tells_kms=False),
    ("s3", _DISABLED): _Words("KMS.DisabledException", tells_kms=False),
    ("s3", _INVALID): _Words("KMS.KMSInvalidStateException", tells_kms=False),
    ("secretsmanager", _DENIED): _Words("AccessDeniedException", whole=_NO_KMS),
    ("secretsmanager", _DISABLED): _Words("DecryptionFailure", whole=_UNREADABLE),
    ("secretsmanager", _INVALID): _Words("DecryptionFailure", whole=_UNREADABLE),
    ("sns", _DENIED): _Words("KMSAccessDenied"),
    ("sns", _DISABLED): _Words("KMSDisabled"),
    ("sns", _INVALID): _Words("KMSInvalidState"),
    ("sqs", _DENIED): _Words("KmsAccessDenied"),
    ("sqs", _DISABLED): _Words("KmsDisabled"),
    ("sqs", _INVALID): _Words("KmsInvalidState"),
    ("ssm", _DENIED): _Words("AccessDeniedException"),
    ("ssm", _DISABLED): _Words("InvalidKeyId"),
    ("ssm", _INVALID): _Words("InvalidKeyId"),
}


def key_refusal(service: str, obstacle: KeyObstacle, message: str) -> AwsError:
    """The error of a service; ``message`` is the sentence of KMS."""
    words = _WORDS[service, obstacle]
    if words.whole:
        return AwsError(words.code, words.whole, words.status)
    said = words.before + message
    if words.tells_kms:
        said += (
            f" (Service: AWSKMS; Status Code: 400; Error Code: {_KMS_CODES[obstacle]}; "
            f"Request ID: {uuid.uuid4()}; Proxy: null)"
        )
    return AwsError(words.code, said, words.status)
