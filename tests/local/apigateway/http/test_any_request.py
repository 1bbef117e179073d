"""Whatever a client sends, the gateway itself does not fail."""

from __future__ import annotations

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudworthy.local.apigateway.definition import AccessLog
from cloudworthy.local.apigateway.http.definition import Cors, DomainMapping, Stage
from cloudworthy.local.apigateway.http.gateway import HttpApiGateway
from cloudworthy.local.model.http import Request, Response
from local.apigateway.http.serving import API_ID, AUTHORIZER, V1, Metrics, http_api, route
from local.apigateway.nobody import NoServers, NoSignatures, NoUserPools
from local.apigateway.serving import FUNCTION, Functions, Logs, ManualClock, echo

TEXT = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=30)
PARTS = ["/", "dev", "a", "guarded", "%", "%2F", "..", "?", "&", "=", ";", "+", "é", "{id}", "#"]
TARGETS = st.lists(st.sampled_from(PARTS), max_size=10).map(lambda parts: "/" + "".join(parts))
NAMES = st.sampled_from(
    ["Host", "Cookie", "Origin", "Access-Control-Request-Method", "Authorization",
     "Content-Type", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Any"]
)  # fmt: skip
API = http_api(
    route("ANY /a/{id}"),
    route("ANY /v1/{proxy+}", V1),
    route("GET /guarded", authorization=AUTHORIZER),
    route("$default"),
    stages=(
        Stage("Default", "$default", access_log=AccessLog("access", '{"path":"$context.path"}')),
        Stage("Dev", "dev"),
    ),
    cors=Cors(allow_origins=("https://*",), allow_methods=("*",)),
    domains=(DomainMapping("*.example", "a", "dev"),),
)


async def answered(request: Request) -> tuple[Response, Logs]:
    logs = Logs()
    functions = Functions({FUNCTION: echo, "authorizer": lambda _: {"isAuthorized": True}})
    gateway = HttpApiGateway(
        functions,
        logs,
        ManualClock(),
        outbound=NoServers(),
        metric_sink=Metrics(),
        signatures=NoSignatures(),
        user_pools=NoUserPools(),
    )
    gateway.update([API])
    response = await gateway.handle(API_ID, request)
    await asyncio.sleep(0)
    return response, logs


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "PURGE"]),
    TARGETS,
    st.lists(st.tuples(NAMES, TEXT), max_size=5),
    st.binary(max_size=20),
)
def test_any_request(method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> None:
    response, logs = asyncio.run(answered(Request(method, target, headers, body)))
    assert response.status in (200, 204, 401, 404)
    assert response.header("apigw-requestid")
    for line in logs.groups.get("access", []):
        assert set(json.loads(line)) == {"path"}
