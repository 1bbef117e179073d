from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import IntegrationType, Method, build_rest_apis
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.functions import invocation_target
from local.apigateway.deploying import (
    PROXY_INTEGRATION,
    deployment,
    model,
    permission,
    validator,
)
from local.apigateway.serving import FUNCTION_ARN


def method_of(properties: dict[str, Any], *others: Any) -> Method:
    (api,) = build_rest_apis(deployment({"/x": {"GET": properties}}, *others))
    return next(m for r in api.resources for m in r.methods)


@pytest.mark.parametrize(
    "properties",
    [
        {"AuthorizationType": "CUSTOM", "AuthorizerId": "abc"},
        {"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": "abc"},
        {"AuthorizationType": "JWT", "AuthorizerId": "abc"},
        {"AuthorizerId": "abc"},
        {"AuthorizationScopes": ["email"]},
    ],
)
def test_a_method_with_an_authorizer_is_never_served_open(properties: dict[str, Any]) -> None:
    with pytest.raises(TemplateError, match="GET/x"):
        method_of(properties)


@pytest.mark.parametrize(
    "integration",
    [
        {},
        {"Type": "HTTP_PROXY", "Uri": "http://example.com", "ConnectionType": "VPC_LINK"},
        {"Type": "HTTP", "Uri": "http://example.com", "Credentials": "arn"},
        {"Type": "HTTP", "Uri": "http://example.com", "PassthroughBehavior": "SOMETIMES"},
        {"Type": "AWS", "Uri": "arn:aws:apigateway:us-east-1:bucket.s3:path/key"},
        {"Type": "AWS", "Uri": "arn:aws:apigateway:us-east-1:ec2:action/RunInstances"},
        {
            "Type": "AWS",
            "Uri": "arn:aws:apigateway:us-east-1:sqs:path/queue",
            "Credentials": "arn:aws:iam::*:user/*",
        },
        PROXY_INTEGRATION | {"Uri": "arn:aws:apigateway:us-east-1:s3:path/bucket"},
        PROXY_INTEGRATION | {"ResponseTransferMode": "STREAM"},
        {"Type": "MOCK", "ContentHandling": "CONVERT_TO_BINARY"},
    ],
)
def test_integrations_that_are_not_served(integration: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError, match="Integration"):
        method_of({"Integration": integration})


@pytest.mark.parametrize(
    "integration",
    [
        {"Type": "HTTP_PROXY", "Uri": "example.com"},
        {"Type": "AWS", "Uri": "arn:aws:apigateway:us-east-1:sqs:path/queue"},
        PROXY_INTEGRATION | {"RequestParameters": {"header.X": "'x'"}},
        PROXY_INTEGRATION | {"TimeoutInMillis": 49},
        PROXY_INTEGRATION | {"TimeoutInMillis": 29_001},
        {"Type": "MOCK", "IntegrationResponses": [{"SelectionPattern": "("}]},
    ],
)
def test_integrations_that_api_gateway_would_not_take(integration: dict[str, Any]) -> None:
    with pytest.raises(TemplateError, match="Integration"):
        method_of({"Integration": integration})


def test_an_integration_with_an_alias() -> None:
    uri = str(PROXY_INTEGRATION["Uri"]).replace("echo/", "echo:live/")
    integration = method_of({"Integration": PROXY_INTEGRATION | {"Uri": uri}}).integration
    assert integration.function_arn == f"{FUNCTION_ARN}:live"
    assert invocation_target(integration.function_arn) == "echo:live"


def test_a_proxy_integration() -> None:
    integration = method_of(
        {"Integration": PROXY_INTEGRATION | {"TimeoutInMillis": 5000}}
    ).integration
    assert integration.type is IntegrationType.AWS_PROXY
    assert (integration.function_arn, integration.timeout_s) == (FUNCTION_ARN, 5.0)


@pytest.mark.parametrize(("timeout", "expected_s"), [({}, 29.0), ({"TimeoutInMillis": 50}, 0.05)])
def test_an_integration_may_take_29_seconds_unless_the_template_says_less(
    timeout: dict[str, int], expected_s: float
) -> None:
    assert (
        method_of({"Integration": PROXY_INTEGRATION | timeout}).integration.timeout_s == expected_s
    )


@pytest.mark.parametrize(
    ("one", "other"), [("{id}", "{name}"), ("{id}", "{proxy+}"), ("{proxy+}", "{rest+}")]
)
def test_two_variables_under_one_resource_are_one_too_many(one: str, other: str) -> None:
    with pytest.raises(TemplateError) as refused:
        build_rest_apis(
            deployment({f"/items/{one}/a": {"GET": {}}, f"/items/{other}": {"GET": {}}})
        )
    told = str(refused.value)
    assert f"A sibling ({one}) of this resource already has a variable path part" in told
    assert f"(id/items/{other}): found {other} beside {one} of id/items/{one}" in told


def test_variables_at_other_places_and_names_beside_one_are_fine() -> None:
    paths = ("/items/{id}", "/items/all", "/items/{id}/{part}", "/{proxy+}", "/other/{name}")
    (api,) = build_rest_apis(deployment({path: {"GET": {}} for path in paths}))
    assert set(paths) <= {each.path for each in api.resources}


def test_a_name_is_there_once_under_a_resource() -> None:
    found = deployment({"/items": {"GET": {}}})
    again = replace(found.resources["id/items"], logical_id="Again", physical_id="again")
    resources = {**found.resources, "Again": replace(again, attributes={"ResourceId": "again"})}
    with pytest.raises(TemplateError, match="same parent already has this name: items"):
        build_rest_apis(replace(found, resources=resources))


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        (permission("arn:aws:execute-api:*"), ("arn:aws:execute-api:*",)),
        (permission("a", function="echo"), ("a",)),
        (permission("a", function="other"), ()),
    ],
)
def test_only_the_functions_own_permissions_count(granted: Any, expected: object) -> None:
    assert method_of({}, granted).integration.permitted_sources == expected


def test_a_mock_integration() -> None:
    integration = method_of(
        {
            "Integration": {
                "Type": "MOCK",
                "RequestTemplates": {"application/json": "{ statusCode: 200 }"},
                "IntegrationResponses": [
                    {
                        "StatusCode": "204",
                        "ResponseParameters": {"method.response.header.X-A": "'1'"},
                    }
                ],
            }
        }
    ).integration
    assert integration.type is IntegrationType.MOCK
    assert integration.responses[0].status == 204
    assert integration.responses[0].header_values == {"X-A": "'1'"}


def test_parameters_are_required_only_with_a_validator() -> None:
    parameters = {"method.request.querystring.q": True, "method.request.header.h": "false"}
    without = method_of({"RequestParameters": parameters})
    assert without.validation.required == ()

    from_validator = validator("Validator", body=False)
    from_validator.properties["ValidateRequestParameters"] = True  # type: ignore[index]
    with_validator = {"RequestParameters": parameters, "RequestValidatorId": "Validator"}
    assert method_of(with_validator, from_validator).validation.required == (("querystring", "q"),)


@pytest.mark.parametrize(
    ("properties", "others"),
    [
        ({"RequestValidatorId": "none"}, ()),
        (
            {
                "RequestValidatorId": "Validator",
                "RequestModels": {"application/json": "Missing"},
            },
            (validator("Validator", body=True), model("Present", {})),
        ),
        ({"ResourceId": "elsewhere"}, ()),
    ],
)
def test_references_that_lead_nowhere(properties: dict[str, Any], others: Any) -> None:
    with pytest.raises(TemplateError, match="GET/x"):
        method_of(properties, *others)
