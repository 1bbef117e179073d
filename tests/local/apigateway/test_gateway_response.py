from __future__ import annotations

import json

import pytest

from cloudworthy.local.apigateway import errors
from cloudworthy.local.apigateway.definition import (
    GatewayResponse,
    RestApi,
    Stage,
    build_rest_apis,
)
from cloudworthy.local.apigateway.errors import GatewayResponseType
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.model.errors import TemplateError
from local.apigateway.deploying import API_ID, deployment, resource, stage
from local.apigateway.serving import rest_api, serving

TYPES = [value for value in vars(errors).values() if isinstance(value, GatewayResponseType)]


class Refusing:
    """An Authorizer that ends every request with one error."""

    def __init__(self, response_type: GatewayResponseType) -> None:
        self._response_type = response_type

    async def authorize(self, exchange: Exchange) -> None:  # noqa: ARG002 - the Protocol's
        raise errors.GatewayError(self._response_type)


def api_with(response: GatewayResponse | None = None) -> RestApi:
    customised = {response.response_type: response} if response else {}
    return rest_api("/x", gateway_responses=customised)


@pytest.mark.parametrize("response_type", TYPES, ids=lambda each: each.name)
async def test_every_type_has_its_default(response_type: GatewayResponseType) -> None:
    async with serving(api_with(), authorizer=Refusing(response_type)) as served:
        response = await served.get("/stage/x")
    assert response.status == response_type.status
    key = "Message" if response_type.name == "ACCESS_DENIED" else "message"
    assert json.loads(response.body) == {key: response_type.message}
    assert response.header("x-amzn-errortype") == response_type.error_type


@pytest.mark.parametrize("response_type", TYPES, ids=lambda each: each.name)
async def test_every_type_can_be_customised(response_type: GatewayResponseType) -> None:
    custom = GatewayResponse(
        response_type.name, 418, {"Content-Type": "'text/x'"}, {"application/json": "mine"}
    )
    async with serving(api_with(custom), authorizer=Refusing(response_type)) as served:
        response = await served.get("/stage/x")
    assert (response.status, response.body) == (418, b"mine")
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
