"""User pools of Cognito with their clients and domains, in the services engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudworthy.local.model.arns import url_suffix_of
from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.api_shapes import known_members
from cloudworthy.local.provision.engines import AwsClient, ProvisionError, unless
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted

_SERVICE = "cognito-idp"
_FOR_GOOD = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


class UserPoolType(ResourceType):
    """``AWS::Cognito::UserPool``; ``Ref`` is its id, which the engine chooses.

    Source of Ref, GetAtt and replacement: CloudFormation template reference,
    AWS::Cognito::UserPool (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::Cognito::UserPool",
            honoured="AccountRecoverySetting AdminCreateUserConfig AliasAttributes "
            "AutoVerifiedAttributes EmailVerificationMessage EmailVerificationSubject "
            "LambdaConfig MfaConfiguration Policies Schema SmsVerificationMessage "
            "UsernameAttributes UsernameConfiguration UserPoolName UserPoolTags "
            "VerificationMessageTemplate",
            inert="DeletionProtection DeviceConfiguration EmailAuthenticationMessage "
            "EmailAuthenticationSubject EmailConfiguration EnabledMfas SmsAuthenticationMessage "
            "SmsConfiguration UserAttributeUpdateSettings UserPoolAddOns UserPoolTier "
            "WebAuthnFactorConfiguration WebAuthnRelyingPartyID WebAuthnUserVerification",
            keeps_data="every user in the pool",
        )

    def check(self, wanted: Wanted) -> None:
        if wanted.properties.get("LambdaConfig"):
            raise wanted.unsupported("LambdaConfig", "triggers", "a user pool without triggers")
        if wanted.properties.get("MfaConfiguration") == "ON":
            raise wanted.unsupported("MfaConfiguration", "ON", "OFF or OPTIONAL")

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.text("UserPoolName") or f"{wanted.logical_id}-{wanted.token(12)}"

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client(_SERVICE)
        name = self.provisional_id(wanted)
        pool_id = _begun(
            wanted,
            client.get_paginator("list_user_pools").paginate(MaxResults=60),
            ("UserPools", "Name", "Id"),
            name,
        )
        if pool_id is None:
            given = self._given(client, "CreateUserPool", wanted.properties)
            pool_id = client.create_user_pool(PoolName=name, **given)["UserPool"]["Id"]
        return _made_pool(client, pool_id, wanted.site)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        for name in _FOR_GOOD:
            if wanted.properties.get(name) != existing.properties.get(name):
                raise ProvisionError(
                    f"{self.name}.{name} ({wanted.logical_id}): found a change, expected what the "
                    "pool was made with, as on AWS. Make another pool."
                )
        client, pool_id = wanted.site.engines.client(_SERVICE), existing.physical_id
        given = self._given(client, "UpdateUserPool", wanted.properties)
        client.update_user_pool(UserPoolId=pool_id, **given)
        _add_attributes(client, pool_id, wanted.properties.get("Schema") or [])
        return _made_pool(client, pool_id, wanted.site)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        with unless("ResourceNotFoundException"):
            site.engines.client(_SERVICE).delete_user_pool(UserPoolId=existing.physical_id)

    def _given(
        self, client: AwsClient, operation: str, properties: Mapping[str, TemplateValue]
    ) -> dict[str, TemplateValue]:
        """Without ``inert`` ones: a protected pool could not be removed with its stack."""
        kept = {key: it for key, it in properties.items() if key in self.honoured}
        return known_members(kept, _input(client, operation))


class UserPoolClientType(ResourceType):
    """``AWS::Cognito::UserPoolClient``; ``Ref`` is its id.

    Source of Ref, GetAtt and replacement: CloudFormation template reference,
    AWS::Cognito::UserPoolClient (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::Cognito::UserPoolClient",
            honoured="AccessTokenValidity AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient "
            "AllowedOAuthScopes CallbackURLs ClientName DefaultRedirectURI ExplicitAuthFlows "
            "GenerateSecret IdTokenValidity LogoutURLs ReadAttributes RefreshTokenValidity "
            "SupportedIdentityProviders TokenValidityUnits UserPoolId WriteAttributes",
            inert="AnalyticsConfiguration AuthSessionValidity "
            "EnablePropagateAdditionalUserContextData EnableTokenRevocation "
            "PreventUserExistenceErrors RefreshTokenRotation",
            replaced_by="GenerateSecret UserPoolId",
        )

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.text("ClientName") or f"{wanted.logical_id}-{wanted.token(12)}"

    def create(self, wanted: Wanted) -> Made:
        client, pool_id = wanted.site.engines.client(_SERVICE), wanted.text("UserPoolId")
        name = self.provisional_id(wanted)
        paginator = client.get_paginator("list_user_pool_clients")
        pages = paginator.paginate(UserPoolId=pool_id, MaxResults=60)
        client_id = _begun(wanted, pages, ("UserPoolClients", "ClientName", "ClientId"), name)
        if client_id is None:
            given = known_members(wanted.properties, _input(client, "CreateUserPoolClient"))
            made = client.create_user_pool_client(**{**given, "ClientName": name})
            client_id = made["UserPoolClient"]["ClientId"]
        return _made_client(client, pool_id, client_id)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        client, client_id = wanted.site.engines.client(_SERVICE), existing.physical_id
        given = known_members(wanted.properties, _input(client, "UpdateUserPoolClient"))
        client.update_user_pool_client(
            **{**given, "ClientId": client_id, "ClientName": self.provisional_id(wanted)}
        )
        return _made_client(client, wanted.text("UserPoolId"), client_id)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        with unless("ResourceNotFoundException"):
            site.engines.client(_SERVICE).delete_user_pool_client(
                UserPoolId=existing.properties["UserPoolId"], ClientId=existing.physical_id
            )


class UserPoolDomainType(ResourceType):
    """``AWS::Cognito::UserPoolDomain``; ``Ref`` is the domain. No pages are served there.

    Source of Ref, GetAtt and replacement: CloudFormation template reference,
    AWS::Cognito::UserPoolDomain (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::Cognito::UserPoolDomain",
            honoured="Domain UserPoolId",
            inert="CustomDomainConfig ManagedLoginVersion",
            replaced_by="Domain UserPoolId",
        )

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.text("Domain")

    def create(self, wanted: Wanted) -> Made:
        client, domain = wanted.site.engines.client(_SERVICE), wanted.text("Domain")
        if not client.describe_user_pool_domain(Domain=domain).get("DomainDescription"):
            client.create_user_pool_domain(Domain=domain, UserPoolId=wanted.text("UserPoolId"))
        return self._made(wanted, domain)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        return self._made(wanted, existing.physical_id)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        with unless("ResourceNotFoundException"):
            site.engines.client(_SERVICE).delete_user_pool_domain(
                Domain=existing.physical_id, UserPoolId=existing.properties["UserPoolId"]
            )

    def _made(self, wanted: Wanted, domain: str) -> Made:
        host = f"d{wanted.token(13, purpose='CloudFrontDistribution')}.cloudfront.net"
        return Made(domain, {"CloudFrontDistribution": host})


def _begun(wanted: Wanted, pages: Any, keys: tuple[str, str, str], name: str) -> str | None:  # noqa: ANN401 - botocore's pages
    """The id of what a killed run made under this name, which no other resource has."""
    listed, name_key, id_key = keys
    known = {it.physical_id for it in wanted.neighbours if it.type == wanted.type}
    for page in pages:
        for entry in page[listed]:
            if entry[name_key] == name and entry[id_key] not in known:
                return str(entry[id_key])
    return None


def _input(client: AwsClient, operation: str) -> Any:  # noqa: ANN401 - a shape of botocore
    return client.meta.service_model.operation_model(operation).input_shape


def _made_pool(client: AwsClient, pool_id: str, site: Site) -> Made:
    provider = f"cognito-idp.{site.region}.{url_suffix_of(site.region)}/{pool_id}"
    return Made(
        pool_id,
        {
            "Arn": client.describe_user_pool(UserPoolId=pool_id)["UserPool"]["Arn"],
            "ProviderName": provider,
            "ProviderURL": f"https://{provider}",
            "UserPoolId": pool_id,
        },
    )


def _made_client(client: AwsClient, pool_id: str, client_id: str) -> Made:
    described = client.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    found = described["UserPoolClient"]
    attributes = {"ClientId": client_id, "Name": found["ClientName"]}
    if found.get("ClientSecret"):
        attributes["ClientSecret"] = found["ClientSecret"]
    return Made(client_id, attributes)


def _add_attributes(
    client: AwsClient, pool_id: str, schema: list[Mapping[str, TemplateValue]]
) -> None:
    """Attributes can be added to a pool, and neither changed nor taken away."""
    described = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    there = {it["Name"].removeprefix("custom:") for it in described["SchemaAttributes"]}
    shape = _input(client, "AddCustomAttributes").members["CustomAttributes"].member
    missing = [known_members(it, shape) for it in schema if it["Name"] not in there]
    if missing:
        client.add_custom_attributes(UserPoolId=pool_id, CustomAttributes=missing)


TYPES = (UserPoolType(), UserPoolClientType(), UserPoolDomainType())
