"""Keys and aliases, in the services engine."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.engines import AwsClient, unless
from cloudworthy.local.provision.properties import as_tags, flag
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted

_MARK = "cloudworthy:key"
"""Tag by which a key that a killed run made is found again: KMS chooses the key's id."""

_FIXED = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")


class KeyType(ResourceType):
    """``AWS::KMS::Key``.

    Source of Ref, GetAtt and of what cannot change: CloudFormation template reference,
    AWS::KMS::Key (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::KMS::Key",
            honoured="Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage "
            "MultiRegion Origin Tags",
            inert="BypassPolicyLockoutSafetyCheck PendingWindowInDays RotationPeriodInDays",
            keeps_data="the key, and with it everything that it encrypted",
        )

    def provisional_id(self, wanted: Wanted) -> str:
        return f"mark:{wanted.token(20)}"

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("kms")
        mark = self.provisional_id(wanted)
        key_id = _find(client, mark) or self._make(client, mark, wanted)
        return self._configure(client, key_id, mark, wanted)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        for name in _FIXED:
            if wanted.properties.get(name) != existing.properties.get(name):
                raise TemplateError(
                    f"{self.name}.{name}",
                    wanted.logical_id,
                    found="another value than the key was made with",
                    expected=str(existing.properties.get(name)),
                    action="Declare a new key under another logical id",
                )
        client = wanted.site.engines.client("kms")
        return self._configure(client, existing.physical_id, existing.data["mark"], wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        client = site.engines.client("kms")
        key_id: str | None = existing.physical_id
        if existing.physical_id.startswith("mark:"):
            key_id = _find(client, existing.physical_id)
        if key_id is not None:
            with unless("NotFoundException", "KMSInvalidStateException"):
                client.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)

    def _make(self, client: AwsClient, mark: str, wanted: Wanted) -> str:
        fixed = {name: wanted.properties[name] for name in _FIXED if name in wanted.properties}
        made = client.create_key(Tags=[{"TagKey": _MARK, "TagValue": mark}], **fixed)
        return str(made["KeyMetadata"]["KeyId"])

    def _configure(self, client: AwsClient, key_id: str, mark: str, wanted: Wanted) -> Made:
        properties = wanted.properties
        client.update_key_description(KeyId=key_id, Description=wanted.text("Description"))
        if "KeyPolicy" in properties:
            policy = json.dumps(properties["KeyPolicy"])
            client.put_key_policy(KeyId=key_id, PolicyName="default", Policy=policy)
        _set_rotation(client, key_id, properties)
        enabled = flag(properties.get("Enabled", True))
        (client.enable_key if enabled else client.disable_key)(KeyId=key_id)
        _set_tags(client, key_id, {**as_tags(properties.get("Tags")), _MARK: mark})
        arn = wanted.site.arn("kms", f"key/{key_id}")
        return Made(key_id, {"Arn": arn, "KeyId": key_id}, {"mark": mark})


def _set_rotation(client: AwsClient, key_id: str, properties: Mapping[str, TemplateValue]) -> None:
    if properties.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        return
    rotates = flag(properties.get("EnableKeyRotation"))
    (client.enable_key_rotation if rotates else client.disable_key_rotation)(KeyId=key_id)


def _set_tags(client: AwsClient, key_id: str, tags: Mapping[str, str]) -> None:
    there = {it["TagKey"] for it in client.list_resource_tags(KeyId=key_id)["Tags"]}
    gone = sorted(there - tags.keys())
    if gone:
        client.untag_resource(KeyId=key_id, TagKeys=gone)
    pairs = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
    client.tag_resource(KeyId=key_id, Tags=pairs)


def _find(client: AwsClient, mark: str) -> str | None:
    """The live key with a mark."""
    for page in client.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            tags = client.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            if any(it["TagKey"] == _MARK and it["TagValue"] == mark for it in tags):
                state = client.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
                if state != "PendingDeletion":
                    return str(key["KeyId"])
    return None


class AliasType(ResourceType):
    """``AWS::KMS::Alias``."""

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::KMS::Alias", honoured="AliasName TargetKeyId", replaced_by="AliasName"
        )

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.text("AliasName")

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("kms")
        name, key = wanted.text("AliasName"), _bare_key_id(wanted.text("TargetKeyId"))
        with unless("AlreadyExistsException"):
            client.create_alias(AliasName=name, TargetKeyId=key)
        client.update_alias(AliasName=name, TargetKeyId=key)
        return Made(name)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:  # noqa: ARG002
        return self.create(wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        with unless("NotFoundException"):
            site.engines.client("kms").delete_alias(AliasName=existing.physical_id)


def _bare_key_id(key: str) -> str:
    return key.rpartition("/")[2]


TYPES = (KeyType(), AliasType())
