"""Signed requests to HTTP APIs."""

from __future__ import annotations

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cloudworthy.local.apigateway.http.definition import IamAuthorization
from cloudworthy.local.gateway_signatures import GatewaySignatures
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import AllowAll
from cloudworthy.local.model.clock import SystemClock
from facts.facts import fact
from local.apigateway.http.serving import (
    V1,
    V2,
    Served,
    http_api,
    message_of,
    route,
    serving,
)
from local.apigateway.raw_client import Headers
from local.apigateway.serving import ACCOUNT, REGION

STORE = CredentialStore(ACCOUNT)
SIGNATURES = GatewaySignatures(STORE, region=REGION, clock=SystemClock(), decider=AllowAll())
API = http_api(route("GET /x", V2, IamAuthorization()), route("GET /v1", V1, IamAuthorization()))


def signed(served: Served, target: str, *, secret: str = "") -> Headers:
    """The headers that an SDK signs a GET with."""
    issued = STORE.issue(f"arn:aws:iam::{ACCOUNT}:role/caller", session_name="me")
    keys = Credentials(
        issued.access_key_id, secret or issued.secret_access_key, issued.session_token
    )
    request = AWSRequest("GET", f"http://127.0.0.1:{served.client.port}{target}")
    SigV4Auth(keys, "execute-api", REGION).add_auth(request)
    return list(request.headers.items())


async def test_httpapi_event_015_signer() -> None:
    (keys,) = fact("httpapi-event-015").expect.values()
    async with serving(API, signatures=SIGNATURES) as served:
        assert (await served.get("/x?a=b", *signed(served, "/x?a=b"))).status == 200
        found = served.functions.event["requestContext"]["authorizer"]["iam"]
        await served.get("/v1", *signed(served, "/v1"))
        identity = served.functions.event["requestContext"]["identity"]
    assert sorted(found) == keys
    assert found["userArn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/me"
    assert identity["userArn"] == found["userArn"]


async def test_unsigned_and_wrongly_signed_requests_are_forbidden() -> None:
    async with serving(API, signatures=SIGNATURES) as served:
        responses = [
            await served.get("/x"),
            await served.get("/x", *signed(served, "/x", secret="wrong")),
            await served.get("/x", *signed(served, "/other")),
        ]
        assert served.functions.requests == []
    assert [(r.status, message_of(r)) for r in responses] == [(403, "Forbidden")] * 3


async def test_without_a_store_of_credentials_nobody_is_let_in() -> None:
    async with serving(API) as served:
        assert (await served.get("/x", *signed(served, "/x"))).status == 403
