"""Buckets, in the services engine, and their policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudworthy.local.model.arns import url_suffix_of
from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.engines import AwsClient, unless
from cloudworthy.local.provision.properties import as_api, flag
from cloudworthy.local.provision.resource_type import (
    Made,
    Recorded,
    ResourceType,
    Site,
    Wanted,
)
from cloudworthy.local.provision.s3_lifecycle import lifecycle_rules

_CLASSIC_REGION = "us-east-1"


class BucketType(ResourceType):
    """``AWS::S3::Bucket``. Deleting one deletes what is in it.

    Source of Ref, GetAtt and replacement: CloudFormation template reference,
    AWS::S3::Bucket (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::S3::Bucket",
            honoured="BucketEncryption BucketName CorsConfiguration LifecycleConfiguration "
            "OwnershipControls PublicAccessBlockConfiguration Tags VersioningConfiguration",
            inert="AccelerateConfiguration AccessControl AnalyticsConfigurations "
            "IntelligentTieringConfigurations InventoryConfigurations LoggingConfiguration "
            "MetricsConfigurations",
            replaced_by="BucketName",
            keeps_data="every object in the bucket",
        )

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.name("BucketName", longest=63, lower=True)

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("s3")
        bucket = self.provisional_id(wanted)
        region = wanted.site.region
        place: dict[str, Any] = {}
        if region != _CLASSIC_REGION:
            place["CreateBucketConfiguration"] = {"LocationConstraint": region}
        with unless("BucketAlreadyOwnedByYou"):
            client.create_bucket(Bucket=bucket, **place)
        return self._configure(client, bucket, wanted)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        return self._configure(wanted.site.engines.client("s3"), existing.physical_id, wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        client = site.engines.client("s3")
        with unless("NoSuchBucket"):
            empty_bucket(client, existing.physical_id)
            client.delete_bucket(Bucket=existing.physical_id)

    def _configure(self, client: AwsClient, bucket: str, wanted: Wanted) -> Made:
        properties = wanted.properties
        _set_versioning(client, bucket, properties.get("VersioningConfiguration"))
        _set_encryption(client, bucket, properties.get("BucketEncryption"))
        _set_cors(client, bucket, properties.get("CorsConfiguration"))
        _set_lifecycle(client, bucket, properties.get("LifecycleConfiguration"))
        _set_public_access(client, bucket, properties.get("PublicAccessBlockConfiguration"))
        _set_ownership(client, bucket, properties.get("OwnershipControls"))
        _set_tags(client, bucket, properties.get("Tags"))
        return Made(bucket, _attributes(bucket, wanted.site))


def _attributes(bucket: str, site: Site) -> dict[str, TemplateValue]:
    suffix = url_suffix_of(site.region)
    return {
        "Arn": site.arn("s3", bucket, region="", account=""),
        "DomainName": f"{bucket}.s3.{suffix}",
        "RegionalDomainName": f"{bucket}.s3.{site.region}.{suffix}",
        "DualStackDomainName": f"{bucket}.s3.dualstack.{site.region}.{suffix}",
        "WebsiteURL": f"http://{bucket}.s3-website-{site.region}.{suffix}",
    }


def _set_versioning(client: AwsClient, bucket: str, value: TemplateValue) -> None:
    """A bucket that once had versions can only be suspended, as on AWS."""
    status = (value or {}).get("Status")
    if status is None:
        described = client.get_bucket_versioning(Bucket=bucket)
        status = "Suspended" if described.get("Status") == "Enabled" else None
    if status is not None:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def _set_encryption(client: AwsClient, bucket: str, value: TemplateValue) -> None:
    if not value:
        client.delete_bucket_encryption(Bucket=bucket)
        return
    rules = []
    for rule in value["ServerSideEncryptionConfiguration"]:
        asked = rule.get("ServerSideEncryptionByDefault", {})
        kept = {key: asked[key] for key in ("SSEAlgorithm", "KMSMasterKeyID") if key in asked}
        bucket_key = flag(rule.get("BucketKeyEnabled"))
        rules.append({"ApplyServerSideEncryptionByDefault": kept, "BucketKeyEnabled": bucket_key})
    client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})


def _set_cors(client: AwsClient, bucket: str, value: TemplateValue) -> None:
    if not value:
        client.delete_bucket_cors(Bucket=bucket)
        return
    names = {"ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds", "Id": "ID"}
    rules = [
        {names.get(key, key): item for key, item in as_api(rule).items()}
        for rule in value["CorsRules"]
    ]
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})


def _set_lifecycle(client: AwsClient, bucket: str, value: TemplateValue) -> None:
    if not value:
        client.delete_bucket_lifecycle(Bucket=bucket)
        return
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": lifecycle_rules(value["Rules"])}
    )


def _set_public_access(client: AwsClient, bucket: str, value: TemplateValue) -> None:
    if not value:
        client.delete_public_access_block(Bucket=bucket)
        return
    configuration = {key: str(item).lower() == "true" for key, item in value.items()}
    client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=configuration)


def _set_ownership(client: AwsClient, bucket: str, value: TemplateValue) -> None:
    if not value:
        client.delete_bucket_ownership_controls(Bucket=bucket)
        return
    client.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=value)


def _set_tags(client: AwsClient, bucket: str, value: TemplateValue) -> None:
    if not value:
        client.delete_bucket_tagging(Bucket=bucket)
        return
    client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": value})


def empty_bucket(client: AwsClient, bucket: str) -> None:
    """Delete every object, every version and every delete marker."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        _delete(
            client, bucket, [{"Key": it["Key"], "VersionId": it["VersionId"]} for it in versions]
        )
    for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
        client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def _delete(client: AwsClient, bucket: str, objects: list[Mapping[str, str]]) -> None:
    if objects:
        client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})


# The services engine refuses writes by a bucket policy that demands TLS, whatever its condition
# says. Policies are kept as documents instead: deciding on them is not the engine's work.
TYPES = (
    BucketType(),
    Recorded(
        "AWS::S3::BucketPolicy",
        honoured="Bucket PolicyDocument",
        replaced_by="Bucket",
        identify=lambda wanted: wanted.text("Bucket"),
    ),
)
