from __future__ import annotations

from cloudworthy.local.provision.addresses import aws_hosts, local_outputs, localized
from local.provision.engine_children import Bench, resource

OUTPUTS = {
    "ApiUrl": {
        "Value": {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod/"}
    },
    "SiteUrl": {"Value": {"Fn::Sub": "https://${Site.DomainName}"}},
    "Name": {"Value": "as it is"},
}


async def test_outputs_and_environments_get_local_addresses(bench: Bench) -> None:
    template = {
        "Api": resource("AWS::ApiGateway::RestApi", Name="x"),
        "Site": resource("AWS::CloudFront::Distribution", DistributionConfig={}),
    }
    deployment = await bench.apply(template, Outputs=OUTPUTS)
    api, site = deployment.resources["Api"], deployment.resources["Site"]
    assert aws_hosts(deployment) == {
        "Api": f"{api.physical_id}.execute-api.us-east-1.amazonaws.com",
        "Site": site.attributes["DomainName"],
    }
    addresses = {"Api": "http://127.0.0.1:8080/", "Site": "http://127.0.0.1:8081"}
    assert local_outputs(deployment, addresses) == {
        "ApiUrl": "http://127.0.0.1:8080/prod/",
        "SiteUrl": "http://127.0.0.1:8081",
        "Name": "as it is",
    }
    assert local_outputs(deployment, {}) == deployment.outputs
    environment = {"API": deployment.outputs["ApiUrl"], "LIST": ["a", 1]}
    assert localized(environment, deployment, addresses) == {
        "API": "http://127.0.0.1:8080/prod/",
        "LIST": ["a", 1],
    }


async def test_an_http_api_has_its_stage_in_the_path_unless_it_is_the_default_one(
    bench: Bench,
) -> None:
    template = {"Api": resource("AWS::ApiGatewayV2::Api", Name="x", ProtocolType="HTTP")}
    host = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    outputs = {
        "Endpoint": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}},
        "DevUrl": {"Value": {"Fn::Sub": f"{host}/dev"}},
    }
    deployment = await bench.apply(template, Outputs=outputs)
    assert local_outputs(deployment, {"Api": "http://127.0.0.1:8080"}) == {
        "Endpoint": "http://127.0.0.1:8080",
        "DevUrl": "http://127.0.0.1:8080/dev",
    }
