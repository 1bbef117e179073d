"""Parameters of Systems Manager, in the services engine."""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.model.resources import ProvisionedResource
from cloudworthy.local.provision.engines import AwsClient, unless
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted


class ParameterType(ResourceType):
    """``AWS::SSM::Parameter``; ``Ref`` is its name.

    Source of Ref, GetAtt and replacement: CloudFormation template reference (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::SSM::Parameter",
            honoured="AllowedPattern Description Name Tags Type Value",
            inert="DataType Policies Tier",
            replaced_by="Name",
        )

    def provisional_id(self, wanted: Wanted) -> str:
        given = wanted.text("Name")
        return given or f"CFN-{wanted.logical_id}-{wanted.token(12)}"

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("ssm")
        name = self.provisional_id(wanted)
        client.put_parameter(
            Name=name,
            Type=wanted.text("Type", "String"),
            Value=wanted.text("Value"),
            Description=wanted.text("Description"),
            Overwrite=True,
            **({"AllowedPattern": it} if (it := wanted.text("AllowedPattern")) else {}),
        )
        _set_tags(client, name, wanted.properties.get("Tags") or {})
        return Made(name, {"Type": wanted.text("Type"), "Value": wanted.text("Value")})

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:  # noqa: ARG002
        return self.create(wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        with unless("ParameterNotFound"):
            site.engines.client("ssm").delete_parameter(Name=existing.physical_id)


def _set_tags(client: AwsClient, name: str, tags: Mapping[str, str]) -> None:
    """Tags of a parameter are an object in the template, unlike anywhere else."""
    target = {"ResourceType": "Parameter", "ResourceId": name}
    there = {it["Key"] for it in client.list_tags_for_resource(**target)["TagList"]}
    gone = sorted(there - tags.keys())
    if gone:
        client.remove_tags_from_resource(**target, TagKeys=gone)
    if tags:
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        client.add_tags_to_resource(**target, Tags=pairs)


TYPES = (ParameterType(),)
