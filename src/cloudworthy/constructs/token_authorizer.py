"""A function that lets callers in who send the token of a secret."""

from typing import Final

from aws_cdk import Duration
from aws_cdk.aws_apigatewayv2 import IHttpRouteAuthorizer
from aws_cdk.aws_apigatewayv2_authorizers import HttpLambdaAuthorizer, HttpLambdaResponseType
from constructs import Construct

from cloudworthy.constructs.secret import TokenSecret
from cloudworthy.constructs.service_function import (
    FunctionPlatform,
    ServiceFunction,
    ServiceFunctionProps,
)

# How long API Gateway keeps an answer: a token that was replaced is refused after that time.
_ANSWER_KEPT: Final = Duration.minutes(5)
# API Gateway waits no longer for an authorizer.
_TIMEOUT_S: Final = 10


class TokenAuthorizer(Construct):
    """Compares ``Authorization: Bearer`` with the secret, and answers yes or no."""

    def __init__(
        self, scope: Construct, construct_id: str, secret: TokenSecret, platform: FunctionPlatform
    ) -> None:
        super().__init__(scope, construct_id)
        self.function: Final = ServiceFunction(
            self,
            "Function",
            ServiceFunctionProps(
                handler="authorizer.token.handler",
                description="Does this caller know the token",
                timeout_s=_TIMEOUT_S,
                environment={"SECRET_ARN": secret.arn},
            ),
            platform,
        )
        self.function.allow(["secretsmanager:GetSecretValue"], [secret.arn])
        self.authorizer: Final[IHttpRouteAuthorizer] = HttpLambdaAuthorizer(
            "TokenAuthorizer",
            self.function.function,
            response_types=[HttpLambdaResponseType.SIMPLE],
            identity_source=["$request.header.Authorization"],
            results_cache_ttl=_ANSWER_KEPT,
        )
