"""The REST API: routes, keys, throttling, logs, CORS and the gateway's own errors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from synthesized import Resource, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

STANDARD_FIELDS = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "caller": "$context.identity.caller",
    "user": "$context.identity.user",
    "requestTime": "$context.requestTime",
    "httpMethod": "$context.httpMethod",
    "resourcePath": "$context.resourcePath",
    "status": "$context.status",
    "protocol": "$context.protocol",
    "responseLength": "$context.responseLength",
}
PATHS = {"/", "/items", "/items/{id}", "/{proxy+}", "/health"}


def test_routes(dev: Synthesized) -> None:
    assert {(method, path) for method, path in _methods(dev)} == {
        (method, path) for path in PATHS for method in ("ANY", "OPTIONS")
    }


def test_a_key_is_asked_for_on_all_but_health_and_preflight(dev: Synthesized) -> None:
    keyed = {
        where for where, method in _methods(dev).items() if method.properties["ApiKeyRequired"]
    }
    assert keyed == {("ANY", path) for path in PATHS - {"/health"}}


def test_health_has_a_function_of_its_own(dev: Synthesized) -> None:
    health = dev.at("HealthFunction/Function").logical_id
    api = dev.at("ApiFunction/Function").logical_id
    for (verb, path), method in _methods(dev).items():
        if verb == "ANY":
            uri = json.dumps(method.properties["Integration"]["Uri"])
            assert (health if path == "/health" else api) in uri


def test_none_is_open_because_it_was_asked_for(opened: Synthesized) -> None:
    assert not any(each.properties["ApiKeyRequired"] for each in _methods(opened).values())
    assert not opened.of_type("AWS::ApiGateway::ApiKey")
    assert not opened.of_type("AWS::ApiGateway::UsagePlan")


def test_the_key_belongs_to_the_plan_of_the_stage(dev: Synthesized) -> None:
    (plan,) = dev.of_type("AWS::ApiGateway::UsagePlan")
    (stage,) = dev.of_type("AWS::ApiGateway::Stage")
    (key,) = dev.of_type("AWS::ApiGateway::ApiKey")
    (link,) = dev.of_type("AWS::ApiGateway::UsagePlanKey")
    assert plan.properties["ApiStages"][0]["Stage"] == {"Ref": stage.logical_id}
    assert plan.properties["Throttle"] == {"BurstLimit": 100, "RateLimit": 50}
    assert link.properties["KeyId"] == {"Ref": key.logical_id}
    assert link.properties["UsagePlanId"] == {"Ref": plan.logical_id}
    assert "Value" not in key.properties  # a value in a template is not a secret


def test_stage_is_throttled_measured_traced_and_logged(dev: Synthesized) -> None:
    (stage,) = dev.of_type("AWS::ApiGateway::Stage")
    assert stage.properties["StageName"] == "prod"
    assert stage.properties["TracingEnabled"] is True
    (settings,) = stage.properties["MethodSettings"]
    assert settings == {
        "DataTraceEnabled": False,
        "HttpMethod": "*",
        "LoggingLevel": "INFO",
        "MetricsEnabled": True,
        "ResourcePath": "/*",
        "ThrottlingBurstLimit": 100,
        "ThrottlingRateLimit": 50,
    }


def test_access_log_is_json_with_all_standard_fields(dev: Synthesized) -> None:
    (stage,) = dev.of_type("AWS::ApiGateway::Stage")
    line = json.loads(stage.properties["AccessLogSetting"]["Format"])
    assert STANDARD_FIELDS.items() <= line.items()
    assert line["xrayTraceId"] == "$context.xrayTraceId"


def test_a_caller_cannot_write_log_lines(dev: Synthesized) -> None:
    """The gateway puts values into the line as they came, quotes and all."""
    (stage,) = dev.of_type("AWS::ApiGateway::Stage")
    used = set(re.findall(r"\$context\.[\w.]+", stage.properties["AccessLogSetting"]["Format"]))
    assert not used & {"$context.path", "$context.identity.userAgent", "$context.customDomain"}


def test_execution_logs_belong_to_the_stack(dev: Synthesized) -> None:
    group = dev.at("Api/ExecutionLogs")
    (stage,) = dev.of_type("AWS::ApiGateway::Stage")
    api = dev.at("Api/Api").logical_id
    assert group.properties["LogGroupName"] == {
        "Fn::Join": ["", ["API-Gateway-Execution-Logs_", {"Ref": api}, "/prod"]]
    }
    assert group.logical_id in stage.depends_on


def test_account_log_role_outlives_the_stack(dev: Synthesized) -> None:
    """Other APIs of the account log with it."""
    (account,) = dev.of_type("AWS::ApiGateway::Account")
    (stage,) = dev.of_type("AWS::ApiGateway::Stage")
    assert account.logical_id in stage.depends_on
    for resource in (account, dev.at("ApiAccount/Role")):
        assert resource.template["DeletionPolicy"] == "Retain"


def test_account_log_role_can_be_left_to_the_account(opened: Synthesized) -> None:
    assert not opened.of_type("AWS::ApiGateway::Account")


def test_preflight_is_answered_without_a_function(dev: Synthesized) -> None:
    preflights = [each for (verb, _), each in _methods(dev).items() if verb == "OPTIONS"]
    for method in preflights:
        integration = method.properties["Integration"]
        assert integration["Type"] == "MOCK"
        (answer,) = integration["IntegrationResponses"]
        headers = answer["ResponseParameters"]
        assert headers["method.response.header.Access-Control-Allow-Origin"] == "'*'"
        allowed = headers["method.response.header.Access-Control-Allow-Headers"]
        for name in ("Content-Type", "X-Api-Key", "If-Match", "Idempotency-Key"):
            assert name in allowed


def test_several_origins_are_told_apart(prod: Synthesized) -> None:
    method = _methods(prod)["OPTIONS", "/items"]
    (answer,) = method.properties["Integration"]["IntegrationResponses"]
    assert "https://example.org" in json.dumps(answer["ResponseTemplates"])


@pytest.mark.parametrize(
    ("response_type", "code"),
    [
        ("DEFAULT_4XX", "bad_request"),
        ("DEFAULT_5XX", "internal_error"),
        ("INVALID_API_KEY", "forbidden"),
        ("REQUEST_TOO_LARGE", "payload_too_large"),
        ("THROTTLED", "too_many_requests"),
        ("QUOTA_EXCEEDED", "too_many_requests"),
        ("INTEGRATION_TIMEOUT", "timeout"),
    ],
)
def test_gateway_errors_have_our_format(dev: Synthesized, response_type: str, code: str) -> None:
    body = _gateway_responses(dev)[response_type].properties["ResponseTemplates"]
    error = json.loads(body["application/json"])["error"]
    assert error["code"] == code
    assert error["message"]
    assert error["request_id"] == "$context.requestId"


def test_gateway_errors_have_cors_headers(dev: Synthesized, prod: Synthesized) -> None:
    for stack, origin in ((dev, "'*'"), (prod, "method.request.header.origin")):
        for response in _gateway_responses(stack).values():
            headers = response.properties["ResponseParameters"]
            assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == origin


def test_only_who_is_throttled_is_told_when_to_try_again(each_dev: Synthesized) -> None:
    """A quota that is used up does not come back within seconds."""
    header = "gatewayresponse.header.Retry-After"
    told = {
        name: it.properties["ResponseParameters"][header]
        for name, it in _gateway_responses(each_dev).items()
        if header in it.properties["ResponseParameters"]
    }
    assert told == ({} if each_dev.system == "storage-api" else {"THROTTLED": "'1'"})


def test_the_deployment_waits_for_every_route_and_error(dev: Synthesized) -> None:
    (deployment,) = dev.of_type("AWS::ApiGateway::Deployment")
    needed = [
        *dev.of_type("AWS::ApiGateway::Method"),
        *dev.of_type("AWS::ApiGateway::GatewayResponse"),
    ]
    assert {each.logical_id for each in needed} <= set(deployment.depends_on)


def _gateway_responses(stack: Synthesized) -> dict[str, Resource]:
    responses = stack.of_type("AWS::ApiGateway::GatewayResponse")
    return {each.properties["ResponseType"]: each for each in responses}


def _methods(stack: Synthesized) -> dict[tuple[str, str], Resource]:
    """Verb and path to method."""
    parts = {
        each.logical_id: each.properties for each in stack.of_type("AWS::ApiGateway::Resource")
    }
    return {
        (each.properties["HttpMethod"], _path(each.properties["ResourceId"], parts)): each
        for each in stack.of_type("AWS::ApiGateway::Method")
    }


def _path(resource_id: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> str:
    if "Ref" not in resource_id:
        return "/"
    part = parts[resource_id["Ref"]]
    return _path(part["ParentId"], parts).rstrip("/") + "/" + str(part["PathPart"])
