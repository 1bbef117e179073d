"""Who may call a REST API."""

from dataclasses import replace
from enum import StrEnum
from typing import Final

from aws_cdk import Duration, aws_apigateway
from constructs import Construct

from cloudworthy.constructs.dependency_layer import DependencyLayer, DependencyLayerProps
from cloudworthy.constructs.jwt import JwtSettings
from cloudworthy.constructs.service_function import (
    FunctionPlatform,
    ServiceFunction,
    ServiceFunctionProps,
)

# How long API Gateway keeps an answer: a token that has run out is refused after that time.
_ANSWER_KEPT: Final = Duration.minutes(1)
_TIMEOUT_S: Final = 10
# What can be no token is refused by the gateway, which asks and pays no function for it.
_TOKEN: Final = r"^[Bb]earer +[\w-]+\.[\w-]+\.[\w-]+$"  # noqa: S105 - a pattern


class RestAuth(StrEnum):
    """How the callers of a REST API say who they are."""

    API_KEY = "api_key"
    IAM = "iam"
    JWT = "jwt"
    NONE = "none"


class JwtAuthorizer(Construct):
    """A function that checks tokens of an OpenID Connect issuer, whichever it is.

    API Gateway could check those of a Cognito user pool itself. But it looks at neither the
    audience nor the client, so a token that was made for any other application of the pool would
    do; and it takes access tokens only on methods with scopes. One way for every issuer is
    checked, tested and understood once.

    A refused token is a failed invocation, for that is how the answer becomes a 401: the metric
    of the function's errors says nothing. When the issuer cannot be asked, the API answers 500:
    an alarm belongs on the API's server errors.

    Source: Amazon API Gateway developer guide, "Control access to REST APIs using Amazon Cognito
    user pools as an authorizer" and "Use API Gateway Lambda authorizers" (documented).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        jwt: JwtSettings,
        platform: FunctionPlatform,
        dependencies: DependencyLayerProps,
    ) -> None:
        super().__init__(scope, construct_id)
        layer = DependencyLayer(self, "Dependencies", dependencies).layer
        self.function: Final = ServiceFunction(
            self,
            "Function",
            ServiceFunctionProps(
                handler="authorizer.jwt.handler",
                description="Is this token of the issuer, and meant for this API",
                timeout_s=_TIMEOUT_S,
                environment={"JWT_ISSUER": jwt.issuer, "JWT_AUDIENCE": ",".join(jwt.audience)},
            ),
            replace(platform, layers=(*platform.layers, layer)),
        )
        self.authorizer: Final = aws_apigateway.TokenAuthorizer(
            self,
            "Authorizer",
            handler=self.function.function,
            validation_regex=_TOKEN,
            results_cache_ttl=_ANSWER_KEPT,
        )
