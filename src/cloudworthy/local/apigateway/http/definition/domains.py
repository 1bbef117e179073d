"""``AWS::ApiGatewayV2::DomainName`` and ``ApiMapping``: custom domains of an HTTP API."""

from __future__ import annotations

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.http.definition.types import DomainMapping
from cloudworthy.local.model.resources import Deployment


def build_domains(api_id: str, deployment: Deployment) -> tuple[DomainMapping, ...]:
    """The mappings of an API; the ones with the longest path come first.

    Raises
    ------
    UnsupportedError
        A domain that asks its callers for certificates.
    """
    for resource in deployment.of_type("AWS::ApiGatewayV2::DomainName"):
        domain = Properties.of(resource)
        domain.refuse("MutualTlsAuthentication", supported="no client certificates")
        domain.refuse("RoutingMode", unless=("API_MAPPING_ONLY",), supported="API_MAPPING_ONLY")
    mappings = [
        DomainMapping(
            domain_name=properties.text("DomainName").lower(),
            key=properties.text("ApiMappingKey").strip("/"),
            stage=properties.text("Stage"),
        )
        for resource in deployment.of_type("AWS::ApiGatewayV2::ApiMapping")
        if (properties := Properties.of(resource)).text("ApiId") == api_id
    ]
    return tuple(sorted(mappings, key=lambda mapping: -len(mapping.key)))
