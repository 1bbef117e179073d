"""Operations that need other actions than the one of their name, or more than one resource.

Sources: each service's "Actions, resources, and condition keys" in the service authorization
reference; Amazon S3 user guide, "Required permissions for Amazon S3 API operations"; Amazon
DynamoDB developer guide, "Amazon DynamoDB transactions: How it works" and "IAM security policies
for PartiQL"; AWS KMS developer guide, "ReEncrypt" (all documented).
"""

from __future__ import annotations

Rule = dict[str, object]

_TABLE = "arn:{partition}:dynamodb:{region}:{account}:table/"
_FUNCTION = "arn:{partition}:lambda:{region}:{account}:function:"
_BUCKET = "arn:{partition}:s3:::{Bucket}"
_OBJECT = "arn:{partition}:s3:::{Bucket}/{Key}"
_COPIED = "arn:{partition}:s3:::{@x-amz-copy-source!copy-source}"
_KEY_OR_CALLERS = ("{KeyId!key}", "{CiphertextBlob!ciphertext-key}")


def rule(action: str, *resources: str, when: str = "", unless: str = "") -> Rule:
    """One action, and the ways in which a request names its resources, the most exact one first."""
    made: Rule = {"action": action, "resources": list(resources) or ["*"]}
    if when:
        made["when"] = when
    if unless:
        made["unless"] = unless
    return made


def _versioned(name: str, versioned: str) -> list[Rule]:
    return [
        rule(f"s3:{name}", _OBJECT, unless="?versionId"),
        rule(f"s3:{versioned}", _OBJECT, when="?versionId"),
    ]


def _of_bucket(name: str) -> list[Rule]:
    return [rule(f"s3:{name}", _BUCKET)]


def _configuration(verb: str, kind: str) -> list[Rule]:
    return _of_bucket(f"{verb}{kind}Configuration")


_READS_COPIED = [
    rule("s3:GetObject", _COPIED, unless="@x-amz-copy-source!version"),
    rule("s3:GetObjectVersion", _COPIED, when="@x-amz-copy-source!version"),
]
_WRITES = [
    rule("s3:PutObject", _OBJECT),
    rule("s3:PutObjectAcl", _OBJECT, when="@x-amz-acl"),
    rule("s3:PutObjectAcl", _OBJECT, when="@x-amz-grant-*"),
    rule("s3:PutObjectTagging", _OBJECT, when="@x-amz-tagging"),
    rule("s3:PutObjectRetention", _OBJECT, when="@x-amz-object-lock-mode"),
    rule("s3:PutObjectLegalHold", _OBJECT, when="@x-amz-object-lock-legal-hold"),
]
_BYPASS = [rule("s3:BypassGovernanceRetention", _OBJECT, when="@x-amz-bypass-governance-retention")]
_KINDS = ("Analytics", "IntelligentTiering", "Inventory", "Metrics")

S3: dict[str, list[Rule]] = {
    "ListBuckets": [rule("s3:ListAllMyBuckets")],
    "ListDirectoryBuckets": [rule("s3express:ListAllMyDirectoryBuckets")],
    "HeadBucket": _of_bucket("ListBucket"),
    "ListObjects": _of_bucket("ListBucket"),
    "ListObjectsV2": _of_bucket("ListBucket"),
    "ListObjectVersions": _of_bucket("ListBucketVersions"),
    "ListMultipartUploads": _of_bucket("ListBucketMultipartUploads"),
    "GetObject": _versioned("GetObject", "GetObjectVersion"),
    "HeadObject": _versioned("GetObject", "GetObjectVersion"),
    "SelectObjectContent": [rule("s3:GetObject", _OBJECT)],
    "GetObjectAcl": _versioned("GetObjectAcl", "GetObjectVersionAcl"),
    "PutObjectAcl": _versioned("PutObjectAcl", "PutObjectVersionAcl"),
    "GetObjectTagging": _versioned("GetObjectTagging", "GetObjectVersionTagging"),
    "PutObjectTagging": _versioned("PutObjectTagging", "PutObjectVersionTagging"),
    "DeleteObjectTagging": _versioned("DeleteObjectTagging", "DeleteObjectVersionTagging"),
    "GetObjectTorrent": _versioned("GetObjectTorrent", "GetObjectVersionTorrent"),
    "GetObjectAnnotation": _versioned("GetObjectAnnotation", "GetObjectVersionAnnotation"),
    "PutObjectAnnotation": _versioned("PutObjectAnnotation", "PutObjectVersionAnnotation"),
    "DeleteObjectAnnotation": _versioned("DeleteObjectAnnotation", "DeleteObjectVersionAnnotation"),
    "ListObjectAnnotations": _versioned("ListObjectAnnotations", "ListObjectVersionAnnotations"),
    "GetObjectAttributes": [
        *_versioned("GetObject", "GetObjectVersion"),
        *_versioned("GetObjectAttributes", "GetObjectVersionAttributes"),
    ],
    "DeleteObject": [*_versioned("DeleteObject", "DeleteObjectVersion"), *_BYPASS],
    "DeleteObjects": [
        rule("s3:DeleteObject", "arn:{partition}:s3:::{Bucket}/{Object[]!unversioned}"),
        rule("s3:DeleteObjectVersion", "arn:{partition}:s3:::{Bucket}/{Object[]!versioned}"),
        rule(
            "s3:BypassGovernanceRetention",
            "arn:{partition}:s3:::{Bucket}/{Object[].Key}",
            when="@x-amz-bypass-governance-retention",
        ),
    ],
    "PutObject": _WRITES,
    "CopyObject": [*_READS_COPIED, *_WRITES],
    "CreateMultipartUpload": _WRITES,
    "UploadPart": [rule("s3:PutObject", _OBJECT)],
    "UploadPartCopy": [*_READS_COPIED, rule("s3:PutObject", _OBJECT)],
    "CompleteMultipartUpload": [rule("s3:PutObject", _OBJECT)],
    "AbortMultipartUpload": [rule("s3:AbortMultipartUpload", _OBJECT)],
    "ListParts": [rule("s3:ListMultipartUploadParts", _OBJECT)],
    "PutObjectRetention": [rule("s3:PutObjectRetention", _OBJECT), *_BYPASS],
    "RenameObject": [
        rule("s3:PutObject", _OBJECT),
        rule("s3:GetObject", "arn:{partition}:s3:::{Bucket}{@x-amz-rename-source!path}"),
        rule("s3:DeleteObject", "arn:{partition}:s3:::{Bucket}{@x-amz-rename-source!path}"),
    ],
    "CreateBucket": [
        rule("s3:CreateBucket", _BUCKET),
        rule("s3:PutBucketAcl", _BUCKET, when="@x-amz-acl"),
        rule("s3:PutBucketAcl", _BUCKET, when="@x-amz-grant-*"),
        rule(
            "s3:PutBucketObjectLockConfiguration", _BUCKET, when="@x-amz-bucket-object-lock-enabled"
        ),
        rule("s3:PutBucketVersioning", _BUCKET, when="@x-amz-bucket-object-lock-enabled"),
        rule("s3:PutBucketOwnershipControls", _BUCKET, when="@x-amz-object-ownership"),
    ],
    "CreateSession": [rule("s3express:CreateSession", _BUCKET)],
    "OPTIONS": [],
    "PostObject": [rule("s3:PutObject", "arn:{partition}:s3:::{Bucket}/*")],
    "WriteGetObjectResponse": [rule("s3-object-lambda:WriteGetObjectResponse")],
    "GetBucketAccelerateConfiguration": _configuration("Get", "Accelerate"),
    "PutBucketAccelerateConfiguration": _configuration("Put", "Accelerate"),
    "GetBucketCors": _of_bucket("GetBucketCORS"),
    "PutBucketCors": _of_bucket("PutBucketCORS"),
    "DeleteBucketCors": _of_bucket("PutBucketCORS"),
    "GetBucketEncryption": _configuration("Get", "Encryption"),
    "PutBucketEncryption": _configuration("Put", "Encryption"),
    "DeleteBucketEncryption": _configuration("Put", "Encryption"),
    "GetBucketLifecycle": _configuration("Get", "Lifecycle"),
    "GetBucketLifecycleConfiguration": _configuration("Get", "Lifecycle"),
    "PutBucketLifecycle": _configuration("Put", "Lifecycle"),
    "PutBucketLifecycleConfiguration": _configuration("Put", "Lifecycle"),
    "DeleteBucketLifecycle": _configuration("Put", "Lifecycle"),
    "GetBucketNotificationConfiguration": _of_bucket("GetBucketNotification"),
    "PutBucketNotificationConfiguration": _of_bucket("PutBucketNotification"),
    "GetBucketReplication": _configuration("Get", "Replication"),
    "PutBucketReplication": _configuration("Put", "Replication"),
    "DeleteBucketReplication": _configuration("Put", "Replication"),
    "DeleteBucketTagging": _of_bucket("PutBucketTagging"),
    "DeleteBucketOwnershipControls": _of_bucket("PutBucketOwnershipControls"),
    "GetPublicAccessBlock": _of_bucket("GetBucketPublicAccessBlock"),
    "PutPublicAccessBlock": _of_bucket("PutBucketPublicAccessBlock"),
    "DeletePublicAccessBlock": _of_bucket("PutBucketPublicAccessBlock"),
    "GetObjectLockConfiguration": _of_bucket("GetBucketObjectLockConfiguration"),
    "PutObjectLockConfiguration": _of_bucket("PutBucketObjectLockConfiguration"),
    "CreateBucketMetadataConfiguration": _of_bucket("CreateBucketMetadataTableConfiguration"),
    "GetBucketMetadataConfiguration": _of_bucket("GetBucketMetadataTableConfiguration"),
    "DeleteBucketMetadataConfiguration": _of_bucket("DeleteBucketMetadataTableConfiguration"),
    **{
        f"{operation}Bucket{kind}Configuration{plural}": _configuration(verb, kind)
        for kind in _KINDS
        for operation, plural, verb in (
            ("Get", "", "Get"),
            ("List", "s", "Get"),
            ("Put", "", "Put"),
            ("Delete", "", "Put"),
        )
    },
}


def _transacted(members: dict[str, str]) -> list[Rule]:
    return [
        rule(f"dynamodb:{action}", f"{_TABLE}{{TransactItems[].{member}.TableName}}")
        for member, action in members.items()
    ]


DYNAMODB: dict[str, list[Rule]] = {
    "ImportTable": [
        rule("dynamodb:ImportTable", f"{_TABLE}{{TableCreationParameters.TableName}}"),
    ],
    "RestoreTableToPointInTime": [
        rule(
            "dynamodb:RestoreTableToPointInTime", "{SourceTableArn}", f"{_TABLE}{{SourceTableName}}"
        ),
        rule("dynamodb:RestoreTableToPointInTime", f"{_TABLE}{{TargetTableName}}"),
    ],
    "Query": [
        rule(
            "dynamodb:Query", f"{_TABLE}{{TableName}}/index/{{IndexName}}", f"{_TABLE}{{TableName}}"
        )
    ],
    "Scan": [
        rule(
            "dynamodb:Scan", f"{_TABLE}{{TableName}}/index/{{IndexName}}", f"{_TABLE}{{TableName}}"
        )
    ],
    "BatchGetItem": [rule("dynamodb:BatchGetItem", f"{_TABLE}{{RequestItems{{}}}}")],
    "BatchWriteItem": [rule("dynamodb:BatchWriteItem", f"{_TABLE}{{RequestItems{{}}}}")],
    "TransactGetItems": _transacted({"Get": "GetItem"}),
    "TransactWriteItems": _transacted(
        {
            "ConditionCheck": "ConditionCheckItem",
            "Delete": "DeleteItem",
            "Put": "PutItem",
            "Update": "UpdateItem",
        }
    ),
    **{
        operation: [
            rule(f"dynamodb:PartiQL{verb}", f"{_TABLE}{{{path}!partiql-{verb.lower()}}}")
            for verb in ("Delete", "Insert", "Select", "Update")
        ]
        for operation, path in (
            ("ExecuteStatement", "Statement"),
            ("BatchExecuteStatement", "Statements[].Statement"),
            ("ExecuteTransaction", "TransactStatements[].Statement"),
        )
    },
}

KMS: dict[str, list[Rule]] = {
    "Decrypt": [rule("kms:Decrypt", *_KEY_OR_CALLERS)],
    "ReEncrypt": [
        rule("kms:ReEncryptFrom", "{SourceKeyId!key}", "{CiphertextBlob!ciphertext-key}"),
        rule("kms:ReEncryptTo", "{DestinationKeyId!key}"),
    ],
    **{
        operation: [
            rule(f"kms:{operation}", "arn:{partition}:kms:{region}:{account}:{AliasName}"),
            rule(f"kms:{operation}", key),
        ]
        for operation, key in (
            ("CreateAlias", "{TargetKeyId!key}"),
            ("UpdateAlias", "{TargetKeyId!key}"),
            ("DeleteAlias", "{AliasName!key}"),
        )
    },
}

IRREGULAR: dict[str, dict[str, list[Rule]]] = {
    "s3": S3,
    "dynamodb": DYNAMODB,
    "kms": KMS,
    "lambda": {
        operation: [
            rule(
                "lambda:InvokeFunction",
                f"{_FUNCTION}{{FunctionName!function-name}}:{{?Qualifier}}",
                f"{_FUNCTION}{{FunctionName!function}}",
            )
        ]
        for operation in ("Invoke", "InvokeWithResponseStream")
    },
    "sqs": {
        f"{name}Batch": [rule(f"sqs:{name}", "{QueueUrl!queue}")]
        for name in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
    },
    "sns": {
        "PublishBatch": [rule("sns:Publish", "{TopicArn}")],
        "Publish": [rule("sns:Publish", "{TopicArn}", "{TargetArn}", "{PhoneNumber}")],
    },
    "secretsmanager": {
        "CreateSecret": [rule("secretsmanager:CreateSecret", "{Name!new-secret}")],
        "BatchGetSecretValue": [
            rule("secretsmanager:BatchGetSecretValue"),
            rule("secretsmanager:GetSecretValue", "{SecretIdList[]!secret}"),
            rule("secretsmanager:ListSecrets", when="Filters"),
        ],
    },
    "ssm": {
        operation: [rule(f"ssm:{operation}", "{Names[]!parameter}")]
        for operation in ("GetParameters", "DeleteParameters")
    }
    | {
        operation: [rule(f"ssm:{operation}", "{ResourceId!parameter}")]
        for operation in ("AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource")
    },
    "events": {
        "PutEvents": [
            rule(
                "events:PutEvents",
                "arn:{partition}:events:{region}:{account}:event-bus/{Entries[].EventBusName|default}",
            )
        ],
    },
    "cloudwatch": {
        "DeleteDashboards": [
            rule(
                "cloudwatch:DeleteDashboards",
                "arn:{partition}:cloudwatch::{account}:dashboard/{DashboardNames[]}",
            )
        ],
        **{
            operation: [
                rule(
                    f"cloudwatch:{operation}",
                    "arn:{partition}:cloudwatch:{region}:{account}:alarm:{AlarmNames[]}",
                )
            ]
            for operation in ("DeleteAlarms", "EnableAlarmActions", "DisableAlarmActions")
        },
    },
    "states": {
        "CreateStateMachine": [
            rule(
                "states:CreateStateMachine",
                "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
            )
        ],
        "CreateActivity": [
            rule(
                "states:CreateActivity", "arn:{partition}:states:{region}:{account}:activity:{name}"
            )
        ],
    },
    "execute-api": {
        name: [
            rule(
                "execute-api:ManageConnections",
                "arn:{partition}:execute-api:{region}:{account}:*",
            )
        ]
        for name in ("PostToConnection", "GetConnection", "DeleteConnection")
    },
}

# The roles that requests hand to a service; what is in a list may have none.
PASSED_ROLES: dict[tuple[str, str], str] = {
    ("cloudformation", "CreateChangeSet"): "RoleARN",
    ("cloudformation", "CreateStack"): "RoleARN",
    ("cloudformation", "DeleteStack"): "RoleARN",
    ("cloudformation", "UpdateStack"): "RoleARN",
    ("events", "PutRule"): "RoleArn",
    ("events", "PutTargets"): "Targets[].RoleArn",
    ("lambda", "CreateFunction"): "Role",
    ("lambda", "UpdateFunctionConfiguration"): "Role",
    ("logs", "PutDestination"): "roleArn",
    ("logs", "PutSubscriptionFilter"): "roleArn",
    ("scheduler", "CreateSchedule"): "Target.RoleArn",
    ("scheduler", "UpdateSchedule"): "Target.RoleArn",
    ("states", "CreateStateMachine"): "roleArn",
    ("states", "UpdateStateMachine"): "roleArn",
}
