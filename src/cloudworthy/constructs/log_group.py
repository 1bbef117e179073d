"""A log group with retention, owned by the stack."""

from aws_cdk import RemovalPolicy, aws_logs
from constructs import Construct

from cloudworthy.constructs.suppressions import accept, in_packs


def log_group(
    scope: Construct,
    construct_id: str,
    *,
    retention: aws_logs.RetentionDays = aws_logs.RetentionDays.ONE_WEEK,
    removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    name: str | None = None,
) -> aws_logs.LogGroup:
    """Make a log group; `name` only where a service writes to a fixed one."""
    group = aws_logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=retention,
        removal_policy=removal_policy,
    )
    accept(
        group,
        "CloudWatch Logs encrypts every group at rest with its own key (AES-256-GCM). Log lines "
        "hold no item data and no secrets, so a customer key's separate access control has "
        "nothing to protect.",
        *in_packs("CloudWatchLogGroupEncrypted"),
    )
    return group
