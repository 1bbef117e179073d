"""REST APIs whose callers show tokens (prod, save for crud-api) or signatures (its prod)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from blueprints.conftest import Systems
from synthesized import Resource, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

BY_TOKEN = ["web-app", "vpc-api", "automation"]
OPEN_ROUTES = {"web-app": 1}  # health


@pytest.fixture(params=BY_TOKEN)
def by_token(request: pytest.FixtureRequest, prod_systems: Systems) -> Synthesized:
    return prod_systems[request.param]


@pytest.fixture(params=[*BY_TOKEN, "crud-api"])
def keyless(request: pytest.FixtureRequest, prod_systems: Systems) -> Synthesized:
    return prod_systems[request.param]


def test_every_route_asks_the_authorizer(by_token: Synthesized) -> None:
    (authorizer,) = by_token.of_type("AWS::ApiGateway::Authorizer")
    routes = _routes(by_token)
    opened = [each for each in routes if each.properties["AuthorizationType"] == "NONE"]
    assert len(opened) == OPEN_ROUTES.get(by_token.system, 0)
    assert len(routes) > len(opened)
    for route in routes:
        if route not in opened:
            assert route.properties["AuthorizationType"] == "CUSTOM"
            assert route.properties["AuthorizerId"] == {"Ref": authorizer.logical_id}


def test_every_route_asks_for_a_signature(crud_api_prod: Synthesized) -> None:
    kinds = {each.properties["AuthorizationType"] for each in _routes(crud_api_prod)}
    assert kinds == {"AWS_IAM"}
    assert not crud_api_prod.of_type("AWS::ApiGateway::Authorizer")


def test_keys_and_plans_are_for_keys_only(keyless: Synthesized) -> None:
    assert not keyless.of_type("AWS::ApiGateway::ApiKey")
    assert not keyless.of_type("AWS::ApiGateway::UsagePlan")
    assert not any(each.properties["ApiKeyRequired"] for each in _routes(keyless))


def test_preflight_is_open_and_names_what_callers_send(keyless: Synthesized) -> None:
    for method in keyless.of_type("AWS::ApiGateway::Method"):
        if method.properties["HttpMethod"] == "OPTIONS":
            assert method.properties["AuthorizationType"] == "NONE"
            assert "Authorization" in json.dumps(method.properties["Integration"])
            signed = "X-Amz-Date" in json.dumps(method.properties["Integration"])
            assert signed == (keyless.system == "crud-api")


def test_an_answer_is_kept_for_a_minute(by_token: Synthesized) -> None:
    (authorizer,) = by_token.of_type("AWS::ApiGateway::Authorizer")
    properties = authorizer.properties
    assert properties["Type"] == "TOKEN"
    assert properties["AuthorizerResultTtlInSeconds"] == 60
    assert properties["IdentitySource"] == "method.request.header.Authorization"
    could_be = re.compile(properties["IdentityValidationExpression"])
    assert could_be.fullmatch("Bearer eyJ-x_9.eyJ.c2ln")
    for no_token in (
        "Bearer ",
        "Bearer a.b",
        "Basic a.b.c",
        "a.b.c",
        "Bearer a.b.c d",
        "Bearer a.b.c\n",
    ):
        assert not could_be.fullmatch(no_token)


def test_the_function_knows_whose_tokens_it_takes(by_token: Synthesized) -> None:
    function = _authorizer_function(by_token).properties
    assert function["Timeout"] == 10
    assert "VpcConfig" not in function
    variables = function["Environment"]["Variables"]
    assert variables["JWT_ISSUER"] == "https://id.example.org/"
    assert variables["JWT_AUDIENCE"] == "page,tool"


def test_only_the_authorizer_carries_its_dependencies(by_token: Synthesized) -> None:
    own = by_token.at("Authorizer/Dependencies/Layer").logical_id
    carrying = [
        each.path
        for each in by_token.of_type("AWS::Lambda::Function")
        if {"Ref": own} in each.properties.get("Layers", [])
    ]
    assert carrying == [f"{by_token.system}/Authorizer/Function/Function/Resource"]


def test_the_authorizer_may_write_logs_and_traces_and_nothing_else(by_token: Synthesized) -> None:
    policy = by_token.at("Authorizer/Function/Role/DefaultPolicy").properties["PolicyDocument"]
    actions = {action for each in policy["Statement"] for action in _list(each["Action"])}
    assert {action.partition(":")[0] for action in actions} == {"logs", "xray"}


def test_the_authorizer_is_watched_save_for_its_refusals(by_token: Synthesized) -> None:
    """Each refusal is a failed invocation; an authorizer that fails is a 5XX of the API."""
    alarms = [each.properties for each in by_token.of_type("AWS::CloudWatch::Alarm")]
    name = {"Name": "FunctionName", "Value": {"Ref": _authorizer_function(by_token).logical_id}}
    watched = {each["MetricName"] for each in alarms if name in each.get("Dimensions", [])}
    assert watched == {"Throttles", "Duration"}
    assert "5XXError" in {each.get("MetricName") for each in alarms}


def test_code_from_the_bucket_is_there_before_the_authorizer(prod_systems: Systems) -> None:
    automation = prod_systems["automation"]
    (upload,) = automation.of_type("Custom::CDKBucketDeployment")
    assert upload.logical_id in _authorizer_function(automation).depends_on


def test_who_shows_no_token_is_told_which_to_show(by_token: Synthesized) -> None:
    headers = _answer(by_token, "UNAUTHORIZED")["ResponseParameters"]
    assert headers["gatewayresponse.header.WWW-Authenticate"] == "'Bearer'"
    assert headers["gatewayresponse.header.Access-Control-Allow-Origin"]


def test_who_does_not_sign_is_told_so(crud_api_prod: Synthesized, dev: Synthesized) -> None:
    unsigned = _answer(crud_api_prod, "MISSING_AUTHENTICATION_TOKEN")["ResponseTemplates"]
    assert "signed request" in unsigned["application/json"]
    nothing = _answer(dev, "MISSING_AUTHENTICATION_TOKEN")["ResponseTemplates"]
    assert "nothing at this address" in nothing["application/json"]


def test_the_page_is_told_how_to_sign_in(prod: Synthesized, dev: Synthesized) -> None:
    """Its archive is laid over the page's own configuration, and the upload may read it."""
    (upload,) = prod.of_type("Custom::CDKBucketDeployment")
    _, key = upload.properties["SourceObjectKeys"]
    assert key in json.dumps(prod.at("Site/Upload/Role/DefaultPolicy").properties)
    directory = prod.directory / f"asset.{key.removesuffix('.zip')}"
    assert json.loads((directory / "config.json").read_text()) == {
        "auth": "jwt",
        "issuer": "https://id.example.org/",
        "clientId": "site",
        "scope": "openid",
    }
    (upload,) = dev.of_type("Custom::CDKBucketDeployment")
    assert len(upload.properties["SourceObjectKeys"]) == 1


def test_the_page_may_call_its_provider_only(prod: Synthesized, dev: Synthesized) -> None:
    provider = "https://id.example.org https://login.example.org"
    assert f"connect-src 'self' {provider};" in _content_policy(prod)
    assert "connect-src 'self';" in _content_policy(dev)


def _routes(stack: Synthesized) -> list[Resource]:
    methods = stack.of_type("AWS::ApiGateway::Method")
    return [each for each in methods if each.properties["HttpMethod"] != "OPTIONS"]


def _authorizer_function(stack: Synthesized) -> Resource:
    (found,) = [
        each
        for each in stack.of_type("AWS::Lambda::Function")
        if each.properties["Handler"] == "authorizer.jwt.handler"
    ]
    return found


def _answer(stack: Synthesized, response_type: str) -> dict[str, Any]:
    (found,) = [
        each.properties
        for each in stack.of_type("AWS::ApiGateway::GatewayResponse")
        if each.properties["ResponseType"] == response_type
    ]
    return found


def _content_policy(stack: Synthesized) -> str:
    (policy,) = stack.of_type("AWS::CloudFront::ResponseHeadersPolicy")
    headers = policy.properties["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    return str(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
