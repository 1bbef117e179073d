"""REST APIs: recorded here, served by the API Gateway data plane, which checks the values."""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.apigatewayv2 import regional_domain_attributes
from cloudworthy.local.provision.generated import random_text
from cloudworthy.local.provision.resource_type import (
    Made,
    Recorded,
    ResourceType,
    Wanted,
    same_as,
)

_API_KEY_LENGTH = 40
_CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""Source: CloudFormation template reference, ``AWS::Route53::RecordSet`` (documented)."""


def _rest_api_attributes(wanted: Wanted, rest_api_id: str) -> dict[str, TemplateValue]:
    root = wanted.token(10, purpose="RootResourceId")
    return {"RestApiId": rest_api_id, "RootResourceId": root}


def _domain_attributes(wanted: Wanted, domain_name: str) -> dict[str, TemplateValue]:
    return {
        "DistributionDomainName": f"d{wanted.token(13)}.cloudfront.net",
        "DistributionHostedZoneId": _CLOUDFRONT_ZONE,
        **regional_domain_attributes(wanted, domain_name),
    }


class ApiKeyType(ResourceType):
    """An API key; its value is made once and kept in the state."""

    def __init__(self) -> None:
        super().__init__(
            "AWS::ApiGateway::ApiKey",
            honoured="Enabled Name StageKeys Value",
            inert="CustomerId Description GenerateDistinctId Tags",
            replaced_by="GenerateDistinctId Name Value",
        )

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.token(10)

    def create(self, wanted: Wanted) -> Made:
        value = wanted.text("Value") or random_text(_API_KEY_LENGTH)
        return self._made(wanted, {"value": value})

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        return self._made(wanted, existing.data)

    def _made(self, wanted: Wanted, data: Mapping[str, TemplateValue]) -> Made:
        physical_id = self.provisional_id(wanted)
        return Made(physical_id, {"APIKeyId": physical_id}, data)


# Source of Ref, GetAtt and replacement: CloudFormation template reference, API Gateway
# (documented).
TYPES = (
    Recorded(
        "AWS::ApiGateway::RestApi",
        honoured="ApiKeySourceType BinaryMediaTypes Body BodyS3Location DisableExecuteApiEndpoint "
        "EndpointConfiguration MinimumCompressionSize Name Parameters Policy",
        inert="Description EndpointAccessMode FailOnWarnings Mode SecurityPolicy Tags",
        identify=lambda wanted: wanted.token(10),
        attributes=_rest_api_attributes,
    ),
    Recorded(
        "AWS::ApiGateway::Resource",
        honoured="ParentId PathPart RestApiId",
        replaced_by="ParentId PathPart RestApiId",
        identify=lambda wanted: wanted.token(6),
        attributes=same_as("ResourceId"),
    ),
    Recorded(
        "AWS::ApiGateway::Method",
        honoured="ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId HttpMethod "
        "Integration MethodResponses RequestModels RequestParameters RequestValidatorId "
        "ResourceId RestApiId",
        inert="OperationName",
        replaced_by="HttpMethod ResourceId RestApiId",
        identify=lambda wanted: wanted.token(10),
    ),
    Recorded(
        "AWS::ApiGateway::Authorizer",
        honoured="AuthorizerCredentials AuthorizerResultTtlInSeconds AuthorizerUri IdentitySource "
        "IdentityValidationExpression ProviderARNs RestApiId Type",
        inert="AuthType Name",
        replaced_by="RestApiId",
        identify=lambda wanted: wanted.token(6),
        attributes=same_as("AuthorizerId"),
    ),
    Recorded(
        "AWS::ApiGateway::BasePathMapping",
        honoured="BasePath DomainName RestApiId Stage",
        replaced_by="BasePath DomainName",
        identify=lambda wanted: wanted.token(6),
    ),
    Recorded(
        "AWS::ApiGateway::DomainName",
        honoured="DomainName EndpointConfiguration MutualTlsAuthentication RoutingMode",
        inert="CertificateArn EndpointAccessMode OwnershipVerificationCertificateArn "
        "RegionalCertificateArn SecurityPolicy Tags",
        replaced_by="DomainName",
        identify=lambda wanted: wanted.text("DomainName"),
        attributes=_domain_attributes,
    ),
    Recorded(
        "AWS::ApiGateway::Deployment",
        honoured="RestApiId StageDescription StageName",
        inert="Description",
        replaced_by="RestApiId",
        identify=lambda wanted: wanted.token(6),
        attributes=same_as("DeploymentId"),
    ),
    Recorded(
        "AWS::ApiGateway::Stage",
        honoured="AccessLogSetting CacheClusterEnabled CacheClusterSize CanarySetting "
        "DeploymentId MethodSettings RestApiId StageName TracingEnabled Variables",
        inert="ClientCertificateId Description DocumentationVersion Tags",
        replaced_by="RestApiId StageName",
        identify=lambda wanted: wanted.text("StageName"),
    ),
    Recorded(
        "AWS::ApiGateway::Account",
        honoured="CloudWatchRoleArn",
        identify=lambda wanted: wanted.token(10),
        attributes=same_as("Id"),
    ),
    ApiKeyType(),
    Recorded(
        "AWS::ApiGateway::UsagePlan",
        honoured="ApiStages Quota Throttle UsagePlanName",
        inert="Description Tags",
        identify=lambda wanted: wanted.token(6),
        attributes=same_as("Id"),
    ),
    Recorded(
        "AWS::ApiGateway::UsagePlanKey",
        honoured="KeyId KeyType UsagePlanId",
        replaced_by="KeyId KeyType UsagePlanId",
        identify=lambda wanted: f"{wanted.text('KeyId')}:{wanted.text('UsagePlanId')}",
        attributes=same_as("Id"),
    ),
    Recorded(
        "AWS::ApiGateway::GatewayResponse",
        honoured="ResponseParameters ResponseTemplates ResponseType RestApiId StatusCode",
        replaced_by="ResponseType RestApiId",
        identify=lambda wanted: wanted.token(10),
        attributes=same_as("Id"),
    ),
    Recorded(
        "AWS::ApiGateway::RequestValidator",
        honoured="Name RestApiId ValidateRequestBody ValidateRequestParameters",
        replaced_by="Name RestApiId",
        identify=lambda wanted: wanted.token(6),
        attributes=same_as("RequestValidatorId"),
    ),
    Recorded(
        "AWS::ApiGateway::Model",
        honoured="ContentType Name RestApiId Schema",
        inert="Description",
        replaced_by="ContentType Name RestApiId",
        identify=lambda wanted: wanted.text("Name") or wanted.token(12),
    ),
)
