from __future__ import annotations

from typing import Any

import pytest

from local.provision.engine_children import Bench, resource

FULL = {
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {
                "ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                "BucketKeyEnabled": "true",
            }
        ]
    },
    "CorsConfiguration": {
        "CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": "300"}]
    },
    "LifecycleConfiguration": {
        "Rules": [
            {
                "Id": "Old",
                "Status": "Enabled",
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            },
            {"Status": "Enabled", "Prefix": "tmp/", "ExpirationInDays": 1},
        ]
    },
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": "true"},
    "Tags": [{"Key": "project", "Value": "cloudworthy"}],
    "VersioningConfiguration": {"Status": "Enabled"},
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}


async def bucket_of(bench: Bench, **properties: Any) -> str:
    deployment = await bench.apply({"Bucket": resource("AWS::S3::Bucket", **properties)})
    return deployment.resources["Bucket"].physical_id


async def test_ref_and_attributes(bench: Bench) -> None:
    deployment = await bench.apply({"Bucket": resource("AWS::S3::Bucket")})
    made = deployment.resources["Bucket"]
    name = made.physical_id
    assert name == name.lower()
    assert len(name) <= 63
    assert made.attributes == {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.us-east-1.amazonaws.com",
        "DualStackDomainName": f"{name}.s3.dualstack.us-east-1.amazonaws.com",
        "WebsiteURL": f"http://{name}.s3-website-us-east-1.amazonaws.com",
    }


async def test_every_setting_reaches_the_engine_and_leaves_it_again(bench: Bench) -> None:
    name = await bucket_of(bench, **FULL)
    s3 = bench.client("s3")
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    cors = s3.get_bucket_cors(Bucket=name)["CORSRules"]
    assert (cors[0]["AllowedMethods"], cors[0]["MaxAgeSeconds"]) == (["GET"], 300)
    rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert rules[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rules[0]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert (rules[1]["Expiration"], rules[1]["Filter"]) == ({"Days": 1}, {"Prefix": "tmp/"})
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert (block["BlockPublicAcls"], block["BlockPublicPolicy"]) == (True, True)
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == FULL["Tags"]
    encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert encryption["Rules"][0]["BucketKeyEnabled"] is True

    assert await bucket_of(bench) == name
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"
    for call, code in [
        (s3.get_bucket_cors, "NoSuchCORSConfiguration"),
        (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
        (s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration"),
        (s3.get_bucket_tagging, "NoSuchTagSet"),
    ]:
        with pytest.raises(Exception, match=code):
            call(Bucket=name)


async def test_a_bucket_that_demands_tls_can_still_be_written_locally(bench: Bench) -> None:
    """The local endpoint has no TLS, and the engine does not understand the condition."""
    template = {
        "Bucket": resource("AWS::S3::Bucket"),
        "Policy": resource(
            "AWS::S3::BucketPolicy", Bucket={"Ref": "Bucket"}, PolicyDocument=POLICY
        ),
    }
    deployment = await bench.apply(template)
    bucket = deployment.resources["Bucket"].physical_id
    assert deployment.resources["Policy"].properties["PolicyDocument"] == POLICY
    bench.client("s3").put_object(Bucket=bucket, Key="a", Body=b"")


async def test_a_bucket_goes_with_all_versions_of_what_is_in_it(bench: Bench) -> None:
    name = await bucket_of(bench, VersioningConfiguration={"Status": "Enabled"})
    s3 = bench.client("s3")
    for body in (b"1", b"2"):
        s3.put_object(Bucket=name, Key="a", Body=body)
    s3.delete_object(Bucket=name, Key="a")
    s3.create_multipart_upload(Bucket=name, Key="b")
    plan = bench.plan({"Other": resource("AWS::IAM::Role")})
    assert [loss.loses for loss in plan.data_loss] == ["every object in the bucket"]
    await bench.deployer().apply(plan)
    assert name not in [it["Name"] for it in s3.list_buckets()["Buckets"]]


async def test_a_bucket_outside_of_the_classic_region(bench: Bench) -> None:
    bench.region = "eu-west-1"
    name = await bucket_of(bench)
    location = bench.client("s3").get_bucket_location(Bucket=name)["LocationConstraint"]
    assert location == "eu-west-1"
