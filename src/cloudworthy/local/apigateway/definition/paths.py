"""``AWS::ApiGateway::Resource``: the tree of paths of an API."""

from __future__ import annotations

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.resources import Deployment, ProvisionedResource


def build_paths(api_id: str, root_resource_id: str, deployment: Deployment) -> dict[str, str]:
    """The full path of each resource, by its id.

    Raises
    ------
    TemplateError
        Two resources under one parent are the same to API Gateway.
    """
    parents: dict[str, tuple[str, str]] = {}
    siblings: dict[tuple[str, str], ProvisionedResource] = {}
    for resource in deployment.of_type("AWS::ApiGateway::Resource"):
        if resource.properties.get("RestApiId") != api_id:
            continue
        parent_id, part = str(resource.properties["ParentId"]), str(resource.properties["PathPart"])
        place = (parent_id, "{}" if part.startswith("{") else part)
        if place in siblings:
            raise _taken(resource, siblings[place])
        siblings[place] = resource
        resource_id = str(resource.attributes.get("ResourceId", resource.physical_id))
        parents[resource_id] = (parent_id, part)

    def path_of(resource_id: str) -> str:
        if resource_id not in parents:
            return ""
        parent_id, part = parents[resource_id]
        return f"{path_of(parent_id)}/{part}"

    return {root_resource_id: "/"} | {resource_id: path_of(resource_id) for resource_id in parents}


def _taken(resource: ProvisionedResource, sibling: ProvisionedResource) -> TemplateError:
    """Source: API Gateway's own refusals of both (captured)."""
    part, other = str(resource.properties["PathPart"]), str(sibling.properties["PathPart"])
    if part.startswith("{"):
        refusal = (
            f"A sibling ({other}) of this resource already has a variable path part -- only one "
            "is allowed"
        )
    else:
        refusal = f"Another resource with the same parent already has this name: {part}"
    return Properties.of(resource).invalid(
        "PathPart",
        found=f"{part} beside {other} of {sibling.logical_id}",
        expected=f"what API Gateway accepts: {refusal}",
        action="Use one resource for both",
    )
