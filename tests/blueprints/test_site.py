"""The bucket, the distribution in front of it, and the upload."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synthesized import Synthesized

pytestmark = pytest.mark.xdist_group("synth")

BUCKETS = ["Site/Files/Bucket", "AccessLogs/Logs/Bucket"]


@pytest.mark.parametrize("path", BUCKETS)
def test_buckets_are_private_encrypted_and_versioned(dev: Synthesized, path: str) -> None:
    bucket = dev.at(path).properties
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize("path", BUCKETS)
def test_old_versions_and_unfinished_uploads_go(dev: Synthesized, path: str) -> None:
    rules = {
        rule["Id"]: rule for rule in dev.at(path).properties["LifecycleConfiguration"]["Rules"]
    }
    assert rules["OldVersions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rules["UnfinishedUploads"]["AbortIncompleteMultipartUpload"] == {
        "DaysAfterInitiation": 7
    }
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}


@pytest.mark.parametrize("path", BUCKETS)
def test_plain_http_and_old_tls_are_denied(dev: Synthesized, path: str) -> None:
    conditions = [
        statement["Condition"]
        for statement in _bucket_statements(dev, path)
        if statement["Effect"] == "Deny" and statement["Action"] == "s3:*"
    ]
    assert {"Bool": {"aws:SecureTransport": "false"}} in conditions
    assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in conditions


def test_cors_of_the_bucket_follows_the_setting(dev: Synthesized, prod: Synthesized) -> None:
    for stack, origins in (
        (dev, ["*"]),
        (prod, ["https://app.example.org", "https://example.org"]),
    ):
        (rule,) = stack.at("Site/Files/Bucket").properties["CorsConfiguration"]["CorsRules"]
        assert rule["AllowedOrigins"] == origins
        assert rule["AllowedMethods"] == ["GET", "HEAD"]


def test_only_this_distribution_reads_the_bucket(dev: Synthesized) -> None:
    (reading,) = [
        statement
        for statement in _bucket_statements(dev, "Site/Files/Bucket")
        if statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    ]
    assert reading["Action"] == "s3:GetObject"
    source = json.dumps(reading["Condition"]["StringEquals"]["AWS:SourceArn"])
    assert dev.at("Site/Distribution").logical_id in source
    (control,) = dev.of_type("AWS::CloudFront::OriginAccessControl")
    assert control.properties["OriginAccessControlConfig"]["SigningBehavior"] == "always"


def test_page_and_api_share_an_origin(dev: Synthesized) -> None:
    config = _distribution(dev)
    assert config["DefaultRootObject"] == "index.html"
    patterns = [behavior["PathPattern"] for behavior in config["CacheBehaviors"]]
    assert patterns == ["/items", "/items/*", "/health"]
    for behavior in config["CacheBehaviors"]:
        assert "DELETE" in behavior["AllowedMethods"]
        assert behavior["ViewerProtocolPolicy"] == "https-only"
        # CachingDisabled and AllViewerExceptHostHeader, by the ids AWS gives them.
        assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        assert behavior["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"


def test_api_origin_is_the_stage_over_tls_1_2(dev: Synthesized) -> None:
    (origin,) = [each for each in _distribution(dev)["Origins"] if "CustomOriginConfig" in each]
    (stage,) = dev.of_type("AWS::ApiGateway::Stage")
    assert origin["OriginPath"] == {"Fn::Join": ["", ["/", {"Ref": stage.logical_id}]]}
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]


def test_every_answer_has_security_headers(dev: Synthesized) -> None:
    (policy,) = dev.of_type("AWS::CloudFront::ResponseHeadersPolicy")
    config = _distribution(dev)
    behaviors = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]
    for behavior in behaviors:
        assert behavior["ResponseHeadersPolicyId"] == {"Ref": policy.logical_id}
    headers = policy.properties["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    csp = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "script-src 'self'" in csp
    assert "unsafe" not in csp
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert headers["FrameOptions"]["FrameOption"] == "DENY"


def test_requests_are_logged(dev: Synthesized) -> None:
    logs = dev.at("AccessLogs/Logs/Bucket").logical_id
    bucket = dev.at("Site/Files/Bucket").properties["LoggingConfiguration"]
    assert bucket["DestinationBucketName"] == {"Ref": logs}
    assert logs in json.dumps(_distribution(dev)["Logging"])


def test_own_domain_raises_the_minimum_to_tls_1_2(dev: Synthesized, prod: Synthesized) -> None:
    assert "ViewerCertificate" not in _distribution(dev)
    config = _distribution(prod)
    assert config["Aliases"] == ["app.example.org"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_upload_replaces_what_was_there(dev: Synthesized, prod: Synthesized) -> None:
    (upload,) = dev.of_type("Custom::CDKBucketDeployment")
    assert upload.properties["Prune"] is True
    assert upload.properties["RetainOnDelete"] is False
    assert upload.properties["DistributionPaths"] == ["/*"]
    assert "must-revalidate" in upload.properties["SystemMetadata"]["cache-control"]
    (retained,) = prod.of_type("Custom::CDKBucketDeployment")
    assert retained.properties["RetainOnDelete"] is True


def _distribution(stack: Synthesized) -> dict[str, Any]:
    config = stack.at("Site/Distribution").properties["DistributionConfig"]
    return dict(config)


def _bucket_statements(stack: Synthesized, path: str) -> list[dict[str, Any]]:
    bucket = stack.at(path).logical_id
    (policy,) = [
        each
        for each in stack.of_type("AWS::S3::BucketPolicy")
        if each.properties["Bucket"] == {"Ref": bucket}
    ]
    return list(policy.properties["PolicyDocument"]["Statement"])
