"""What access logs, gateway responses and templates say about the caller."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from cloudworthy.local.apigateway.definition import (
    AccessLog,
    GatewayResponse,
    IntegrationResponse,
    Stage,
)
from local.apigateway.authorizing import (
    answer,
    asking,
    authorized_api,
    authorized_method,
    lambda_authorizer,
    policy,
)
from local.apigateway.serving import PREFLIGHT, rest_api

TOKEN = ("Authorization", "token")
NAMES = [
    "authorizer.principalId",
    "authorizer.plan",
    "authorizer.missing",
    "authorizer.status",
    "authorizer.integrationStatus",
    "authorizer.requestId",
    "authorizer.error",
    "authorize.status",
    "authorize.error",
    "authenticate.status",
]
FORMAT = json.dumps({name: f"$context.{name}" for name in [*NAMES, "requestId"]})
STAGE = Stage("Stage", "stage", access_log=AccessLog("calls", FORMAT))


async def logged(given: Any) -> dict[str, str]:
    """The access log's line of one request."""
    api = authorized_api(authorizer=lambda_authorizer(), stages=(STAGE,))
    async with asking(lambda _: given, api) as served:
        await served.get("/stage/x", TOKEN)
        line: dict[str, str] = json.loads(served.logs.groups["calls"][0])
    return {name: value for name, value in line.items() if value != "-" and name in NAMES}


async def test_the_access_log_names_the_caller() -> None:
    assert await logged(answer(context={"plan": 3})) == {
        "authorizer.principalId": "somebody",
        "authorizer.plan": "3",
        "authorizer.status": "200",
        "authorizer.integrationStatus": "200",
        "authorizer.requestId": "function-request",
        "authorize.status": "200",
    }


async def test_the_access_log_says_who_was_refused() -> None:
    line = await logged(answer(policyDocument=policy(effect="Deny")))
    assert line["authorize.status"] == "403"
    assert "explicit deny" in line["authorize.error"]
    assert line["authorizer.principalId"] == "somebody"


async def test_the_access_log_says_why_the_authorizer_failed() -> None:
    line = await logged({"principalId": "x"})
    assert line["authorizer.status"] == "500"
    assert "no Statement" in line["authorizer.error"]


async def test_a_gateway_response_may_tell_what_the_authorizer_said() -> None:
    body = '{"why":"$context.authorizer.why"}'
    response = GatewayResponse("ACCESS_DENIED", 404, templates={"application/json": body})
    api = authorized_api(
        authorizer=lambda_authorizer(), gateway_responses={"ACCESS_DENIED": response}
    )
    given = answer(context={"why": "late"}, policyDocument=policy(effect="Deny"))
    async with asking(lambda _: given, api) as served:
        refused = await served.get("/stage/x", TOKEN)
    assert (refused.status, refused.body) == (404, b'{"why":"late"}')


async def test_a_template_may_use_what_the_authorizer_said() -> None:
    template = "$context.authorizer.principalId: $context.authorizer.plan"
    mock = replace(
        PREFLIGHT, responses=(IntegrationResponse(200, templates={"application/json": template}),)
    )
    api = rest_api("/x", methods=(authorized_method(integration=mock),))
    async with asking(lambda _: answer(context={"plan": "gold"}), api) as served:
        assert (await served.get("/stage/x", TOKEN)).body == b"somebody: gold"
