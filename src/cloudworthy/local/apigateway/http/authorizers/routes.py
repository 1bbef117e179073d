"""The authorization of each route."""

from __future__ import annotations

from cloudworthy.local.apigateway.authorizers.iam import (
    NotPermittedError,
    SignatureRefusedError,
    Signatures,
)
from cloudworthy.local.apigateway.http.authorizers.jwt_authorizer import JwtAuthorizers
from cloudworthy.local.apigateway.http.authorizers.lambda_authorizer import LambdaAuthorizers
from cloudworthy.local.apigateway.http.caller import IamCaller
from cloudworthy.local.apigateway.http.definition import JwtAuthorizer, LambdaAuthorizer
from cloudworthy.local.apigateway.http.errors import FORBIDDEN, HttpApiError
from cloudworthy.local.apigateway.http.exchange import HttpExchange


class RouteAuthorization:
    """Asks the authorizer that the route of a request names."""

    def __init__(
        self, jwt: JwtAuthorizers, functions: LambdaAuthorizers, signatures: Signatures
    ) -> None:
        self._jwt = jwt
        self._functions = functions
        self._signatures = signatures

    async def authorize(self, exchange: HttpExchange) -> None:
        """Let the request pass, with its caller known.

        Raises
        ------
        HttpApiError
            UNAUTHORIZED, FORBIDDEN or an error of the authorizer itself.
        """
        authorization = exchange.known_route.definition.authorization
        if authorization is None:
            return
        if isinstance(authorization, JwtAuthorizer):
            await self._jwt.authorize(authorization, exchange)
        elif isinstance(authorization, LambdaAuthorizer):
            await self._functions.authorize(authorization, exchange)
        else:
            exchange.caller = await self._signer(exchange)

    async def _signer(self, exchange: HttpExchange) -> IamCaller:
        """Who signed the request, and may invoke the route.

        Source: Amazon API Gateway developer guide, "Control access to HTTP APIs with IAM
        authorization" (documented); that every fault, a missing permission included, is a bare
        403 is assumed from reports.
        """
        try:
            signer = self._signatures.signer_of(exchange.request)
        except SignatureRefusedError as error:
            exchange.authorizer_error = error.message
            raise HttpApiError(FORBIDDEN, f"{error.code}: {error.message}") from error
        if signer is None:
            raise HttpApiError(FORBIDDEN, "the request is not signed")
        try:
            await self._signatures.permit(signer, exchange.method_arn, exchange.request)
        except NotPermittedError as error:
            exchange.authorizer_error = error.message
            raise HttpApiError(FORBIDDEN, error.message) from error
        return IamCaller(signer.access_key_id, signer.account, signer.unique_id, signer.arn)
