"""REST APIs with an authorizer, and the functions that such authorizers are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from cloudworthy.local.apigateway.definition import (
    AuthorizationType,
    LambdaAuthorizer,
    Method,
    MethodAuthorization,
    RestApi,
)
from local.apigateway.serving import (
    ACCOUNT,
    FUNCTION_ARN,
    REGION,
    Served,
    proxy_method,
    rest_api,
    serving,
)

AUTHORIZER = "authorizer"
AUTHORIZER_ARN = FUNCTION_ARN.replace("echo", AUTHORIZER)
HEADER = "method.request.header.Authorization"
API_ARN = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:abcde12345/stage"
ANY_METHOD = f"{API_ARN}/*"

Answer = Callable[[Any], Any]


def policy(resource: str | list[str] = ANY_METHOD, effect: str = "Allow") -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def answer(**changes: Any) -> dict[str, Any]:
    """What an authorizer that lets everybody in answers."""
    return {"principalId": "somebody", "policyDocument": policy(), **changes}


def lambda_authorizer(kind: str = "TOKEN", **changes: Any) -> LambdaAuthorizer:
    values: dict[str, Any] = {"identity_sources": (HEADER,), **changes}
    return LambdaAuthorizer("Authorizer", "auth12", kind, AUTHORIZER_ARN, **values)


def authorized_method(
    authorizer: LambdaAuthorizer | None = None, verb: str = "ANY", **changes: Any
) -> Method:
    authorization = MethodAuthorization(AuthorizationType.CUSTOM, authorizer or lambda_authorizer())
    return proxy_method(verb, authorization=authorization, **changes)


def authorized_api(*paths: str, authorizer: LambdaAuthorizer, **changes: Any) -> RestApi:
    return rest_api(*(paths or ("/x",)), methods=(authorized_method(authorizer),), **changes)


def asking(authorize: Answer, api: RestApi, **options: Any) -> AbstractAsyncContextManager[Served]:
    """Serve an API whose authorizer is a Python callable from event to answer."""
    return serving(api, others={AUTHORIZER: authorize}, **options)


def calls(served: Served, function: str = AUTHORIZER) -> int:
    """How often a function was invoked."""
    return sum(request.function_name == function for request in served.functions.requests)


def event_of(served: Served, function: str = AUTHORIZER) -> Mapping[str, Any]:
    """The event of the last invocation of a function."""
    return served.functions.event_of(function)
