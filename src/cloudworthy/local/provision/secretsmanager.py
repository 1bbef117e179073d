"""Secrets, in the services engine."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.engines import AwsClient, unless
from cloudworthy.local.provision.generated import random_password
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted


class SecretType(ResourceType):
    """``AWS::SecretsManager::Secret``; ``Ref`` is its ARN.

    The value is made once. It is made again only when ``GenerateSecretString`` changes.

    Source of Ref, GetAtt and replacement: CloudFormation template reference (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::SecretsManager::Secret",
            honoured="Description GenerateSecretString KmsKeyId Name SecretString Tags",
            inert="ReplicaRegions Type",
            replaced_by="Name",
            keeps_data="the secret's value",
        )

    def provisional_id(self, wanted: Wanted) -> str:
        given = wanted.text("Name")
        return given or f"{wanted.logical_id}-{wanted.token(12)}"

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("secretsmanager")
        name = self.provisional_id(wanted)
        with unless("ResourceExistsException"):
            client.create_secret(Name=name, SecretString=_value(wanted.properties))
        return self._configure(client, name, wanted)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        client = wanted.site.engines.client("secretsmanager")
        names = ("GenerateSecretString", "SecretString")
        if any(wanted.properties.get(it) != existing.properties.get(it) for it in names):
            value = _value(wanted.properties)
            client.put_secret_value(SecretId=existing.physical_id, SecretString=value)
        return self._configure(client, existing.physical_id, wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        client = site.engines.client("secretsmanager")
        with unless("ResourceNotFoundException"):
            client.delete_secret(SecretId=existing.physical_id, ForceDeleteWithoutRecovery=True)

    def _configure(self, client: AwsClient, secret_id: str, wanted: Wanted) -> Made:
        settings = {"Description": wanted.text("Description")}
        if "KmsKeyId" in wanted.properties:
            settings["KmsKeyId"] = wanted.text("KmsKeyId")
        client.update_secret(SecretId=secret_id, **settings)
        described = client.describe_secret(SecretId=secret_id)
        _set_tags(client, secret_id, described.get("Tags") or [], wanted.properties.get("Tags"))
        arn = described["ARN"]
        return Made(arn, {"Id": arn})


def _value(properties: Mapping[str, TemplateValue]) -> str:
    """The secret string; without any setting CloudFormation makes a random one too."""
    if "SecretString" in properties:
        return str(properties["SecretString"])
    settings = properties.get("GenerateSecretString") or {}
    password = random_password(settings)
    if "SecretStringTemplate" not in settings:
        return password
    content = json.loads(settings["SecretStringTemplate"])
    return json.dumps({**content, settings["GenerateStringKey"]: password})


def _set_tags(
    client: AwsClient, secret_id: str, there: list[Mapping[str, str]], tags: TemplateValue
) -> None:
    wanted = tags or []
    gone = {it["Key"] for it in there} - {it["Key"] for it in wanted}
    if gone:
        client.untag_resource(SecretId=secret_id, TagKeys=sorted(gone))
    if wanted and wanted != there:
        client.tag_resource(SecretId=secret_id, Tags=wanted)


class SecretPolicyType(ResourceType):
    """``AWS::SecretsManager::ResourcePolicy``: the policy of one secret.

    Source of Ref and of what cannot change: CloudFormation template reference (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::SecretsManager::ResourcePolicy",
            honoured="ResourcePolicy SecretId",
            inert="BlockPublicPolicy",
            replaced_by="SecretId",
        )

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.text("SecretId")

    def create(self, wanted: Wanted) -> Made:
        secret_id = wanted.text("SecretId")
        policy = json.dumps(wanted.properties["ResourcePolicy"])
        wanted.site.engines.client("secretsmanager").put_resource_policy(
            SecretId=secret_id, ResourcePolicy=policy
        )
        return Made(secret_id, {"Id": secret_id})

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:  # noqa: ARG002
        return self.create(wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        client = site.engines.client("secretsmanager")
        with unless("ResourceNotFoundException"):
            client.delete_resource_policy(SecretId=existing.physical_id)


TYPES = (SecretType(), SecretPolicyType())
