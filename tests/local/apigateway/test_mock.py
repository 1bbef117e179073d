from __future__ import annotations

from dataclasses import replace

import pytest

from cloudworthy.local.apigateway.definition import IntegrationResponse, Method, Stage
from cloudworthy.local.model.http import Response
from local.apigateway.serving import PREFLIGHT, rest_api, serving


async def answered(
    integration: object = PREFLIGHT, body: bytes = b"", *headers: tuple[str, str], query: str = ""
) -> Response:
    api = rest_api("/x", methods=(Method("Mock", "POST", integration),))  # type: ignore[arg-type]
    stage = Stage("Stage", "stage", variables={"origin": "https://v.example"})
    async with serving(replace(api, stages=(stage,))) as served:
        return await served.send("POST", f"/stage/x{query}", list(headers), body)


@pytest.mark.parametrize(
    ("passthrough", "templates", "expected"),
    [
        ("WHEN_NO_MATCH", {}, 204),
        ("WHEN_NO_TEMPLATES", {}, 204),
        ("WHEN_NO_TEMPLATES", {"application/json": "{statusCode: 200}"}, 415),
        ("NEVER", {}, 415),
    ],
)
async def test_a_content_type_without_a_template(
    passthrough: str, templates: dict[str, str], expected: int
) -> None:
    integration = replace(PREFLIGHT, passthrough=passthrough, request_templates=templates)
    response = await answered(integration, b'{"statusCode": 200}', ("Content-Type", "text/x"))
    assert response.status == expected


async def test_response_parameters() -> None:
    values = {"X-Text": "'a'", "X-Id": "context.requestId", "X-Var": "stageVariables.origin"}
    response = await answered(
        replace(PREFLIGHT, responses=(IntegrationResponse(200, header_values=values),))
    )
    assert response.header("x-text") == "a"
    assert response.header("x-id") == response.header("x-amzn-requestid")
    assert response.header("x-var") == "https://v.example"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", b"plain"),
        ("$input.params('q')", b"1"),
        ("$input.params().querystring.get('q')", b"1"),
        ("$input.body", b"{}"),
        ('$util.escapeJavaScript("it\'s")', b"it\\'s"),
        ("$util.urlEncode('a b')", b"a+b"),
        ("$util.urlDecode('a+b')", b"a b"),
        ("$util.parseJson('[5]').get(0)", b"5"),
        ("$context.httpMethod $context.identity.sourceIp", b"POST 127.0.0.1"),
        ("$stageVariables.origin", b"https://v.example"),
        ("#foreach($n in [1,2])$n;#end", b"1;2;"),
    ],
)
async def test_templates(template: str, expected: bytes) -> None:
    answer = IntegrationResponse(200, templates={"application/json": template})
    response = await answered(replace(PREFLIGHT, responses=(answer,)), b'{"a": 1}', query="?q=1")
    assert (response.status, response.body) == (200, expected)


async def test_a_template_for_what_the_client_accepts() -> None:
    templates = {"application/json": "{}", "text/plain": "text"}
    integration = replace(PREFLIGHT, responses=(IntegrationResponse(200, templates=templates),))
    response = await answered(integration, b"", ("Accept", "text/plain"))
    assert (response.header("content-type"), response.body) == ("text/plain", b"text")


async def test_what_the_template_of_the_request_keeps_for_the_one_of_the_answer() -> None:
    request = '#set($context.requestOverride.path.kept = $input.body){"statusCode": 200}'
    answer = IntegrationResponse(
        200, templates={"application/json": "$context.requestOverride.path.kept"}
    )
    integration = replace(
        PREFLIGHT, request_templates={"application/json": request}, responses=(answer,)
    )
    assert (await answered(integration, b"text")).body == b"text"
