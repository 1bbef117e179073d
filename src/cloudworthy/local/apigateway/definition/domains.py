"""``AWS::ApiGateway::DomainName``, ``BasePathMapping`` and version 2's ``ApiMapping``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.model.resources import Deployment


@dataclass(frozen=True, slots=True)
class BasePathMapping:
    """A custom domain that serves an API under a path, ``""`` being the whole domain.

    Without a ``stage`` the next part of the path names it.
    """

    domain_name: str
    base_path: str
    stage: str


def build_base_path_mappings(api_id: str, deployment: Deployment) -> tuple[BasePathMapping, ...]:
    """The mappings of an API; the ones with the longest path come first.

    Raises
    ------
    UnsupportedError
        A domain that asks its callers for certificates.
    """
    for resource in deployment.of_type("AWS::ApiGateway::DomainName"):
        domain = Properties.of(resource)
        domain.refuse("MutualTlsAuthentication", supported="no client certificates")
        domain.refuse("RoutingMode", unless=("BASE_PATH_MAPPING_ONLY",), supported="base paths")
        if "PRIVATE" in domain.child("EndpointConfiguration").values("Types"):
            raise domain.unsupported(
                "EndpointConfiguration", found="PRIVATE", supported="EDGE or REGIONAL"
            )
    found = sorted(_mappings(api_id, deployment), key=lambda it: -len(it.base_path))
    return tuple(found)


def _mappings(api_id: str, deployment: Deployment) -> Iterator[BasePathMapping]:
    for kind, api, path in (
        ("AWS::ApiGateway::BasePathMapping", "RestApiId", "BasePath"),
        ("AWS::ApiGatewayV2::ApiMapping", "ApiId", "ApiMappingKey"),
    ):
        for resource in deployment.of_type(kind):
            properties = Properties.of(resource)
            if properties.text(api) == api_id:
                base_path = properties.text(path).strip("/")
                yield BasePathMapping(
                    domain_name=properties.text("DomainName").lower(),
                    base_path="" if base_path == "(none)" else base_path,
                    stage=properties.text("Stage"),
                )
