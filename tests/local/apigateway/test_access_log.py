from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from cloudworthy.local.apigateway.authorizers.iam import SignatureRefusedError
from cloudworthy.local.apigateway.caller import Signer
from cloudworthy.local.apigateway.context import GETTERS
from cloudworthy.local.apigateway.definition import (
    AccessLog,
    ApiKey,
    AuthorizationType,
    Method,
    MethodAuthorization,
    RequestValidation,
    RestApi,
    Stage,
    UsagePlan,
    UsagePlanStage,
)
from cloudworthy.local.model.http import Request
from local.apigateway.authorizing import AUTHORIZER, answer, authorized_method, lambda_authorizer
from local.apigateway.nobody import NoSignatures
from local.apigateway.serving import ACCOUNT, Served, proxy_method, rest_api, serving


def logged(text: str) -> RestApi:
    stage = Stage("Stage", "stage", "dep", access_log=AccessLog("access", text))
    return replace(rest_api("/items/{id}"), stages=(stage,))


def lines(served: Served) -> list[str]:
    return served.logs.groups["access"]


async def test_the_common_log_format() -> None:
    text = (
        "$context.identity.sourceIp $context.identity.caller [$context.requestTime] "
        '"$context.httpMethod $context.resourcePath $context.protocol" '
        "$context.status $context.responseLength $context.requestId."
    )
    async with serving(logged(text)) as served:
        response = await served.get("/stage/items/7")
    assert lines(served) == [
        (
            "127.0.0.1 - [02/Jan/2026:03:04:05 +0000] "
            f'"GET /items/{{id}} HTTP/1.1" 200 2 {response.header("x-amzn-requestid")}.'
        )
    ]


async def test_a_json_format_stays_json() -> None:
    text = json.dumps({"id": "$context.requestId", "agent": "$context.identity.userAgent"})
    agent = 'a"b\\c\td'
    async with serving(logged(text)) as served:
        await served.get("/stage/items/7", ("User-Agent", agent))
    assert json.loads(lines(served)[0])["agent"] == agent


async def test_an_error_is_logged_with_its_reason() -> None:
    text = '{"error":$context.error.messageString,"type":"$context.error.responseType"}'
    async with serving(logged(text)) as served:
        await served.get("/stage/nowhere")
    assert json.loads(lines(served)[0]) == {
        "error": "Missing Authentication Token",
        "type": "MISSING_AUTHENTICATION_TOKEN",
    }


KEY = ApiKey("Key", "key-id", "the-value-of-the-key")
SIGNER = Signer(f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/me", ACCOUNT, "AROA:me", "AKIA")
EVERYTHING = " | ".join(f"{name}=$context.{name}" for name in sorted(GETTERS))
OF_EVERY_REQUEST = {
    "accountId": ACCOUNT,
    "apiId": "abcde12345",
    "deploymentId": "dep",
    "domainPrefix": "abcde12345",
    "httpMethod": "POST",
    "identity.sourceIp": "127.0.0.1",
    "identity.userAgent": "agent",
    "path": "/stage/items/7",
    "protocol": "HTTP/1.1",
    "requestTime": "02/Jan/2026:03:04:05 +0000",
    "requestTimeEpoch": "1767323045678",
    "resourceId": "id/items/{id}",
    "resourcePath": "/items/{id}",
    "stage": "stage",
}
OF_AN_ANSWER = {
    "awsEndpointRequestId": "function-request",
    "integration.integrationStatus": "201",
    "integration.latency": "250",
    "integration.requestId": "function-request",
    "integration.status": "200",
    "integrationLatency": "250",
    "integrationStatus": "200",
    "responseLength": "4",
    "status": "201",
}
OF_AN_AUTHORIZER = {
    "authorize.status": "200",
    "authorizer.integrationLatency": "500",
    "authorizer.integrationStatus": "200",
    "authorizer.latency": "500",
    "authorizer.principalId": "somebody",
    "authorizer.requestId": "function-request",
    "authorizer.status": "200",
    "identity.apiKey": KEY.value,
    "identity.apiKeyId": "key-id",
    "responseLatency": "750",
}
OF_A_SIGNER = {
    "authenticate.status": "200",
    "authorize.status": "200",
    "identity.accessKey": "AKIA",
    "identity.accountId": ACCOUNT,
    "identity.caller": "AROA:me",
    "identity.user": "AROA:me",
    "identity.userArn": SIGNER.arn,
    "responseLatency": "250",
}
_NO_NAME = "'name' is a required property"
_REFUSED = f"Request body does not match model schema: [{_NO_NAME}]"
OF_A_REFUSAL = {
    "error.message": "Invalid request body",
    "error.messageString": '"Invalid request body"',
    "error.responseType": "BAD_REQUEST_BODY",
    "error.validationErrorString": f"[{_NO_NAME}]",
    "integration.error": _REFUSED,
    "integrationErrorMessage": _REFUSED,
    "responseLatency": "0",
    "responseLength": "35",
    "status": "400",
}
OF_THIS_REQUEST = {"domainName", "extendedRequestId", "requestId", "xrayTraceId"}
IN_OTHER_TESTS = {"authenticate.error", "authorize.error", "authorizer.error"}


class Signed(NoSignatures):
    """Every request is signed by one caller, who may do everything."""

    def signer_of(self, request: Request) -> Signer | None:  # noqa: ARG002 - the Protocol's
        return SIGNER

    async def permit(self, *_: Any, **__: Any) -> None:
        return


async def everything_logged(method: Method, body: bytes) -> dict[str, str]:
    """What the access log has of a request; a function takes 250 ms, an authorizer 500."""
    stages = {"stage": UsagePlanStage("stage")}
    api = replace(
        rest_api("/items/{id}", methods=(method,)),
        stages=(
            Stage(
                "Stage", "stage", "dep", access_log=AccessLog("access", EVERYTHING), tracing=True
            ),
        ),
        usage_plans=(UsagePlan("Plan", "plan", stages, {KEY.value: KEY}),),
    )

    def function(_event: Any) -> dict[str, Any]:
        served.clock.seconds += 0.25
        return {"statusCode": 201, "body": "made"}

    def authorize(_event: Any) -> dict[str, Any]:
        served.clock.seconds += 0.5
        return answer()

    async with serving(
        api, function, others={AUTHORIZER: authorize}, signatures=Signed()
    ) as served:
        headers = [("X-API-Key", KEY.value), ("User-Agent", "agent")]
        if method.authorization.type is AuthorizationType.CUSTOM:
            headers.append(("Authorization", "token"))
        response = await served.send("POST", "/stage/items/7", headers, body)
        (line,) = lines(served)
    values = dict(entry.split("=", 1) for entry in line.split(" | "))
    assert values.keys() == GETTERS.keys()
    assert values.pop("requestId") == response.header("x-amzn-requestid")
    assert values.pop("extendedRequestId") == response.header("x-amz-apigw-id")
    assert values.pop("domainName") == f"127.0.0.1:{served.client.port}"
    assert re.fullmatch("1-[0-9a-f]{8}-[0-9a-f]{24}", values.pop("xrayTraceId"))
    return {name: value for name, value in values.items() if value != "-"}


async def test_every_variable_has_its_value() -> None:
    authorized = authorized_method(lambda_authorizer(), api_key_required=True)
    signed = proxy_method(authorization=MethodAuthorization(AuthorizationType.AWS_IAM))
    model = {"type": "object", "required": ["name"]}
    validated = proxy_method(
        validation=RequestValidation(validates_body=True, body_models={"application/json": model})
    )
    expected = [
        (authorized, OF_EVERY_REQUEST | OF_AN_ANSWER | OF_AN_AUTHORIZER),
        (signed, OF_EVERY_REQUEST | OF_AN_ANSWER | OF_A_SIGNER),
        (validated, OF_EVERY_REQUEST | OF_A_REFUSAL),
    ]
    for method, values in expected:
        assert await everything_logged(method, b"{}") == values
    seen = set().union(*(values for _, values in expected))
    assert seen | OF_THIS_REQUEST | IN_OTHER_TESTS == GETTERS.keys()


async def test_a_request_that_leads_nowhere_has_no_open_variable() -> None:
    async with serving(logged(EVERYTHING)) as served:
        await served.get("/stage/nowhere")
        await served.get("/other")
    (line,) = lines(served)
    assert "$" not in line
    assert "resourcePath=- | " in line
    assert "error.responseType=MISSING_AUTHENTICATION_TOKEN | " in line


async def test_why_a_signature_is_refused() -> None:
    class Refused(NoSignatures):
        def signer_of(self, request: Request) -> Signer | None:  # noqa: ARG002
            raise SignatureRefusedError("ExpiredTokenException", "the reason")

    signed = proxy_method(authorization=MethodAuthorization(AuthorizationType.AWS_IAM))
    text = "$context.authenticate.status $context.authenticate.error"
    api = replace(logged(text), resources=rest_api("/x", methods=(signed,)).resources)
    async with serving(api, signatures=Refused()) as served:
        await served.get("/stage/x")
    assert lines(served) == ["403 the reason"]


async def test_a_variable_without_a_value() -> None:
    async with serving(logged("$context.authorizer.principalId $context.unheard.of")) as served:
        await served.get("/stage/items/7")
    assert lines(served) == ["- -"]
