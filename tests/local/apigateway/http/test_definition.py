from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import AccessLog, Throttle
from cloudworthy.local.apigateway.http.definition import (
    Cors,
    DomainMapping,
    HttpApi,
    HttpIntegration,
    IamAuthorization,
    JwtAuthorizer,
    LambdaIntegration,
    build_http_apis,
)
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.resources import ProvisionedResource
from local.apigateway.deploying import permission
from local.apigateway.http.deploying import (
    deployment,
    integration,
    jwt_authorizer,
    lambda_authorizer,
    resource,
    stage,
)
from local.apigateway.http.serving import API_ID, AUTHORIZER, AUTHORIZER_ARN, FUNCTION_ARN, V2

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:access:*"


def built(*others: ProvisionedResource, **route: Any) -> HttpApi:
    (api,) = build_http_apis(deployment({"GET /x": route}, *others))
    return api


def test_an_api_with_its_parts() -> None:
    cors = {
        "AllowOrigins": ["https://a.example"],
        "AllowMethods": ["GET"],
        "AllowHeaders": ["x"],
        "ExposeHeaders": ["y"],
        "MaxAge": "60",
        "AllowCredentials": "true",
    }
    (api,) = build_http_apis(deployment({"GET /x": {}}, CorsConfiguration=cors))
    assert (api.api_id, api.name) == (API_ID, "api")
    assert [(r.route_key, r.integration) for r in api.routes] == [("GET /x", V2)]
    assert api.cors == Cors(
        ("https://a.example",), ("GET",), ("x",), ("y",), 60, allow_credentials=True
    )
    assert [s.name for s in api.stages] == ["$default"]


def test_settings_of_a_stage() -> None:
    limits = {"ThrottlingRateLimit": "5", "ThrottlingBurstLimit": 10}
    (found,) = built(
        stage(
            "dev",
            StageVariables={"a": "b"},
            DefaultRouteSettings={**limits, "DetailedMetricsEnabled": "true"},
            RouteSettings={"GET /x": {"ThrottlingBurstLimit": 1}},
            AccessLogSettings={"DestinationArn": GROUP, "Format": "$context.requestId"},
        )
    ).stages
    assert found.default_settings.throttle() == Throttle(5, 10)
    assert found.default_settings.detailed_metrics is True
    assert found.route_settings["GET /x"].throttle() == Throttle(float("inf"), 1)
    assert found.access_log == AccessLog("access", "$context.requestId")
    assert (found.variables, found.base_path) == ({"a": "b"}, "/dev")


def test_a_stage_is_deployed_by_itself_or_by_a_deployment() -> None:
    by_hand = stage("dev", AutoDeploy=None)
    deployed = resource("Deployment", "d1", ApiId=API_ID, StageName="dev")
    found = [
        built(by_hand),
        built(stage("dev", AutoDeploy=None, DeploymentId="d1")),
        built(by_hand, deployed),
    ]
    assert [api.stages[0].deployed for api in found] == [False, True, True]


def test_a_jwt_authorizer_and_its_scopes() -> None:
    api = built(
        jwt_authorizer(),
        AuthorizationType="JWT",
        AuthorizerId="authorizer",
        AuthorizationScopes=["a", "b"],
    )
    (route,) = api.routes
    header = "$request.header.Authorization"
    expected = JwtAuthorizer("authorizer", "https://issuer.example", ("a",), header)
    assert (route.authorization, route.scopes) == (expected, ("a", "b"))


def test_a_lambda_authorizer() -> None:
    authorizer = lambda_authorizer(AuthorizerResultTtlInSeconds=300)
    source = f"arn:aws:execute-api:us-east-1:000000000000:{API_ID}/authorizers/authorizer"
    api = built(
        authorizer,
        permission(source, AUTHORIZER_ARN),
        AuthorizationType="CUSTOM",
        AuthorizerId="authorizer",
    )
    expected = replace(AUTHORIZER, logical_id="authorizer", authorizer_id="authorizer", ttl_s=300.0)
    assert api.routes[0].authorization == expected


def test_a_lambda_authorizer_that_nothing_permits() -> None:
    elsewhere = permission("arn:aws:execute-api:*:*:*/authorizers/other", AUTHORIZER_ARN)
    api = built(
        lambda_authorizer(), elsewhere, AuthorizationType="CUSTOM", AuthorizerId="authorizer"
    )
    assert api.routes[0].authorization == replace(
        AUTHORIZER, logical_id="authorizer", authorizer_id="authorizer", invocable=False
    )


def test_iam_authorization() -> None:
    assert built(AuthorizationType="AWS_IAM").routes[0].authorization == IamAuthorization()


def test_an_http_integration() -> None:
    url = "https://backend.example/{proxy}"
    found = integration(
        IntegrationType="HTTP_PROXY",
        IntegrationUri=url,
        IntegrationMethod="GET",
        PayloadFormatVersion="1.0",
        TimeoutInMillis=500,
    )
    assert built(found).routes[0].integration == HttpIntegration(url, "GET", 0.5)


def test_permissions_of_a_function() -> None:
    named = built(permission("arn:aws:execute-api:*:*:x/*")).routes[0].integration
    other = built(permission(function="other")).routes[0].integration
    assert isinstance(named, LambdaIntegration)
    assert isinstance(other, LambdaIntegration)
    assert named.permitted_sources == ("arn:aws:execute-api:*:*:x/*",)
    assert other.permitted_sources == ()


def test_custom_domains_longest_path_first() -> None:
    domain = resource("DomainName", "domain", DomainName="api.example")
    mappings = [
        resource(
            "ApiMapping",
            f"m{key}",
            ApiId=API_ID,
            DomainName="API.example",
            ApiMappingKey=key or None,
            Stage="$default",
        )
        for key in ("", "a/b", "a")
    ]
    found = [DomainMapping("api.example", key, "$default") for key in ("a/b", "a", "")]
    assert list(built(domain, *mappings).domains) == found


UNSUPPORTED = [
    ({"ProtocolType": "WEBSOCKET"}, [], {}),
    ({"Body": {}, "Target": FUNCTION_ARN}, [], {}),
    ({"Body": {"openapi": "3.0.1"}}, [], {}),
    ({}, [integration(IntegrationSubtype="SQS-SendMessage")], {}),
    ({}, [integration(ConnectionType="VPC_LINK")], {}),
    ({}, [integration(RequestParameters={"overwrite:path": "x"})], {}),
    ({}, [integration(ResponseParameters={"200": {}})], {}),
    ({}, [integration(IntegrationUri="arn:aws:sqs:us-east-1:000000000000:queue")], {}),
    ({}, [integration(IntegrationType="MOCK")], {}),
    ({}, [integration(IntegrationType="HTTP_PROXY", IntegrationUri="ftp://x")], {}),
    ({}, [stage(ClientCertificateId="x")], {}),
    ({}, [stage(DefaultRouteSettings={"LoggingLevel": "INFO"})], {}),
    ({}, [stage(AccessLogSettings={"DestinationArn": "arn:aws:firehose:x"})], {}),
    ({}, [resource("DomainName", "d", MutualTlsAuthentication={"TruststoreUri": "x"})], {}),
    ({}, [], {"ApiKeyRequired": True}),
]


@pytest.mark.parametrize(("api", "others", "route"), UNSUPPORTED)
def test_what_would_change_behaviour_is_refused(
    api: dict[str, Any], others: list[ProvisionedResource], route: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedError):
        build_http_apis(deployment({"GET /x": route}, *others, **api))


CONTRADICTIONS = [
    ([], {"AuthorizationType": "JWT"}),
    ([], {"AuthorizationType": "CUSTOM", "AuthorizerId": "gone"}),
    ([], {"AuthorizationType": "NONE", "AuthorizerId": "authorizer"}),
    ([jwt_authorizer()], {"AuthorizationType": "CUSTOM", "AuthorizerId": "authorizer"}),
    ([jwt_authorizer(JwtConfiguration={"Issuer": "https://x"})], {}),
    ([jwt_authorizer(IdentitySource=["Authorization"])], {}),
    ([jwt_authorizer(AuthorizerType="TOKEN")], {}),
    ([lambda_authorizer(IdentitySource=None, AuthorizerResultTtlInSeconds=5)], {}),
    ([lambda_authorizer(AuthorizerPayloadFormatVersion=None)], {}),
    ([], {"Target": "integrations/gone"}),
    ([], {"Target": "integration"}),
]


@pytest.mark.parametrize(("others", "route"), CONTRADICTIONS)
def test_a_template_that_contradicts_itself(
    others: list[ProvisionedResource], route: dict[str, Any]
) -> None:
    with pytest.raises(TemplateError):
        build_http_apis(deployment({"GET /x": route}, *others))


@pytest.mark.parametrize(
    "route_key", ["GET", "GET x", "get /x", "GET /x/", "FETCH /x", "GET /{a+}b", "$connect"]
)
def test_route_keys_that_are_none(route_key: str) -> None:
    with pytest.raises(TemplateError, match="RouteKey"):
        build_http_apis(deployment({route_key: {}}))
