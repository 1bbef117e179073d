from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import RestApi, build_rest_apis
from cloudworthy.local.model.errors import UnsupportedError
from local.apigateway.deploying import API_ID, deployment, resource


def built(methods: Any = None, *others: Any, **api_properties: Any) -> RestApi:
    (api,) = build_rest_apis(deployment(methods or {}, *others, **api_properties))
    return api


def test_the_paths_are_those_of_the_resource_tree() -> None:
    api = built({"/": {"GET": {}}, "/items/{id}": {"GET": {}, "ANY": {}}})
    found = {r.path: [m.http_method for m in r.methods] for r in api.resources}
    assert found == {"/": ["GET"], "/items": [], "/items/{id}": ["GET", "ANY"]}


def test_names_of_the_api() -> None:
    api = built(
        Name="shop",
        BinaryMediaTypes=["image/png"],
        EndpointConfiguration={"Types": ["REGIONAL"]},
        Tags=[{"Key": "a", "Value": "b"}],
    )
    assert (api.api_id, api.name, api.endpoint_type) == (API_ID, "shop", "REGIONAL")
    assert api.binary_media_types == ("image/png",)


def test_an_api_without_an_endpoint_type_is_at_the_edge() -> None:
    assert built().endpoint_type == "EDGE"


def test_gateway_responses() -> None:
    response = resource(
        "GatewayResponse",
        "Default4xx",
        RestApiId=API_ID,
        ResponseType="DEFAULT_4XX",
        StatusCode="404",
        ResponseParameters={"gatewayresponse.header.X-A": "'1'"},
        ResponseTemplates={"application/json": "{}"},
    )
    found = built({}, response).gateway_responses["DEFAULT_4XX"]
    assert (found.status, dict(found.header_values)) == (404, {"X-A": "'1'"})


@pytest.mark.parametrize(
    "properties",
    [
        {"CloneFrom": "abcde12345"},
        {"Policy": {"Statement": [{"Effect": "Allow", "NotPrincipal": "*"}]}},
        {"ApiKeySourceType": "COOKIE"},
        {"MinimumCompressionSize": 1000},
        {"EndpointConfiguration": {"Types": ["PRIVATE"]}},
        {"SecurityPolicyOfTheFuture": "x"},
    ],
)
def test_what_would_change_behaviour_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError) as caught:
        built(**properties)
    assert next(iter(properties)) in str(caught.value)
    assert "(Api)" in str(caught.value)
