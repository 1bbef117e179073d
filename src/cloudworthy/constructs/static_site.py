"""A static site behind CloudFront, with an API on the same origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import (
    Aws,
    RemovalPolicy,
    aws_certificatemanager,
    aws_cloudfront,
    aws_cloudfront_origins,
    aws_logs,
    aws_s3,
)
from constructs import Construct

from cloudworthy.constructs.bucket import Bucket, BucketProps
from cloudworthy.constructs.bucket_upload import BucketUpload, BucketUploadProps, SiteFiles
from cloudworthy.constructs.security_headers import SecurityHeaders
from cloudworthy.constructs.suppressions import accept

_TLS: Final = aws_cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021


@dataclass(frozen=True)
class SiteDomain:
    """A domain of one's own, with its certificate in us-east-1."""

    domain_name: str
    certificate_arn: str


@dataclass(frozen=True)
class ApiOrigin:
    """An API that answers some paths of the site."""

    domain_name: str
    origin_path: str
    path_patterns: Sequence[str]


@dataclass(frozen=True)
class StaticSiteProps:
    """What differs between one site and another.

    A `configuration` takes the place of the source's own ``config.json``. `connects_to` are
    origins that the page may call beside its own.
    """

    source: Path
    api: ApiOrigin
    access_logs: aws_s3.IBucket
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy
    cors_origins: Sequence[str] = ()
    domain: SiteDomain | None = None
    configuration: Mapping[str, str] | None = None
    connects_to: Sequence[str] = ()


class StaticSite(Construct):
    """A private bucket and the distribution that alone may read it."""

    def __init__(self, scope: Construct, construct_id: str, props: StaticSiteProps) -> None:
        super().__init__(scope, construct_id)
        self.bucket: Final[aws_s3.Bucket] = Bucket(
            self,
            "Files",
            BucketProps(
                removal_policy=props.removal_policy,
                cors_origins=props.cors_origins,
                access_logs=props.access_logs,
                access_log_prefix="bucket/",
            ),
        ).bucket
        self.headers: Final = SecurityHeaders(self, "Headers", props.connects_to)
        self.distribution: Final = self._distribution(props)
        _accept_findings(self.distribution, own_certificate=props.domain is not None)
        self.upload: Final = BucketUpload(
            self,
            "Upload",
            BucketUploadProps(
                source=props.source,
                bucket=self.bucket,
                log_retention=props.log_retention,
                site=SiteFiles(self.distribution, props.removal_policy, props.configuration),
            ),
        )
        self.url: Final = f"https://{_domain_name(props, self.distribution)}/"

    def _distribution(self, props: StaticSiteProps) -> aws_cloudfront.Distribution:
        domain = props.domain
        return aws_cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Site of {Aws.STACK_NAME}",
            default_behavior=self._file_behavior(),
            additional_behaviors=self._api_behaviors(props.api),
            default_root_object="index.html",
            price_class=aws_cloudfront.PriceClass.PRICE_CLASS_100,
            http_version=aws_cloudfront.HttpVersion.HTTP2_AND_3,
            minimum_protocol_version=_TLS if domain else None,
            domain_names=[domain.domain_name] if domain else None,
            certificate=self._certificate(domain) if domain else None,
            enable_logging=True,
            log_bucket=props.access_logs,
            log_file_prefix="distribution/",
        )

    def _file_behavior(self) -> aws_cloudfront.BehaviorOptions:
        control = aws_cloudfront.S3OriginAccessControl(
            self,
            "AccessControl",
            origin_access_control_name=f"{Aws.STACK_NAME}-{Aws.REGION}",
        )
        return aws_cloudfront.BehaviorOptions(
            origin=aws_cloudfront_origins.S3BucketOrigin.with_origin_access_control(
                self.bucket, origin_access_control=control
            ),
            viewer_protocol_policy=aws_cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            response_headers_policy=self.headers.policy,
            compress=True,
        )

    def _api_behaviors(self, api: ApiOrigin) -> dict[str, aws_cloudfront.BehaviorOptions]:
        behavior = aws_cloudfront.BehaviorOptions(
            origin=aws_cloudfront_origins.HttpOrigin(
                api.domain_name,
                origin_path=api.origin_path,
                protocol_policy=aws_cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[aws_cloudfront.OriginSslPolicy.TLS_V1_2],
            ),
            # A key sent over plain HTTP is a key given away: no redirect, a refusal.
            viewer_protocol_policy=aws_cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=aws_cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=aws_cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=(
                aws_cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER
            ),
            response_headers_policy=self.headers.policy,
        )
        return dict.fromkeys(api.path_patterns, behavior)

    def _certificate(self, domain: SiteDomain) -> aws_certificatemanager.ICertificate:
        return aws_certificatemanager.Certificate.from_certificate_arn(
            self, "Certificate", domain.certificate_arn
        )


def _domain_name(props: StaticSiteProps, distribution: aws_cloudfront.Distribution) -> str:
    if props.domain:
        return props.domain.domain_name
    return distribution.distribution_domain_name


def _accept_findings(distribution: aws_cloudfront.Distribution, *, own_certificate: bool) -> None:
    accept(
        distribution,
        "The page is meant for readers everywhere.",
        "AwsSolutions-CFR1",
    )
    accept(
        distribution,
        "Static files and a throttled API that asks for a key. A firewall is chosen for an "
        "account (Firewall Manager attaches it) and costs more a month than the whole system.",
        "AwsSolutions-CFR2",
    )
    if not own_certificate:
        accept(
            distribution,
            "CloudFront's own certificate comes with a fixed security policy; browsers agree on "
            "TLS 1.2 or 1.3 with it. Settings domain_name and certificate_arn raise the minimum "
            "to TLS 1.2.",
            "AwsSolutions-CFR4",
        )
