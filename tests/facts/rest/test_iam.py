"""Signed requests, and policies of the API itself."""

from __future__ import annotations

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cloudworthy.local.apigateway.definition import (
    AuthorizationType,
    MethodAuthorization,
    Resource,
    RestApi,
    build_rest_apis,
)
from cloudworthy.local.gateway_signatures import GatewaySignatures
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import AllowAll
from cloudworthy.local.model import identity
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.http import Response
from facts.facts import fact
from local.apigateway.deploying import API_ID, deployment
from local.apigateway.raw_client import Headers
from local.apigateway.serving import ACCOUNT, REGION, Served, proxy_method, rest_api, serving

ROLE = f"arn:aws:iam::{ACCOUNT}:role/caller"
IAM = MethodAuthorization(AuthorizationType.AWS_IAM)
API = rest_api("/x", methods=(proxy_method(authorization=IAM),))
CREDENTIALS = CredentialStore(ACCOUNT)
SIGNATURES = GatewaySignatures(CREDENTIALS, region=REGION, clock=SystemClock(), decider=AllowAll())


def assert_answer(response: Response, expect: dict[str, Any]) -> None:
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]
    for name, value in expect.get("headers", {}).items():
        assert response.header(name) == value


def signed(
    served: Served,
    target: str,
    credentials: identity.Credentials,
    *,
    service: str = "execute-api",
) -> Headers:
    """The headers that an SDK signs a GET with."""
    request = AWSRequest("GET", f"http://127.0.0.1:{served.client.port}{target}")
    keys = Credentials(
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token or None,
    )
    SigV4Auth(keys, service, REGION).add_auth(request)
    return list(request.headers.items())


async def test_rest_authorizers_018_unsigned_request() -> None:
    async with serving(API, signatures=SIGNATURES) as served:
        response = await served.get("/stage/x")
        assert served.functions.requests == []
    assert_answer(response, fact("rest-authorizers-018").expect)


async def test_without_a_store_of_credentials_nobody_is_let_in() -> None:
    async with serving(API) as served:
        headers = signed(served, "/stage/x", CREDENTIALS.issue(ROLE, session_name="me"))
        assert (await served.get("/stage/x", *headers)).status == 403


async def test_a_signed_request_shows_who_calls() -> None:
    credentials = CREDENTIALS.issue(ROLE, session_name="me")
    async with serving(API, signatures=SIGNATURES) as served:
        target = "/stage/x?b=2&a=%2F"
        response = await served.get(target, *signed(served, target, credentials))
        found = served.functions.event["requestContext"]
    assert response.status == 200
    assert "authorizer" not in found
    assert found["identity"]["userArn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/me"
    assert found["identity"]["accountId"] == ACCOUNT
    assert found["identity"]["accessKey"] == credentials.access_key_id
    assert found["identity"]["caller"] == found["identity"]["user"]
    assert found["identity"]["caller"].startswith("AROA")
    assert found["identity"]["caller"].endswith(":me")


async def test_credentials_from_elsewhere_are_the_person_at_the_machine() -> None:
    theirs = identity.Credentials("AKIAEXAMPLE", "a secret that nobody here knows", "")
    async with serving(API, signatures=SIGNATURES) as served:
        await served.get("/stage/x", *signed(served, "/stage/x", theirs))
        found = served.functions.event["requestContext"]["identity"]
    assert found["userArn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert found["caller"] == ACCOUNT


async def refusal(
    changed: dict[str, str] | None = None,
    *,
    service: str = "execute-api",
    credentials: identity.Credentials | None = None,
) -> tuple[int, str | None]:
    """Status and error type of a request whose signature is changed afterwards."""
    async with serving(API, signatures=SIGNATURES) as served:
        keys = credentials or CREDENTIALS.issue(ROLE, session_name="me")
        headers = dict(signed(served, "/stage/x", keys, service=service)) | (changed or {})
        response = await served.get("/stage/x", *headers.items())
        assert served.functions.requests == []
    return response.status, response.header("x-amzn-ErrorType")


async def test_signatures_that_are_refused() -> None:
    wrong_secret = identity.Credentials(
        (right := CREDENTIALS.issue(ROLE, session_name="me")).access_key_id,
        "another secret",
        right.session_token,
    )
    revoked = CREDENTIALS.issue(ROLE, session_name="me")
    CREDENTIALS.revoke(revoked)
    assert await refusal(credentials=wrong_secret) == (403, "InvalidSignatureException")
    assert await refusal(credentials=revoked) == (403, "UnrecognizedClientException")
    assert await refusal(service="s3") == (403, "InvalidSignatureException")
    old = {"X-Amz-Date": "20200101T000000Z"}
    assert await refusal(old) == (403, "InvalidSignatureException")
    incomplete = {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}
    assert await refusal(incomplete) == (403, "IncompleteSignatureException")
    bearer = {"Authorization": "Bearer token"}
    assert await refusal(bearer) == (403, "IncompleteSignatureException")


async def test_rest_routing_008_routing_comes_before_authorization() -> None:
    expect = fact("rest-routing-008").expect
    methods = {"/admin": proxy_method("POST", authorization=IAM), "/{proxy+}": proxy_method()}
    resources = tuple(Resource(f"id{path}", path, (it,)) for path, it in methods.items())
    async with serving(rest_api(resources=resources), signatures=SIGNATURES) as served:
        response = await served.get("/stage/admin")
        assert served.functions.event["resource"] == expect["routes_to"]
        posted = await served.send("POST", "/stage/admin")
    assert response.status == expect["status"]
    assert posted.status == 403


def with_policy(principal: Any, effect: str = "Allow", **method: Any) -> RestApi:
    statement = {
        "Effect": effect,
        "Principal": principal,
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
    }
    built = deployment({"/x": {"GET": method}}, Policy={"Statement": [statement]})
    (api,) = build_rest_apis(built)
    return api


async def test_rest_errors_026_a_policy_that_does_not_let_anonymous_callers_in() -> None:
    expect = fact("rest-errors-026").expect
    async with serving(with_policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})) as served:
        response = await served.get("/stage/x")
    arn = f"arn:aws:execute-api:{REGION}:********0000:{API_ID}/stage/GET/x"
    assert response.status == expect["status"]
    assert response.body.decode() == expect["body"].replace("<arn>", arn)


async def test_a_policy_can_keep_a_role_out() -> None:
    api = with_policy({"AWS": ROLE}, "Deny", AuthorizationType="AWS_IAM")
    async with serving(api, signatures=SIGNATURES) as served:
        statuses = []
        for role in (ROLE, ROLE.replace("caller", "other")):
            keys = CREDENTIALS.issue(role, session_name="me")
            headers = signed(served, "/stage/x", keys)
            statuses.append((await served.get("/stage/x", *headers)).status)
    assert statuses == [403, 200]
