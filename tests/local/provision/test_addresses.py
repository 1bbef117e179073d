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
