"""The upload of a site's files by the deployment itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import RemovalPolicy, aws_cloudfront, aws_iam, aws_logs, aws_s3, aws_s3_deployment
from constructs import Construct

# A browser asks again each time and is answered "not modified"; the edge keeps the files until
# the next deployment invalidates them.
CACHE_CONTROL: Final = "public, max-age=0, s-maxage=86400, must-revalidate"


@dataclass(frozen=True)
class SiteUploadProps:
    """What goes where."""

    source: Path
    bucket: aws_s3.IBucket
    distribution: aws_cloudfront.IDistribution
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy


class SiteUpload(Construct):
    """Uploads a directory, removes what is no longer in it, and invalidates the edge."""

    def __init__(self, scope: Construct, construct_id: str, props: SiteUploadProps) -> None:
        super().__init__(scope, construct_id)
        self.log_group: Final = aws_logs.LogGroup(
            self, "Logs", retention=props.log_retention, removal_policy=RemovalPolicy.DESTROY
        )
        self.role: Final = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com")
        )
        self.log_group.grant_write(self.role)
        self.deployment: Final = aws_s3_deployment.BucketDeployment(
            self,
            "Deployment",
            sources=[aws_s3_deployment.Source.asset(str(props.source))],
            destination_bucket=props.bucket,
            distribution=props.distribution,
            distribution_paths=["/*"],
            cache_control=[aws_s3_deployment.CacheControl.from_string(CACHE_CONTROL)],
            prune=True,
            retain_on_delete=props.removal_policy is not RemovalPolicy.DESTROY,
            memory_limit=256,
            role=self.role,
            log_group=self.log_group,
        )
