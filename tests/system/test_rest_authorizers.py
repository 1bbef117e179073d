"""Authorizers of a running stack, from the template to a function in its worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from running_system import RunningSystem, start_system
from small_app import write_assembly

GATE = """
def handler(event, context):
    if event["authorizationToken"] != "open":
        raise Exception("Unauthorized")
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "friend", "policyDocument": policy, "context": {"plan": 3}}
"""
WORKER = """
import json

def handler(event, context):
    found = {"authorizer": event["requestContext"].get("authorizer"), "path": event["path"],
             "arn": event["requestContext"]["identity"]["userArn"]}
    return {"statusCode": 200, "body": json.dumps(found)}
"""


def _invocation(function: str) -> dict[str, Any]:
    arn = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
    return {"Fn::Sub": f"{arn}/${{{function}.Arn}}/invocations"}


def _permission(function: str) -> dict[str, Any]:
    properties = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Fn::GetAtt": [function, "Arn"]},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {
            "Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*",
        },
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    named = {"RestApiId": {"Ref": "Api"}} | properties
    return {"Type": f"AWS::ApiGateway::{kind}", "Properties": named}


def _method(resource: str, **properties: Any) -> dict[str, Any]:
    integration = {
        "Type": "AWS_PROXY",
        "IntegrationHttpMethod": "POST",
        "Uri": _invocation("Worker"),
    }
    where = {"ResourceId": {"Ref": resource}, "HttpMethod": "GET", "Integration": integration}
    return _resource("Method", **where, **properties)


RESOURCES = {
    "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "guarded"}},
    "Authorizer": _resource(
        "Authorizer",
        Name="gate",
        Type="TOKEN",
        AuthorizerUri=_invocation("Gate"),
        IdentitySource="method.request.header.Authorization",
    ),
    "Token": _resource(
        "Resource", ParentId={"Fn::GetAtt": ["Api", "RootResourceId"]}, PathPart="token"
    ),
    "Signed": _resource(
        "Resource", ParentId={"Fn::GetAtt": ["Api", "RootResourceId"]}, PathPart="signed"
    ),
    "TokenGet": _method("Token", AuthorizationType="CUSTOM", AuthorizerId={"Ref": "Authorizer"}),
    "SignedGet": _method("Signed", AuthorizationType="AWS_IAM"),
    "Deployment": _resource("Deployment") | {"DependsOn": ["TokenGet", "SignedGet"]},
    "Stage": _resource("Stage", DeploymentId={"Ref": "Deployment"}, StageName="prod"),
    "WorkerPermission": _permission("Worker"),
    "GatePermission": _permission("Gate"),
    "Domain": {
        "Type": "AWS::ApiGateway::DomainName",
        "Properties": {"DomainName": "api.example.com"},
    },
    "Mapping": _resource(
        "BasePathMapping", DomainName={"Ref": "Domain"}, BasePath="v1", Stage={"Ref": "Stage"}
    ),
}


# What the module fixtures start is started once.
pytestmark = pytest.mark.xdist_group("rest-authorizers")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    directory = tmp_path_factory.mktemp("authorizers")
    code = {"Gate": directory / "gate", "Worker": directory / "worker"}
    for path, text in zip(code.values(), (GATE, WORKER), strict=True):
        path.mkdir()
        (path / "index.py").write_text(text)
    write_assembly(directory / "cdk.out", code, RESOURCES)
    with start_system(directory, "--assembly", str(directory / "cdk.out")) as running:
        yield running


def get(system: RunningSystem, path: str, base: str | None = None, **headers: str) -> Any:
    """Status and body."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    response = system.request("GET", path, headers=sent, key=False, base=base)
    return response.status, json.loads(response.data)


def test_the_function_of_an_authorizer_decides(system: RunningSystem) -> None:
    assert get(system, "/token") == (401, {"message": "Unauthorized"})
    assert get(system, "/token", authorization="closed") == (401, {"message": "Unauthorized"})
    status, body = get(system, "/token", authorization="open")
    assert status == 200
    assert body["authorizer"].items() >= {"principalId": "friend", "plan": "3"}.items()


def test_a_signature_is_wanted_and_shown(system: RunningSystem) -> None:
    assert get(system, "/signed") == (403, {"message": "Missing Authentication Token"})
    request = AWSRequest("GET", f"{system.api_url}/signed")
    SigV4Auth(Credentials("test", "test"), "execute-api", "us-east-1").add_auth(request)
    status, body = get(system, "/signed", **dict(request.headers.items()))
    assert status == 200
    assert body["arn"].endswith(":root")


def test_a_custom_domain_is_told_by_the_host(system: RunningSystem) -> None:
    origin = system.api_url.removesuffix("/prod")
    host = "api.example.com"
    status, body = get(system, "/v1/token", origin, host=host, authorization="open")
    assert (status, body["path"]) == (200, "/v1/token")
    assert get(system, "/prod/token", origin, host=host)[0] == 403
