"""Custom domains, told by the Host header."""

from __future__ import annotations

import pytest

from cloudworthy.local.apigateway.definition import BasePathMapping, RestApi, build_rest_apis
from cloudworthy.local.model.errors import UnsupportedError
from cloudworthy.local.model.resources import ProvisionedResource
from facts.facts import fact
from local.apigateway.deploying import API_ID, deployment, resource
from local.apigateway.serving import rest_api, serving

DOMAIN = "api.example.com"
HOST = ("Host", f"{DOMAIN}:8443")
ROOT = BasePathMapping(DOMAIN, "", "stage")
V1 = BasePathMapping(DOMAIN, "v1", "stage")
STAGELESS = BasePathMapping("*.example.org", "any", "")


def api_at(*mappings: BasePathMapping, public: bool = True) -> RestApi:
    return rest_api("/", "/foo", "/ping", base_path_mappings=mappings, execute_api_endpoint=public)


async def test_rest_proxy_event_022_path_and_resource_under_a_base_path() -> None:
    case = fact("rest-proxy-event-022")
    async with serving(api_at(V1)) as served:
        response = await served.get(case.request.removeprefix("GET "), HOST)
        event = served.functions.event
    assert response.status == 200
    assert {name: event[name] for name in case.expect["event"]} == case.expect["event"]
    context = event["requestContext"]
    assert (context["path"], context["stage"]) == ("/v1/foo", "stage")
    assert (context["domainName"], context["domainPrefix"]) == (HOST[1], "api")


@pytest.mark.parametrize("path", ["/ping", "/sping"])
async def test_rest_routing_013_health_checks_are_not_routed(path: str) -> None:
    case = fact("rest-routing-013")
    assert path in case.request
    async with serving(api_at(ROOT)) as served:
        assert (await served.get(path, HOST)).status == 200
        assert served.functions.requests == []
        assert (await served.get("/stage/ping")).status == 200
        assert len(served.functions.requests) == 1


@pytest.mark.parametrize(
    ("host", "path", "status", "shown"),
    [
        (DOMAIN, "/foo", 200, "/foo"),
        (DOMAIN.upper(), "/", 200, "/"),
        (DOMAIN, "/v1/foo", 200, "/v1/foo"),
        (DOMAIN, "/v1", 200, "/v1/"),
        (DOMAIN, "/v10/foo", 403, None),
        (DOMAIN, "/stage/foo", 403, None),
        ("x.example.org", "/any/stage/foo", 200, "/any/foo"),
        ("x.example.org", "/other", 403, None),
        ("example.org", "/any/stage/foo", 403, None),
        ("127.0.0.1", "/stage/foo", 200, "/foo"),
        ("127.0.0.1", "/foo", 403, None),
    ],
)
async def test_which_paths_a_domain_has(
    host: str, path: str, status: int, shown: str | None
) -> None:
    async with serving(api_at(V1, STAGELESS, ROOT)) as served:
        response = await served.get(path, ("Host", host))
        events = served.functions.requests
        assert (served.functions.event["path"] if events else None) == shown
    assert response.status == status


async def test_the_address_of_the_api_itself_may_be_closed() -> None:
    async with serving(api_at(ROOT, public=False)) as served:
        assert (await served.get("/stage/foo")).body == b'{"message":"Forbidden"}'
        assert (await served.get("/foo", HOST)).status == 200


def mapping(logical_id: str, **properties: str) -> ProvisionedResource:
    values = {"DomainName": DOMAIN, "RestApiId": API_ID, "Stage": "stage", **properties}
    return resource("BasePathMapping", logical_id, **values)


def test_the_longest_base_path_comes_first() -> None:
    of_version_2 = ProvisionedResource(
        "Deep",
        "AWS::ApiGatewayV2::ApiMapping",
        "deep",
        {"DomainName": DOMAIN, "ApiId": API_ID, "ApiMappingKey": "v1/deep", "Stage": "stage"},
    )
    (api,) = build_rest_apis(
        deployment(
            {},
            mapping("Root", BasePath="(none)"),
            mapping("V1", BasePath="v1"),
            mapping("Other", RestApiId="another"),
            of_version_2,
            DisableExecuteApiEndpoint=True,
        )
    )
    assert [it.base_path for it in api.base_path_mappings] == ["v1/deep", "v1", ""]
    assert not api.execute_api_endpoint


def test_client_certificates_are_refused() -> None:
    domain = resource("DomainName", "Domain", MutualTlsAuthentication={"TruststoreUri": "s3://x"})
    with pytest.raises(UnsupportedError, match="MutualTls"):
        build_rest_apis(deployment({}, domain))
