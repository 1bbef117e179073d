"""The authorizer of each method, the API's resource policy, and what they decide together."""

from __future__ import annotations

from cloudworthy.local.apigateway.authorizers.cognito import UserPoolTokens
from cloudworthy.local.apigateway.authorizers.iam import (
    NotPermittedError,
    Signatures,
    signed_caller,
)
from cloudworthy.local.apigateway.authorizers.policy import PolicyDecision, evaluate_policy
from cloudworthy.local.apigateway.authorizers.rest_lambda import LambdaAuthorizers
from cloudworthy.local.apigateway.authorizers.user_pool_keys import UserPoolKeys
from cloudworthy.local.apigateway.definition import (
    AuthorizationType,
    CognitoAuthorizer,
    LambdaAuthorizer,
)
from cloudworthy.local.apigateway.errors import ACCESS_DENIED, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.resource_policy import decide
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Invoker

_ANOTHER_KIND = "the definition names another kind of authorizer"
_EXPLICITLY = " with an explicit deny"
_ALLOWED, _DENIED = PolicyDecision.ALLOWED, PolicyDecision.EXPLICITLY_DENIED


class MethodAuthorizers:
    """Asks the authorizer that the method of a request names.

    Source of how a resource policy and an authorizer go together: Amazon API Gateway developer
    guide, "How API Gateway resource policies affect authorization workflow" (documented).

    Parameters
    ----------
    signatures
        Checks the signatures of methods of the type AWS_IAM.
    user_pools
        Gives the keys of user pools.
    """

    def __init__(
        self,
        invoker: Invoker,
        clock: Clock,
        *,
        signatures: Signatures,
        user_pools: UserPoolKeys,
    ) -> None:
        self._lambda = LambdaAuthorizers(invoker, clock)
        self._signatures = signatures
        self._tokens = UserPoolTokens(user_pools, clock)

    async def authorize(self, exchange: Exchange) -> None:
        """Let the request pass, with its caller known.

        Raises
        ------
        GatewayError
            UNAUTHORIZED, ACCESS_DENIED or an error of the authorizer itself.
        """
        authorization = exchange.known_route.method.authorization
        match authorization.type:
            case AuthorizationType.NONE:
                _require(_of_resource_policy(exchange), exchange)
            case AuthorizationType.AWS_IAM:
                await self._check_signer(exchange)
            case AuthorizationType.CUSTOM:
                await self._ask_function(exchange)
            case AuthorizationType.COGNITO_USER_POOLS:
                await self._check_token(exchange)
                _require(_of_resource_policy(exchange), exchange)

    async def _check_signer(self, exchange: Exchange) -> None:
        """Within an account either policy lets a signer in; across two, both have to.

        Source of the sentence, with the account masked as in every other: messages in public
        problem reports (recorded, 2025 and 2026).
        """
        exchange.caller = signed_caller(self._signatures, exchange)
        signer = exchange.caller.signer
        if signer is None:
            raise TypeError("a signed caller without its signer")
        of_resource = _of_resource_policy(exchange)
        _refuse_denied(of_resource, exchange)
        granted = exchange.api.definition.policy is not None and of_resource is _ALLOWED
        try:
            await self._signatures.permit(
                signer, exchange.method_arn, exchange.request, granted=granted
            )
        except NotPermittedError as error:
            message = _masked(error.message, exchange)
            raise GatewayError(ACCESS_DENIED, message=message, reason=message) from error

    async def _check_token(self, exchange: Exchange) -> None:
        authorization = exchange.known_route.method.authorization
        if not isinstance(authorization.authorizer, CognitoAuthorizer):
            raise TypeError(_ANOTHER_KIND)
        exchange.caller = await self._tokens.identify(
            authorization.authorizer, authorization.scopes, exchange
        )

    async def _ask_function(self, exchange: Exchange) -> None:
        """Either of the two policies may let the caller in, and either may keep it out.

        Sources: rest-authorizers-010, -013, -016 (documented).
        """
        authorizer = exchange.known_route.method.authorization.authorizer
        if not isinstance(authorizer, LambdaAuthorizer):
            raise TypeError(_ANOTHER_KIND)
        of_resource = _of_resource_policy(exchange)
        _refuse_denied(of_resource, exchange)
        exchange.caller = await self._lambda.identify(authorizer, exchange)
        decision = evaluate_policy(exchange.caller.policy, exchange.method_arn)
        let_in = exchange.api.definition.policy is not None and of_resource is _ALLOWED
        if decision is _ALLOWED or (let_in and decision is not _DENIED):
            return
        message = "User is not authorized to access this resource"
        raise _denied(message, decision, exchange)


def _of_resource_policy(exchange: Exchange) -> PolicyDecision:
    """What the API's policy says; an API without one lets everybody in."""
    policy = exchange.api.definition.policy
    return _ALLOWED if policy is None else decide(policy, exchange)


def _require(decision: PolicyDecision, exchange: Exchange) -> None:
    if decision is not _ALLOWED:
        raise _denied(_unauthorized_user(exchange), decision, exchange)


def _refuse_denied(decision: PolicyDecision, exchange: Exchange) -> None:
    """Let pass whom the policy does not name: an identity's own policies may let it in."""
    if decision is _DENIED:
        raise _denied(_unauthorized_user(exchange), decision, exchange)


def _unauthorized_user(exchange: Exchange) -> str:
    """IAM's sentence, in which API Gateway masks the account.

    Source: rest-errors-026 (documented).
    """
    signer = exchange.caller.signer if exchange.caller else None
    return (
        f"User: {signer.arn if signer else 'anonymous'} is not authorized to perform: "
        f"execute-api:Invoke on resource: {_masked(exchange.method_arn, exchange)}"
    )


def _masked(text: str, exchange: Exchange) -> str:
    """A text with the account left out of the method's ARN."""
    account = exchange.api.definition.account
    shown = exchange.method_arn.replace(f":{account}:", f":********{account[-4:]}:", 1)
    return text.replace(exchange.method_arn, shown)


def _denied(message: str, decision: PolicyDecision, exchange: Exchange) -> GatewayError:
    message += _EXPLICITLY if decision is _DENIED else ""
    return GatewayError(ACCESS_DENIED, message=message, reason=f"{message}: {exchange.method_arn}")
