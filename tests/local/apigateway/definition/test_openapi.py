from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import (
    AuthorizationType,
    IntegrationType,
    LambdaAuthorizer,
    Method,
    RestApi,
    build_rest_apis,
)
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.resources import Asset, Deployment
from local.apigateway.deploying import INVOKE_URI, deployment
from local.apigateway.serving import FUNCTION_ARN, serving

PROXY = {"type": "aws_proxy", "httpMethod": "POST", "uri": INVOKE_URI}
ITEM = {
    "type": "object",
    "required": ["name"],
    "properties": {"tag": {"$ref": "#/definitions/Tag"}},
}


def operation(**properties: Any) -> dict[str, Any]:
    return {"x-amazon-apigateway-integration": PROXY, **properties}


def document(paths: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    info = {"title": "shop", "version": "1"}
    return {"swagger": "2.0", "info": info, "paths": paths, **others}


def openapi_3(paths: Mapping[str, Any], **components: Any) -> dict[str, Any]:
    info = {"title": "shop", "version": "1"}
    return {"openapi": "3.0.1", "info": info, "paths": paths, "components": components}


def with_body(body: object, **properties: Any) -> Deployment:
    return deployment({}, Name=None, Body=body, **properties)


def built(body: object, **properties: Any) -> RestApi:
    (api,) = build_rest_apis(with_body(body, **properties))
    return api


def methods_of(api: RestApi) -> dict[str, Method]:
    return {f"{m.http_method} {r.path}": m for r in api.resources for m in r.methods}


def the_method(body: object) -> Method:
    (method,) = methods_of(built(body)).values()
    return method


def test_paths_become_resources_with_their_ancestors() -> None:
    paths = {
        "/": {"get": operation()},
        "/items/{id}": {"get": operation(), "x-amazon-apigateway-any-method": operation()},
        "/items": {"post": operation()},
    }
    api = built(document(paths))
    assert api.name == "shop"
    assert [resource.path for resource in api.resources] == ["/", "/items", "/items/{id}"]
    assert set(methods_of(api)) == {"GET /", "GET /items/{id}", "ANY /items/{id}", "POST /items"}


def test_a_document_as_text_and_the_name_of_the_template() -> None:
    api = built(json.dumps(document({"/x": {"get": operation()}})))
    assert set(methods_of(api)) == {"GET /x"}
    (named,) = build_rest_apis(deployment({}, Body=document({}), Name="other"))
    assert named.name == "other"


def test_an_integration() -> None:
    integration = {
        "type": "http",
        "uri": "https://example.com/{id}",
        "httpMethod": "GET",
        "passthroughBehavior": "when_no_templates",
        "timeoutInMillis": 2000,
        "requestParameters": {"integration.request.path.id": "method.request.path.id"},
        "requestTemplates": {"application/json": "{}"},
        "responses": {
            "default": {"statusCode": "200"},
            "4\\d\\d": {"statusCode": 404, "contentHandling": "convert_to_text"},
        },
    }
    found = the_method(
        document({"/{id}": {"get": {"x-amazon-apigateway-integration": integration}}})
    ).integration
    assert (found.type, found.address) == (IntegrationType.HTTP, "https://example.com/{id}")
    assert (found.http_method, found.timeout_s) == ("GET", 2.0)
    assert found.passthrough == "WHEN_NO_TEMPLATES"
    assert found.request_parameters == {"path.id": "method.request.path.id"}
    assert [(r.status, r.selection_pattern, r.content_handling) for r in found.responses] == [
        (200, "", ""),
        (404, "4\\d\\d", "CONVERT_TO_TEXT"),
    ]


def test_settings_of_the_whole_api() -> None:
    responses = {
        "DEFAULT_4XX": {
            "statusCode": 418,
            "responseParameters": {"gatewayresponse.header.X-A": "'a'"},
            "responseTemplates": {"application/json": "{}"},
        }
    }
    extensions = {
        "x-amazon-apigateway-binary-media-types": ["image/png"],
        "x-amazon-apigateway-gateway-responses": responses,
        "x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True},
    }
    api = built(document({}, **extensions), Parameters={"endpointConfigurationTypes": "REGIONAL"})
    assert api.binary_media_types == ("image/png",)
    assert (api.endpoint_type, api.execute_api_endpoint) == ("REGIONAL", False)
    response = api.gateway_responses["DEFAULT_4XX"]
    assert (response.status, response.header_values) == (418, {"X-A": "'a'"})


SCHEMES = {
    "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
    "signed": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
    "token": {
        "type": "apiKey",
        "name": "X-Token",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "token",
            "authorizerUri": INVOKE_URI,
            "authorizerResultTtlInSeconds": 60,
        },
    },
    "basic": {"type": "basic"},
}


def secured(*names: str, schemes: Mapping[str, Any] = SCHEMES) -> Method:
    security: list[dict[str, Any]] = [{name: []} for name in names]
    return the_method(
        document({"/x": {"get": operation(security=security)}}, securityDefinitions=schemes)
    )


def test_api_keys_and_signatures() -> None:
    assert secured("key").api_key_required
    assert secured("signed").authorization.type is AuthorizationType.AWS_IAM
    both = secured("key", "signed")
    assert (both.api_key_required, both.authorization.type) == (True, AuthorizationType.AWS_IAM)
    assert secured().authorization.type is AuthorizationType.NONE


def test_an_authorizer() -> None:
    authorization = secured("token").authorization
    authorizer = authorization.authorizer
    assert authorization.type is AuthorizationType.CUSTOM
    assert isinstance(authorizer, LambdaAuthorizer)
    assert (authorizer.function_arn, authorizer.ttl_s) == (FUNCTION_ARN, 60)
    assert authorizer.identity_sources == ("method.request.header.X-Token",)


def test_security_of_the_whole_document_and_a_method_without() -> None:
    paths = {"/x": {"get": operation(), "post": operation(security=[])}}
    methods = methods_of(
        built(document(paths, security=[{"key": []}], securityDefinitions=SCHEMES))
    )
    assert methods["GET /x"].api_key_required
    assert not methods["POST /x"].api_key_required


@pytest.mark.parametrize("names", [("basic",), ("unknown",), ("signed", "token")])
def test_a_method_is_never_served_openly(names: tuple[str, ...]) -> None:
    with pytest.raises(UnsupportedError, match="security"):
        secured(*names)


VALIDATORS = {
    "x-amazon-apigateway-request-validators": {
        "all": {"validateRequestBody": True, "validateRequestParameters": True}
    },
    "x-amazon-apigateway-request-validator": "all",
}
QUERY = {"in": "query", "name": "q", "required": True}


@pytest.mark.parametrize(
    "body",
    [
        document(
            {
                "/x": {
                    "parameters": [{"$ref": "#/parameters/Q"}],
                    "post": operation(
                        parameters=[
                            {"in": "body", "name": "b", "schema": {"$ref": "#/definitions/Item"}}
                        ]
                    ),
                }
            },
            parameters={"Q": QUERY},
            definitions={"Item": ITEM, "Tag": {"type": "string"}},
            **VALIDATORS,
        ),
        openapi_3(
            {
                "/x": {
                    "post": operation(
                        parameters=[QUERY],
                        requestBody={
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "object",
                                        "required": ["name"],
                                        "properties": {"tag": {"$ref": "#/components/schemas/Tag"}},
                                    }
                                }
                            }
                        },
                    )
                }
            },
            schemas={"Tag": {"type": "string"}},
        )
        | VALIDATORS,
    ],
    ids=["2.0", "3.0"],
)
async def test_requests_are_validated(body: Mapping[str, Any]) -> None:
    async with serving(built(body)) as served:
        good = await served.send("POST", "/stage/x?q=1", [], b'{"name": "a", "tag": "b"}')
        no_query = await served.send("POST", "/stage/x", [], b'{"name": "a"}')
        no_name = await served.send("POST", "/stage/x?q=1", [], b"{}")
        no_text = await served.send("POST", "/stage/x?q=1", [], b'{"name": "a", "tag": 1}')
    assert [r.status for r in (good, no_query, no_name, no_text)] == [200, 400, 400, 400]


@pytest.mark.parametrize(
    "body",
    [
        {"swagger": "1.2"},
        {"openapi": "3.1.0"},
        "no document",
        document({"/x": {"get": {}}}),
        document({"/x": {"get": {"x-amazon-apigateway-integration": {"$ref": "#/nowhere"}}}}),
        document({"/x": {"get": operation(**{"x-amazon-apigateway-request-validator": "none"})}}),
    ],
)
def test_documents_that_api_gateway_would_not_take(body: object) -> None:
    with pytest.raises(TemplateError):
        built(body)


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        (document({}, **{"x-amazon-apigateway-future": {}}), {}),
        (document({"/x": {"get": operation(**{"x-amazon-apigateway-new": {}})}}), {}),
        (
            document(
                {"/x": {"get": {"x-amazon-apigateway-integration": {**PROXY, "tlsConfig": {}}}}}
            ),
            {},
        ),
        (document({}), {"Parameters": {"basepath": "prepend"}}),
        (None, {"BodyS3Location": {"Bucket": "b", "Key": "k"}}),
    ],
)
def test_what_is_not_served(body: object, properties: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError):
        built(body, **properties)


def test_a_document_among_the_assets(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(document({"/x": {"get": operation()}})))
    location = {"Bucket": "assets", "Key": "abc.json"}
    given = deployment({}, BodyS3Location=location)
    stack = replace(given.stack, assets={"abc.json": Asset("abc.json", path, "file")})
    (api,) = build_rest_apis(replace(given, stack=stack))
    assert set(methods_of(api)) == {"GET /x"}
    path.write_text("swagger: '2.0'")
    with pytest.raises(UnsupportedError, match="JSON"):
        build_rest_apis(replace(given, stack=stack))
