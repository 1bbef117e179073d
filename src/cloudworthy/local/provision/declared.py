"""Types that have no effect on one machine: they have an identity and nothing else."""

from __future__ import annotations

from cloudworthy.local.provision.names import HEXADECIMAL, uuid_text
from cloudworthy.local.provision.resource_type import Recorded, Wanted


def _uuid(wanted: Wanted) -> str:
    return uuid_text(wanted.token(32, HEXADECIMAL))


def _scalable_target_id(wanted: Wanted) -> str:
    return "|".join(
        wanted.text(name) for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")
    )


def _scaling_policy_arn(wanted: Wanted) -> str:
    name = wanted.text("PolicyName")
    return wanted.site.arn("autoscaling", f"scalingPolicy:{_uuid(wanted)}:policyName/{name}")


def _group_arn(wanted: Wanted) -> str:
    suffix = wanted.token(26).upper()
    return wanted.site.arn("xray", f"group/{wanted.text('GroupName')}/{suffix}")


def _sampling_rule_arn(wanted: Wanted) -> str:
    rule = wanted.properties.get("SamplingRule") or {}
    return wanted.site.arn("xray", f"sampling-rule/{rule.get('RuleName', wanted.token(12))}")


# Source of Ref, GetAtt and replacement: CloudFormation template reference, Application Auto
# Scaling and X-Ray (documented).
TYPES = (
    Recorded(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        inert="MaxCapacity MinCapacity ResourceId RoleARN ScalableDimension ScheduledActions "
        "ServiceNamespace SuspendedState Tags",
        replaced_by="ResourceId ScalableDimension ServiceNamespace",
        declared_only=True,
        identify=_scalable_target_id,
        attributes=lambda _wanted, physical_id: {"Id": physical_id},
    ),
    Recorded(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        inert="PolicyName PolicyType PredictiveScalingPolicyConfiguration ResourceId "
        "ScalableDimension ScalingTargetId ServiceNamespace StepScalingPolicyConfiguration "
        "TargetTrackingScalingPolicyConfiguration",
        replaced_by="PolicyName ResourceId ScalableDimension ScalingTargetId ServiceNamespace",
        declared_only=True,
        identify=_scaling_policy_arn,
        attributes=lambda _wanted, physical_id: {"Arn": physical_id},
    ),
    Recorded(
        "AWS::XRay::Group",
        inert="FilterExpression GroupName InsightsConfiguration Tags",
        declared_only=True,
        identify=_group_arn,
        attributes=lambda _wanted, arn: {"GroupARN": arn},
    ),
    Recorded(
        "AWS::XRay::SamplingRule",
        inert="SamplingRule Tags",
        declared_only=True,
        identify=_sampling_rule_arn,
        attributes=lambda _wanted, arn: {"RuleARN": arn},
    ),
    Recorded(
        "AWS::CDK::Metadata",
        inert="Analytics Modules",
        declared_only=True,
        identify=lambda wanted: wanted.name("", longest=128),
    ),
)
