"""The function that empties buckets when a stack is destroyed, made to leave nothing behind.

The CDK's provider for it logs to a group that CloudWatch creates on first use, with no
retention and owned by nobody: it outlives the stack. Here the group belongs to the stack, and
the function's role may write to that group and nothing else.
"""

from collections.abc import Mapping
from typing import Final

from aws_cdk import CfnResource, Stack, aws_logs
from constructs import IConstruct

from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.suppressions import (
    Pack,
    accept,
    in_packs,
    tolerate_redundant_depends_on,
)

PROVIDER_ID: Final = "Custom::S3AutoDeleteObjectsCustomResourceProvider"
_LOGS_ID: Final = "AutoDeleteLogs"


def own_auto_delete(scope: IConstruct) -> None:
    """Give the stack's auto-delete function a log group of the stack; once is enough."""
    stack = Stack.of(scope)
    if stack.node.try_find_child(_LOGS_ID) is not None:
        return
    logs = log_group(stack, _LOGS_ID)
    provider = stack.node.find_child(PROVIDER_ID)
    _log_to(_resource(provider, "Handler"), logs)
    _may_only_log_to(_resource(provider, "Role"), logs)


def tag_auto_delete(scope: IConstruct, tags: Mapping[str, str]) -> None:
    """Tag the provider's resources, which the CDK builds too bare for its own tagging."""
    provider = Stack.of(scope).node.try_find_child(PROVIDER_ID)
    if provider is None:
        return
    cfn_tags = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
    for name in ("Handler", "Role"):
        _resource(provider, name).add_property_override("Tags", cfn_tags)


def _log_to(handler: CfnResource, logs: aws_logs.LogGroup) -> None:
    tolerate_redundant_depends_on(handler)
    accept(
        handler,
        "Runs only while CloudFormation empties a bucket of the stack and waits for the answer: "
        "no event that could be lost, no load to limit, no network to be in.",
        *in_packs("LambdaConcurrency", Pack.NIST, Pack.HIPAA),
        *in_packs("LambdaDLQ", Pack.SERVERLESS, Pack.NIST, Pack.HIPAA),
        *in_packs("LambdaInsideVPC"),
        "Serverless-LambdaTracing",
    )
    handler.add_property_override(
        "LoggingConfig", {"LogFormat": "JSON", "LogGroup": logs.log_group_name}
    )


def _may_only_log_to(role: CfnResource, logs: aws_logs.LogGroup) -> None:
    accept(
        role,
        "The policy belongs to this one role, which exists while the stack does, and must be "
        "attached to no other.",
        *in_packs("IAMNoInlinePolicy"),
    )
    role.add_property_deletion_override("ManagedPolicyArns")
    statement = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": logs.log_group_arn,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role.add_property_override("Policies", [{"PolicyName": "Logs", "PolicyDocument": policy}])


def _resource(provider: IConstruct, name: str) -> CfnResource:
    resource = provider.node.find_child(name)
    if not isinstance(resource, CfnResource):
        raise TypeError(f"{resource.node.path}: found no CloudFormation resource")
    return resource
