"""Log groups: the log store of the runtime keeps their events by name."""

from __future__ import annotations

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.provision.names import uuid_text
from cloudworthy.local.provision.resource_type import Recorded, Wanted


def _log_group_attributes(wanted: Wanted, name: str) -> dict[str, TemplateValue]:
    return {"Arn": wanted.site.arn("logs", f"log-group:{name}:*")}


# Source of Ref, GetAtt and replacement: CloudFormation template reference, Logs (documented).
TYPES = (
    Recorded(
        "AWS::Logs::LogGroup",
        honoured="LogGroupName",
        inert="DataProtectionPolicy DeletionProtectionEnabled FieldIndexPolicies KmsKeyId "
        "LogGroupClass ResourcePolicyDocument RetentionInDays Tags",
        replaced_by="LogGroupName",
        identify=lambda wanted: wanted.name("LogGroupName", longest=512),
        attributes=_log_group_attributes,
    ),
    Recorded(
        "AWS::Logs::QueryDefinition",
        inert="LogGroupNames Name QueryLanguage QueryString",
        declared_only=True,
        identify=lambda wanted: uuid_text(wanted.token(32, "0123456789abcdef")),
        attributes=lambda _wanted, physical_id: {"QueryDefinitionId": physical_id},
    ),
)
