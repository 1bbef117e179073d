"""HTTP APIs: recorded here, served by the API Gateway data plane, which checks the values."""

from __future__ import annotations

from cloudworthy.local.model.arns import url_suffix_of
from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.provision.names import UPPERCASE
from cloudworthy.local.provision.resource_type import Recorded, Wanted, same_as


def _api_attributes(wanted: Wanted, api_id: str) -> dict[str, TemplateValue]:
    region = wanted.site.region
    host = f"{api_id}.execute-api.{region}.{url_suffix_of(region)}"
    return {"ApiId": api_id, "ApiEndpoint": f"https://{host}"}


def regional_domain_attributes(wanted: Wanted, domain_name: str) -> dict[str, TemplateValue]:
    """What a custom domain of either kind of API has."""
    region = wanted.site.region
    target = f"d-{wanted.token(10)}.execute-api.{region}.{url_suffix_of(region)}"
    return {
        "DomainNameArn": wanted.site.arn("apigateway", f"/domainnames/{domain_name}", account=""),
        "RegionalDomainName": target,
        "RegionalHostedZoneId": f"Z{wanted.token(13, UPPERCASE, purpose='HostedZoneId')}",
    }


# Source of Ref, GetAtt and replacement: CloudFormation template reference, API Gateway V2
# (documented).
TYPES = (
    Recorded(
        "AWS::ApiGatewayV2::Api",
        honoured="CorsConfiguration DisableExecuteApiEndpoint Name ProtocolType",
        inert="Description IpAddressType RouteSelectionExpression Tags Version",
        replaced_by="ProtocolType",
        identify=lambda wanted: wanted.token(10),
        attributes=_api_attributes,
    ),
    Recorded(
        "AWS::ApiGatewayV2::Stage",
        honoured="AccessLogSettings ApiId AutoDeploy DefaultRouteSettings DeploymentId "
        "RouteSettings StageName StageVariables",
        inert="Description Tags",
        replaced_by="ApiId StageName",
        identify=lambda wanted: wanted.text("StageName"),
    ),
    Recorded(
        "AWS::ApiGatewayV2::Route",
        honoured="ApiId AuthorizationScopes AuthorizationType AuthorizerId RouteKey Target",
        inert="OperationName",
        replaced_by="ApiId",
        identify=lambda wanted: wanted.token(7),
        attributes=same_as("RouteId"),
    ),
    Recorded(
        "AWS::ApiGatewayV2::Integration",
        honoured="ApiId ConnectionType CredentialsArn IntegrationMethod IntegrationSubtype "
        "IntegrationType IntegrationUri PayloadFormatVersion RequestParameters "
        "ResponseParameters TimeoutInMillis",
        inert="Description PassthroughBehavior",
        replaced_by="ApiId",
        identify=lambda wanted: wanted.token(7),
        attributes=same_as("IntegrationId"),
    ),
    Recorded(
        "AWS::ApiGatewayV2::Authorizer",
        honoured="ApiId AuthorizerCredentialsArn AuthorizerPayloadFormatVersion "
        "AuthorizerResultTtlInSeconds AuthorizerType AuthorizerUri EnableSimpleResponses "
        "IdentitySource JwtConfiguration",
        inert="Name",
        replaced_by="ApiId",
        identify=lambda wanted: wanted.token(6),
        attributes=same_as("AuthorizerId"),
    ),
    Recorded(
        "AWS::ApiGatewayV2::Deployment",
        honoured="ApiId StageName",
        inert="Description",
        replaced_by="ApiId",
        identify=lambda wanted: wanted.token(6),
        attributes=same_as("DeploymentId"),
    ),
    Recorded(
        "AWS::ApiGatewayV2::DomainName",
        honoured="DomainName MutualTlsAuthentication RoutingMode",
        inert="DomainNameConfigurations Tags",
        replaced_by="DomainName",
        identify=lambda wanted: wanted.text("DomainName"),
        attributes=regional_domain_attributes,
    ),
    Recorded(
        "AWS::ApiGatewayV2::ApiMapping",
        honoured="ApiId ApiMappingKey DomainName Stage",
        replaced_by="DomainName",
        identify=lambda wanted: wanted.token(6),
        attributes=same_as("ApiMappingId"),
    ),
)
