"""Parameters of Systems Manager, in the services engine."""

from __future__ import annotations

from cloudworthy.local.model.resources import ProvisionedResource
from cloudworthy.local.provision.engines import unless
from cloudworthy.local.provision.properties import as_tags
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
        tags = [{"Key": k, "Value": v} for k, v in as_tags(wanted.properties.get("Tags")).items()]
        if tags:
            client.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=tags)
        return Made(name, {"Type": wanted.text("Type"), "Value": wanted.text("Value")})

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:  # noqa: ARG002
        return self.create(wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        with unless("ParameterNotFound"):
            site.engines.client("ssm").delete_parameter(Name=existing.physical_id)


TYPES = (ParameterType(),)
