"""Where buckets and distributions of a system write their access logs."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import RemovalPolicy, aws_s3
from constructs import Construct

from cloudworthy.constructs.bucket import Bucket, BucketProps
from cloudworthy.constructs.suppressions import accept


@dataclass(frozen=True)
class AccessLogsProps:
    """How long access logs are kept."""

    removal_policy: RemovalPolicy
    expire_days: int = 90


class AccessLogs(Construct):
    """A private bucket that receives access logs and forgets them in time."""

    def __init__(self, scope: Construct, construct_id: str, props: AccessLogsProps) -> None:
        super().__init__(scope, construct_id)
        self.bucket: Final[aws_s3.Bucket] = Bucket(
            self,
            "Logs",
            BucketProps(
                removal_policy=props.removal_policy,
                objects_expire_days=props.expire_days,
                # CloudFront's standard logs are still granted by ACL, not by bucket policy.
                object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
            ),
        ).bucket
        accept(
            self.bucket,
            "Holds the access logs themselves: a log of their delivery would be a log without end.",
            "CKV_AWS_18",
        )
