"""The upload of a site's files by the deployment itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import (
    RemovalPolicy,
    Stack,
    aws_cloudfront,
    aws_iam,
    aws_lambda,
    aws_logs,
    aws_s3,
)
from aws_cdk.aws_s3_assets import Asset
from aws_cdk.aws_s3_deployment import BucketDeployment, CacheControl, Source
from constructs import Construct

from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.service_function import (
    accept_function_findings,
    accept_inline_policy,
)
from cloudworthy.constructs.suppressions import Pack, accept, in_packs

# A browser asks again each time and is answered "not modified"; the edge keeps the files until
# the next deployment invalidates them.
CACHE_CONTROL: Final = "public, max-age=0, s-maxage=86400, must-revalidate"


@dataclass(frozen=True)
class SiteUploadProps:
    """What goes where."""

    source: Path
    bucket: aws_s3.Bucket
    distribution: aws_cloudfront.IDistribution
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy


class SiteUpload(Construct):
    """Uploads a directory, removes what is no longer in it, and invalidates the edge."""

    def __init__(self, scope: Construct, construct_id: str, props: SiteUploadProps) -> None:
        super().__init__(scope, construct_id)
        files = Asset(self, "Files", path=str(props.source))
        self.log_group: Final = log_group(self, "Logs", retention=props.log_retention)
        self.role: Final = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com")
        )
        self.log_group.grant_write(self.role)
        for statement in _statements(props, files):
            self.role.add_to_policy(statement)
        self.deployment: Final = BucketDeployment(
            self,
            "Deployment",
            sources=[Source.bucket(files.bucket, files.s3_object_key)],
            destination_bucket=props.bucket,
            distribution=props.distribution,
            distribution_paths=["/*"],
            cache_control=[CacheControl.from_string(CACHE_CONTROL)],
            prune=True,
            retain_on_delete=props.removal_policy is not RemovalPolicy.DESTROY,
            # The CDK would grant reading every asset of the account and invalidating every
            # distribution; the role has what this one upload does.
            role=self.role.without_policy_updates(),
            log_group=self.log_group,
        )
        self._accept_findings(props.bucket)

    def _accept_findings(self, bucket: aws_s3.Bucket) -> None:
        accept_inline_policy(self.role)
        accept(
            self.role.node.find_child("DefaultPolicy"),
            "The upload writes and removes every file of the site, whatever its name; the bucket "
            "holds nothing else.",
            f"AwsSolutions-IAM5[Resource::<{_logical_id(bucket)}.Arn>/*]",
        )
        function = _upload_function(self)
        accept_function_findings(function)
        accept(
            function,
            "Called by CloudFormation, which waits for the answer and rolls back when it failed.",
            *in_packs("LambdaDLQ", Pack.SERVERLESS, Pack.NIST, Pack.HIPAA),
        )
        accept(
            function,
            "Runs during a deployment only, where CloudFormation's events tell what happened.",
            "Serverless-LambdaTracing",
        )


def _statements(props: SiteUploadProps, files: Asset) -> list[aws_iam.PolicyStatement]:
    """What `aws s3 cp`, `aws s3 sync --delete` and the invalidation call."""
    archive = f"{files.bucket.bucket_arn}/{files.s3_object_key}"
    calls = {
        archive: ["s3:GetObject"],
        props.bucket.bucket_arn: ["s3:GetBucketTagging", "s3:ListBucket"],
        props.bucket.arn_for_objects("*"): [
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:PutObject",
        ],
        props.distribution.distribution_arn: [
            "cloudfront:CreateInvalidation",
            "cloudfront:GetInvalidation",
        ],
    }
    return [
        aws_iam.PolicyStatement(actions=actions, resources=[resource])
        for resource, actions in calls.items()
    ]


def _upload_function(scope: Construct) -> aws_lambda.Function:
    """The function all uploads of a stack share; the CDK keeps it at the top of the stack."""
    for child in Stack.of(scope).node.children:
        if child.node.id.startswith("Custom::CDKBucketDeployment") and isinstance(
            child, aws_lambda.Function
        ):
            return child
    raise LookupError(f"{scope.node.path}: found no upload function in the stack")


def _logical_id(bucket: aws_s3.Bucket) -> str:
    resource = bucket.node.default_child
    if not isinstance(resource, aws_s3.CfnBucket):
        raise TypeError(f"{bucket.node.path}: found no CloudFormation bucket")
    return Stack.of(bucket).get_logical_id(resource)
