"""The policies of buckets, queues, topics, keys, functions and roles, by the resource's ARN.

They are read from the template; what programs put on resources is in ``current_policies``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from cloudworthy.local.iam.compiled import CompiledPolicy, PolicyKind
from cloudworthy.local.iam.policy import Policy, parse_policy
from cloudworthy.local.model.arns import arn_of, bucket_arn, service_of
from cloudworthy.local.model.resources import Deployment, ProvisionedResource
from cloudworthy.local.permissions.function_policies import declared_permissions
from cloudworthy.local.permissions.identity import trust_policies

_VERSION = "2012-10-17"


def resource_policies(deployment: Deployment) -> dict[str, CompiledPolicy]:
    """The policies of a stack's resources, those that AWS puts there by itself included."""
    return {
        **_compiled(_default_topic_policies(deployment)),
        **_compiled(_declared(deployment)),
        **_compiled(_permissions(deployment)),
        **trust_policies(deployment),
    }


def owner_of(resource: str) -> str:
    """The ARN of what holds the policy about a resource: the bucket of an object."""
    return resource.partition("/")[0] if service_of(resource) == "s3" else resource


@cache
def default_key_policy(account: str) -> CompiledPolicy:
    """What a key has for a policy when nobody gave it one.

    Source: AWS KMS developer guide, "Default key policy" (documented).
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = parse_policy({"Version": _VERSION, "Statement": statement}, name="default")
    return CompiledPolicy(policy, PolicyKind.RESOURCE)


def _compiled(policies: Iterator[tuple[str, Policy]]) -> dict[str, CompiledPolicy]:
    return {arn: CompiledPolicy(policy, PolicyKind.RESOURCE) for arn, policy in policies}


def _declared(deployment: Deployment) -> Iterator[tuple[str, Policy]]:
    for resource in deployment.of_type("AWS::S3::BucketPolicy"):
        bucket = str(resource.properties["Bucket"])
        yield bucket_arn(deployment.stack.region, bucket), _parsed(resource, "PolicyDocument")
    for resource in deployment.of_type("AWS::SQS::QueuePolicy"):
        for url in resource.properties["Queues"]:
            yield _queue_arn(str(url), deployment), _parsed(resource, "PolicyDocument")
    for resource in deployment.of_type("AWS::SNS::TopicPolicy"):
        for arn in resource.properties["Topics"]:
            yield str(arn), _parsed(resource, "PolicyDocument")
    for resource in deployment.of_type("AWS::KMS::Key"):
        if "KeyPolicy" in resource.properties:
            yield str(resource.attributes["Arn"]), _parsed(resource, "KeyPolicy")
    for resource in deployment.of_type("AWS::SecretsManager::ResourcePolicy"):
        yield str(resource.properties["SecretId"]), _parsed(resource, "ResourcePolicy")


def _default_topic_policies(deployment: Deployment) -> Iterator[tuple[str, Policy]]:
    """Services of the topic's own account may publish while the topic has no other policy.

    Source: Amazon SNS developer guide, "Using identity-based policies", default policy, and its
    key ``AWS:SourceOwner`` (documented).
    """
    for topic in deployment.of_type("AWS::SNS::Topic"):
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic.physical_id,
            "Condition": {"StringEquals": {"AWS:SourceOwner": deployment.stack.account}},
        }
        document = {"Version": "2008-10-17", "Statement": statement}
        yield topic.physical_id, parse_policy(document, name="default", logical_id=topic.logical_id)


def _permissions(deployment: Deployment) -> Iterator[tuple[str, Policy]]:
    """All permissions of a function are one policy.

    Source: AWS Lambda developer guide, "Resource-based policies" (documented).
    """
    for arn, statements in declared_permissions(deployment).items():
        document = {"Version": _VERSION, "Statement": statements}
        yield arn, parse_policy(document, name="AWS::Lambda::Permission")


def _parsed(resource: ProvisionedResource, member: str) -> Policy:
    return parse_policy(
        resource.properties[member],
        name=f"{resource.type}.{member}",
        logical_id=resource.logical_id,
    )


def _queue_arn(url: str, deployment: Deployment) -> str:
    name, stack = url.rpartition("/")[2], deployment.stack
    return arn_of("sqs", stack.region, stack.account, name)
