from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cloudworthy.local.apigateway import errors
from cloudworthy.local.apigateway.authorizers.iam import SignatureRefusedError, Signatures
from cloudworthy.local.apigateway.caller import Signer
from cloudworthy.local.apigateway.definition import (
    ApiKey,
    AuthorizationType,
    GatewayResponse,
    Integration,
    IntegrationType,
    Method,
    MethodAuthorization,
    Quota,
    RequestValidation,
    RestApi,
    Stage,
    Throttle,
    UsagePlan,
    UsagePlanStage,
    build_rest_apis,
)
from cloudworthy.local.apigateway.errors import GatewayResponseType
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.functions import MAX_PAYLOAD_BYTES, TooManyRequestsError
from cloudworthy.local.model.http import Request, Response
from local.apigateway.authorizing import AUTHORIZER, answer, authorized_method, policy
from local.apigateway.backends import LAMBDA
from local.apigateway.deploying import API_ID, deployment, resource, stage
from local.apigateway.nobody import NoSignatures
from local.apigateway.serving import PREFLIGHT, PROXY, echo, proxy_method, rest_api, serving

TYPES = {
    value.name: value for value in vars(errors).values() if isinstance(value, GatewayResponseType)
}
TOKEN = ("Authorization", "token")
JSON = ("Content-Type", "application/json")
IAM = MethodAuthorization(AuthorizationType.AWS_IAM)
KEY = ApiKey("Key", "key", "the-value-of-the-key")
X_API_KEY = ("X-API-Key", KEY.value)
NAMED = {"type": "object", "required": ["name"]}
BODY = RequestValidation(validates_body=True, body_models={"application/json": NAMED})
HTTP = Integration(IntegrationType.HTTP, address="http://nobody/")
NEVER = replace(PREFLIGHT, passthrough="NEVER", request_templates={"text/plain": "{}"})


async def forever(_event: Any) -> None:
    await asyncio.Event().wait()


def refuse(_event: Any) -> None:
    raise TooManyRequestsError("ConcurrentInvocationLimitExceeded")


class Refused(NoSignatures):
    """Every signature is refused with one code."""

    def __init__(self, code: str) -> None:
        self._code = code

    def signer_of(self, request: Request) -> Signer | None:  # noqa: ARG002 - the Protocol's
        raise SignatureRefusedError(self._code, "why")


@dataclass(frozen=True)
class Refusal:
    """What the gateway answers by itself; the last of the calls has the answer."""

    method: Method = field(default_factory=proxy_method)
    headers: tuple[tuple[str, str], ...] = ()
    path: str = "/x"
    body: bytes = b""
    calls: int = 1
    plan: dict[str, Any] = field(default_factory=dict)
    function: Callable[[Any], Any] = echo
    authorizer: Callable[[Any], Any] | None = None
    signatures: Signatures | None = None

    async def response(self, *customised: GatewayResponse) -> Response:
        stages = {"stage": UsagePlanStage("stage")}
        api = rest_api(
            "/x",
            methods=(self.method,),
            usage_plans=(UsagePlan("Plan", "plan", stages, {KEY.value: KEY}, **self.plan),),
            gateway_responses={each.response_type: each for each in customised},
        )
        others = {AUTHORIZER: self.authorizer} if self.authorizer else {}
        signatures = self.signatures or NoSignatures()
        async with serving(api, self.function, others=others, signatures=signatures) as served:
            for _ in range(self.calls):
                response = await served.send(
                    "POST", f"/stage{self.path}", list(self.headers), self.body
                )
        return response


def keyed(**plan: Any) -> Refusal:
    """The second call with one key is refused."""
    method = proxy_method(api_key_required=True)
    return Refusal(method, (X_API_KEY,), calls=2, plan=plan)


def signed(code: str) -> Refusal:
    return Refusal(proxy_method(authorization=IAM), signatures=Refused(code))


def integrated(integration: Integration, **changes: Any) -> Refusal:
    return Refusal(proxy_method(integration=integration), **changes)


REFUSALS = {
    "ACCESS_DENIED": Refusal(
        authorized_method(), (TOKEN,), authorizer=lambda _: answer(policyDocument=policy("arn:no"))
    ),
    "API_CONFIGURATION_ERROR": integrated(replace(PROXY, permitted_sources=())),
    "AUTHORIZER_CONFIGURATION_ERROR": Refusal(authorized_method(), (TOKEN,)),
    "AUTHORIZER_FAILURE": Refusal(authorized_method(), (TOKEN,), authorizer=refuse),
    "BAD_REQUEST_BODY": Refusal(proxy_method(validation=BODY), (JSON,), body=b"{}"),
    "BAD_REQUEST_PARAMETERS": Refusal(
        proxy_method(validation=RequestValidation((("header", "X-Needed"),)))
    ),
    "DEFAULT_4XX": integrated(LAMBDA, body=b"no json"),
    "DEFAULT_5XX": Refusal(function=refuse),
    "EXPIRED_TOKEN": signed("ExpiredTokenException"),
    "INTEGRATION_FAILURE": integrated(HTTP),
    "INTEGRATION_TIMEOUT": integrated(replace(PROXY, timeout_s=0.02), function=forever),
    "INVALID_API_KEY": Refusal(proxy_method(api_key_required=True)),
    "INVALID_SIGNATURE": signed("IncompleteSignatureException"),
    "MISSING_AUTHENTICATION_TOKEN": Refusal(path="/nowhere"),
    "QUOTA_EXCEEDED": keyed(quota=Quota(1, "DAY")),
    "REQUEST_TOO_LARGE": Refusal(body=b"x" * MAX_PAYLOAD_BYTES),
    "THROTTLED": keyed(throttle=Throttle(0.1, 1)),
    "UNAUTHORIZED": Refusal(authorized_method()),
    "UNSUPPORTED_MEDIA_TYPE": integrated(NEVER),
}


def api_with(response: GatewayResponse) -> RestApi:
    return rest_api("/x", gateway_responses={response.response_type: response})


def test_every_type_is_answered_by_something() -> None:
    assert REFUSALS.keys() == TYPES.keys()


@pytest.mark.parametrize("name", REFUSALS)
async def test_every_type_has_its_default(name: str) -> None:
    response, expected = await REFUSALS[name].response(), TYPES[name]
    assert response.status == expected.status
    assert response.header("x-amzn-errortype") == expected.error_type
    assert json.loads(response.body).keys() == {"Message" if name == "ACCESS_DENIED" else "message"}
    assert response.body.startswith(b'{"message": ') is expected.spaced


@pytest.mark.parametrize("name", REFUSALS)
async def test_every_type_can_be_customised(name: str) -> None:
    template = "$context.error.responseType"
    custom = GatewayResponse(
        name, 418, {"Content-Type": "'text/x'"}, {"application/json": template}
    )
    response = await REFUSALS[name].response(custom)
    assert (response.status, response.body.decode()) == (418, name)
    assert response.header("content-type") == "text/x"


async def test_the_template_that_the_client_accepts() -> None:
    templates = {"application/json": "{}", "text/html": "<p>$context.error.message</p>"}
    async with serving(api_with(GatewayResponse("DEFAULT_4XX", templates=templates))) as served:
        html = await served.get("/stage/y", ("Accept", "text/html"))
        other = await served.get("/stage/y", ("Accept", "image/png"))
    assert html.header("content-type") == "text/html"
    assert html.body == b"<p>Missing Authentication Token</p>"
    assert other.body == b"{}"


def built(parameters: dict[str, str]) -> RestApi:
    """An API that wants a key, and has these parameters in the answer to who has none."""
    response = resource(
        "GatewayResponse",
        "NoKey",
        RestApiId=API_ID,
        ResponseType="INVALID_API_KEY",
        ResponseParameters=parameters,
    )
    (api,) = build_rest_apis(
        deployment(
            {"/{id}": {"GET": {"ApiKeyRequired": True}}}, response, stage(Variables={"v": "!"})
        )
    )
    return api


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'text'", "text"),
        ("context.stage", "stage"),
        ("stageVariables.v", "!"),
        ("method.request.header.origin", "https://x.example"),
        ("method.request.querystring.q", "2"),
        ("method.request.path.id", "7"),
        ("method.request.querystring.none", None),
    ],
)
async def test_headers_from_everywhere(expression: str, value: str | None) -> None:
    api = built({"gatewayresponse.header.X-From": expression})
    async with serving(api) as served:
        response = await served.get("/stage/7?q=1&q=2", ("Origin", "https://x.example"))
    assert (response.status, response.header("x-from")) == (403, value)


@pytest.mark.parametrize("expression", ["text", "method.request.body.a", "request.header.a", ""])
def test_a_header_from_nowhere_is_refused(expression: str) -> None:
    with pytest.raises(TemplateError, match="ResponseParameters"):
        built({"gatewayresponse.header.X-From": expression})


async def test_variables_in_both_notations() -> None:
    template = '{"a":{"b":$context.error.messageString},"c":"${context.stage}${stageVariables.v}"}'
    custom = GatewayResponse("DEFAULT_4XX", templates={"application/json": template})
    stages = (Stage("Stage", "stage", variables={"v": "!"}),)
    api = rest_api("/x", gateway_responses={"DEFAULT_4XX": custom}, stages=stages)
    async with serving(api) as served:
        response = await served.get("/stage/y")
    assert json.loads(response.body) == {"a": {"b": "Missing Authentication Token"}, "c": "stage!"}
