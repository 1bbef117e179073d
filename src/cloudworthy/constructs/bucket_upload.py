"""The upload of files by the deployment itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import (
    Annotations,
    RemovalPolicy,
    Stack,
    aws_cloudfront,
    aws_iam,
    aws_lambda,
    aws_logs,
    aws_s3,
)
from aws_cdk.aws_s3_assets import Asset
from aws_cdk.aws_s3_deployment import BucketDeployment, CacheControl, Source, SourceConfig
from constructs import Construct

from cloudworthy.constructs.bucket import accept_any_object
from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.service_function import (
    accept_function_findings,
    accept_inline_policy,
    accept_outside_vpc,
    accept_unreserved_concurrency,
)
from cloudworthy.constructs.suppressions import Pack, accept, in_packs

# A browser asks again each time and is answered "not modified"; the edge keeps the files until
# the next deployment invalidates them.
CACHE_CONTROL: Final = "public, max-age=0, s-maxage=86400, must-revalidate"

_SITE_REASON: Final = (
    "The upload writes and removes every file of the site, whatever its name; the bucket holds "
    "nothing else."
)
_ARCHIVE_REASON: Final = (
    "The upload writes archives whose names are their hashes, another one after each change of "
    "the code; the bucket holds nothing else."
)


@dataclass(frozen=True)
class BucketUploadProps:
    """What goes where.

    Without a `site` the directory is uploaded as one archive whose name follows from what it
    holds, beside the archives of earlier deployments: a rollback finds the one it goes back to.
    """

    source: Path
    bucket: aws_s3.Bucket
    log_retention: aws_logs.RetentionDays
    exclude: Sequence[str] = ()
    site: "SiteFiles | None" = None


@dataclass(frozen=True)
class SiteFiles:
    """The bucket mirrors the directory, file by file, behind a distribution.

    A `configuration` is laid over it as ``config.json``.
    """

    distribution: aws_cloudfront.IDistribution
    removal_policy: RemovalPolicy
    configuration: Mapping[str, str] | None = None

    @property
    def stays(self) -> bool:
        return self.removal_policy is not RemovalPolicy.DESTROY


class BucketUpload(Construct):
    """A directory, uploaded by the deployment itself."""

    def __init__(self, scope: Construct, construct_id: str, props: BucketUploadProps) -> None:
        super().__init__(scope, construct_id)
        self.bucket: Final = props.bucket
        self._files: Final = Asset(
            self, "Files", path=str(props.source), exclude=list(props.exclude)
        )
        self.log_group: Final = log_group(self, "Logs", retention=props.log_retention)
        self.role: Final = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com")
        )
        self.log_group.grant_write(self.role)
        self._archives: Final = [
            SourceConfig(bucket=self._files.bucket, zip_object_key=self._files.s3_object_key),
            *self._configuration(props.site),
        ]
        for statement in _statements(props, self._archives):
            self.role.add_to_policy(statement)
        self.deployment: Final = self._deploy(props)
        self._accept_findings(props)

    def as_code(self) -> aws_lambda.Code:
        """The archive in the bucket as the code of functions, which have to wait for it.

        Its key follows from what is in the archive: another code is another key, and that is
        how CloudFormation knows that a function has changed.
        """
        Annotations.of(self.bucket).acknowledge_warning(
            "@aws-cdk/aws-lambda:codeFromBucketObjectVersionNotSpecified",
            "An archive's key follows from its content and is never written twice.",
        )
        return aws_lambda.Code.from_bucket_v2(self.bucket, self._files.s3_object_key)

    def _configuration(self, site: SiteFiles | None) -> list[SourceConfig]:
        """The configuration as an archive of its own: of two files of one name the last wins."""
        if site is None or site.configuration is None:
            return []
        source = Source.json_data("config.json", dict(site.configuration))
        return [source.bind(self, handler_role=self.role.without_policy_updates())]

    def _deploy(self, props: BucketUploadProps) -> BucketDeployment:
        site = props.site
        return BucketDeployment(
            self,
            "Deployment",
            sources=[Source.bucket(it.bucket, it.zip_object_key) for it in self._archives],
            destination_bucket=props.bucket,
            distribution=site.distribution if site else None,
            distribution_paths=["/*"] if site else None,
            cache_control=[CacheControl.from_string(CACHE_CONTROL)] if site else None,
            extract=None if site else False,
            prune=site is not None,
            retain_on_delete=site is None or site.stays,
            # The CDK would grant reading every asset of the account and invalidating every
            # distribution; the role has what this one upload does.
            role=self.role.without_policy_updates(),
            log_group=self.log_group,
        )

    def _accept_findings(self, props: BucketUploadProps) -> None:
        accept_inline_policy(self.role)
        accept_any_object(self.role, self.bucket, _SITE_REASON if props.site else _ARCHIVE_REASON)
        function = _upload_function(self)
        accept_outside_vpc(function)
        accept_unreserved_concurrency(function)
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


def _statements(
    props: BucketUploadProps, archives: Sequence[SourceConfig]
) -> list[aws_iam.PolicyStatement]:
    """What `aws s3 cp`, `aws s3 sync` and the invalidation call."""
    bucket = props.bucket.bucket_arn
    objects = props.bucket.arn_for_objects("*")
    calls = {
        **{f"{it.bucket.bucket_arn}/{it.zip_object_key}": ["s3:GetObject"] for it in archives},
        bucket: ["s3:ListBucket"],
        objects: ["s3:AbortMultipartUpload", "s3:PutObject"],
    }
    if props.site:
        calls[bucket].append("s3:GetBucketTagging")
        calls[objects].append("s3:DeleteObject")
        calls[props.site.distribution.distribution_arn] = [
            "cloudfront:CreateInvalidation",
            "cloudfront:GetInvalidation",
        ]
    return [
        aws_iam.PolicyStatement(actions=sorted(actions), resources=[resource])
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
