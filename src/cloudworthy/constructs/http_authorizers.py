"""Who may call an HTTP API."""

from enum import StrEnum

from aws_cdk.aws_apigatewayv2 import IHttpRouteAuthorizer
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer, HttpJwtAuthorizer

from cloudworthy.constructs.jwt import JwtSettings


class HttpAuth(StrEnum):
    """How the callers of an HTTP API say who they are."""

    TOKEN = "token"  # noqa: S105 - the name of a choice
    JWT = "jwt"
    IAM = "iam"
    NONE = "none"


def jwt_authorizer(jwt: JwtSettings) -> IHttpRouteAuthorizer:
    """Let API Gateway check the signature, the issuer, the audience and the time of a token."""
    return HttpJwtAuthorizer("JwtAuthorizer", jwt.issuer, jwt_audience=list(jwt.audience))


def iam_authorizer() -> IHttpRouteAuthorizer:
    """Ask for signed requests of principals that may ``execute-api:Invoke``."""
    return HttpIamAuthorizer()
