"""Tokens of Cognito user pools."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from cloudworthy.local.apigateway.authorizers.user_pool_keys import (
    BackendUserPools,
    KeySetUnavailableError,
)
from cloudworthy.local.apigateway.definition import (
    AuthorizationType,
    CognitoAuthorizer,
    MethodAuthorization,
    RestApi,
    UserPool,
)
from cloudworthy.local.model.http import Request, Response
from facts.facts import fact
from local.apigateway.serving import ManualClock, Served, proxy_method, rest_api, serving

POOL = UserPool("us-east-1", "us-east-1_Abc123")
NOW_S = int(ManualClock().now().timestamp())


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:  # noqa: ARG001 - a key of its own for each
    return rsa.generate_private_key(65537, 2048)


class Cognito:
    """A backend with the well-known documents of one pool."""

    def __init__(self) -> None:
        self.targets: list[str] = []

    async def send(self, request: Request) -> Response:
        self.targets.append(request.target)
        if request.target != f"/{POOL.pool_id}/.well-known/jwks.json":
            return Response(404, [], b"{}")
        key = json.loads(RSAAlgorithm.to_jwk(private_key("pool").public_key()))
        return Response(200, [], json.dumps({"keys": [{**key, "kid": "k1"}]}).encode())


def token(key: str = "pool", kid: str = "k1", **changes: Any) -> str:
    claims = {
        "iss": POOL.issuer,
        "sub": "someone",
        "aud": "client",
        "token_use": "id",
        "iat": NOW_S,
        "exp": NOW_S + 3600,
        "auth_time": NOW_S,
        "email_verified": True,
        "cognito:groups": ["a", "b"],
        **changes,
    }
    return jwt.encode(claims, private_key(key), "RS256", {"kid": kid})


def api(scopes: tuple[str, ...] = (), pool: UserPool = POOL, expression: str = "") -> RestApi:
    authorizer = CognitoAuthorizer(
        "Authorizer", "auth12", (pool,), validation_expression=expression
    )
    authorization = MethodAuthorization(AuthorizationType.COGNITO_USER_POOLS, authorizer, scopes)
    return rest_api("/x", methods=(proxy_method(authorization=authorization),))


async def answered(served_api: RestApi, *headers: tuple[str, str]) -> tuple[Response, Served]:
    keys = BackendUserPools(Cognito(), ManualClock())
    async with serving(served_api, user_pools=keys) as served:
        return await served.get("/stage/x", *headers), served


async def statuses(served_api: RestApi, *tokens: str) -> list[int]:
    return [(await answered(served_api, ("Authorization", it)))[0].status for it in tokens]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "Bearer ")],
        [("Authorization", "no.token.atall")],
        [("Authorization", token("another"))],
        [("Authorization", token(kid="k2"))],
        [("Authorization", token(iss=POOL.issuer + "X"))],
        [("Authorization", token(token_use="access"))],
        [("Authorization", jwt.encode({"iss": POOL.issuer}, "", "none"))],
    ],
)
async def test_rest_authorizers_017_no_good_token(headers: list[tuple[str, str]]) -> None:
    expect = fact("rest-authorizers-017").expect
    response, served = await answered(api(), *headers)
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]
    assert served.functions.requests == []


async def test_an_expired_token_is_called_so() -> None:
    expect = fact("rest-authorizers-017").expect
    response, _ = await answered(api(), ("Authorization", token(exp=NOW_S)))
    assert (response.status, response.body.decode()) == (expect["status"], expect["expired"])


@pytest.mark.parametrize("prefix", ["", "Bearer "])
async def test_the_claims_reach_the_function_as_texts(prefix: str) -> None:
    response, served = await answered(api(), ("Authorization", prefix + token()))
    assert response.status == 200
    claims: Mapping[str, str] = served.functions.event["requestContext"]["authorizer"]["claims"]
    assert claims["sub"] == "someone"
    assert claims["exp"] == "Fri Jan 02 04:04:05 UTC 2026"
    assert claims["auth_time"] == str(NOW_S)
    assert claims["email_verified"] == "true"
    assert claims["cognito:groups"] == "a,b"


async def test_a_method_with_scopes_wants_an_access_token() -> None:
    access = token(token_use="access", scope="items/read items/write")
    other = token(token_use="access", scope="items/list")
    wanted = api(("items/write",))
    assert await statuses(wanted, access, other, token()) == [200, 401, 401]


async def test_the_expression_is_for_the_audience() -> None:
    assert await statuses(api(expression="cli.*"), token()) == [200]
    assert await statuses(api(expression="other"), token()) == [401]


async def test_a_pool_that_is_not_there_is_a_failure_of_the_authorizer() -> None:
    gone = UserPool("us-east-1", "us-east-1_Gone")
    header = ("Authorization", token(iss=gone.issuer))
    response, _ = await answered(api(pool=gone), header)
    assert (response.status, response.body) == (500, b'{"message":null}')


async def test_keys_are_kept_for_a_while() -> None:
    cognito, clock = Cognito(), ManualClock()
    keys = BackendUserPools(cognito, clock)
    for pause_s in (0, 200, 200):
        clock.seconds += pause_s
        await keys.key_set(POOL)
    assert len(cognito.targets) == 2
    with pytest.raises(KeySetUnavailableError):
        await keys.key_set(UserPool("us-east-1", "us-east-1_Gone"))
