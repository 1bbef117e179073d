"""A private bucket: nothing public, TLS only, encrypted, old versions cleaned up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack, aws_iam, aws_s3
from constructs import Construct

from cloudworthy.constructs.auto_delete import own_auto_delete
from cloudworthy.constructs.suppressions import accept, in_packs


@dataclass(frozen=True)
class BucketProps:
    """What differs between one private bucket and another."""

    removal_policy: RemovalPolicy
    versioned: bool = True
    old_versions_expire_days: int | None = 30
    objects_expire_days: int | None = None
    unfinished_uploads_expire_days: int = 7
    cors_origins: Sequence[str] = ()
    cors_methods: Sequence[aws_s3.HttpMethods] = (aws_s3.HttpMethods.GET, aws_s3.HttpMethods.HEAD)
    access_logs: aws_s3.IBucket | None = None
    access_log_prefix: str | None = None
    object_ownership: aws_s3.ObjectOwnership = aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED


class Bucket(Construct):
    """A private bucket."""

    def __init__(self, scope: Construct, construct_id: str, props: BucketProps) -> None:
        super().__init__(scope, construct_id)
        self.bucket: Final = aws_s3.Bucket(
            self,
            "Bucket",
            block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
            encryption=aws_s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=props.versioned,
            object_ownership=props.object_ownership,
            lifecycle_rules=_lifecycle_rules(props),
            cors=_cors_rules(props),
            server_access_logs_bucket=props.access_logs,
            server_access_logs_prefix=props.access_log_prefix,
            removal_policy=props.removal_policy,
            auto_delete_objects=props.removal_policy is RemovalPolicy.DESTROY,
        )
        if props.removal_policy is RemovalPolicy.DESTROY:
            own_auto_delete(self)
        _accept_findings(self.bucket)


def accept_any_object(role: aws_iam.Role, bucket: aws_s3.Bucket, reason: str) -> None:
    """Accept that a role may act on each object of a bucket, whatever its key.

    Raises
    ------
    TypeError
        The bucket is not one of the stack.
    """
    resource = bucket.node.default_child
    if not isinstance(resource, aws_s3.CfnBucket):
        raise TypeError(f"{bucket.node.path}: found no CloudFormation bucket")
    logical_id = Stack.of(bucket).get_logical_id(resource)
    accept(
        role.node.find_child("DefaultPolicy"),
        reason,
        f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>/*]",
    )


def _lifecycle_rules(props: BucketProps) -> list[aws_s3.LifecycleRule]:
    rules = [
        aws_s3.LifecycleRule(
            id="UnfinishedUploads",
            abort_incomplete_multipart_upload_after=Duration.days(
                props.unfinished_uploads_expire_days
            ),
        )
    ]
    if props.versioned and props.old_versions_expire_days is not None:
        rules.append(
            aws_s3.LifecycleRule(
                id="OldVersions",
                noncurrent_version_expiration=Duration.days(props.old_versions_expire_days),
                expired_object_delete_marker=True,
            )
        )
    if props.objects_expire_days is not None:
        rules.append(
            aws_s3.LifecycleRule(id="Objects", expiration=Duration.days(props.objects_expire_days))
        )
    return rules


def _cors_rules(props: BucketProps) -> list[aws_s3.CorsRule] | None:
    if not props.cors_origins:
        return None
    return [
        aws_s3.CorsRule(
            allowed_methods=list(props.cors_methods),
            allowed_origins=list(props.cors_origins),
            allowed_headers=["*"],
            exposed_headers=["ETag"],
            max_age=3600,
        )
    ]


def _accept_findings(bucket: aws_s3.Bucket) -> None:
    accept(
        bucket,
        "Encrypted at rest with the keys S3 manages (AES-256). A customer key would add a charge "
        "for each request and protect against nothing here: who may read the bucket is decided "
        "by IAM and its policy either way.",
        *in_packs("S3DefaultEncryptionKMS"),
    )
    accept(
        bucket,
        "One region by design. S3 keeps each object in at least three availability zones, and "
        "old versions undo a deletion.",
        *in_packs("S3BucketReplicationEnabled"),
    )
