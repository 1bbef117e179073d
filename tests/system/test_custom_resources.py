"""A running stack whose own function, and calls of AWS, take part in making it; and its users."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from running_system import RunningSystem, start_system
from small_app import write_assembly

WORKER = """
import json

def handler(event, context):
    context = event["requestContext"]["authorizer"]
    claims = context.get("claims") or context["jwt"]["claims"]
    return {"statusCode": 200, "body": json.dumps({"name": claims["cognito:username"]})}
"""
INLINE = """
import boto3, cfnresponse

def handler(event, context):
    text = event["ResourceProperties"]["Text"]
    boto3.client("ssm").put_parameter(Name="/greeted", Value=text, Type="String", Overwrite=True)
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Upper": text.upper()}, "greeting")
"""
PUT_PARAMETER = {
    "service": "@aws-sdk/client-ssm",
    "action": "PutParameterCommand",
    "parameters": {"Name": "/called", "Value": "yes", "Type": "String"},
    "physicalResourceId": {"id": "called"},
}
PROXY = {
    "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Worker.Arn}"
    "/invocations"
}


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def _arn(logical_id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def _permission(api: str) -> dict[str, Any]:
    source = {"Fn::Sub": f"arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api}}}/*"}
    return _resource(
        "AWS::Lambda::Permission",
        Action="lambda:InvokeFunction",
        FunctionName=_arn("Worker"),
        Principal="apigateway.amazonaws.com",
        SourceArn=source,
    )


CUSTOM = {
    "Provider": _resource(
        "AWS::Lambda::Function",
        Runtime="python3.13",
        Handler="index.handler",
        Timeout=30,
        Role=_arn("Role"),
        Code={"ZipFile": INLINE},
    ),
    "MayPut": _resource(
        "AWS::IAM::Policy",
        PolicyName="MayPut",
        Roles=[{"Ref": "Role"}],
        PolicyDocument={
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "ssm:PutParameter",
                "Resource": {
                    "Fn::Sub": "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/greeted"
                },
            },
        },
    ),
    "Greeting": _resource("Custom::Greeting", ServiceToken=_arn("Provider"), Text="hello")
    | {"DependsOn": ["MayPut"]},
    "Call": _resource("Custom::AWS", ServiceToken="unused", Create=json.dumps(PUT_PARAMETER)),
    "Greeted": _resource(
        "AWS::SSM::Parameter",
        Name="/upper",
        Type="String",
        Value={"Fn::GetAtt": ["Greeting", "Upper"]},
    ),
}
USERS = {
    "Pool": _resource("AWS::Cognito::UserPool", UserPoolName="people"),
    "Client": _resource(
        "AWS::Cognito::UserPoolClient",
        UserPoolId={"Ref": "Pool"},
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    ),
}
REST = {
    "Rest": _resource("AWS::ApiGateway::RestApi", Name="rest"),
    "RestAuthorizer": _resource(
        "AWS::ApiGateway::Authorizer",
        RestApiId={"Ref": "Rest"},
        Name="people",
        Type="COGNITO_USER_POOLS",
        ProviderARNs=[_arn("Pool")],
        IdentitySource="method.request.header.Authorization",
    ),
    "RestGet": _resource(
        "AWS::ApiGateway::Method",
        RestApiId={"Ref": "Rest"},
        ResourceId={"Fn::GetAtt": ["Rest", "RootResourceId"]},
        HttpMethod="GET",
        AuthorizationType="COGNITO_USER_POOLS",
        AuthorizerId={"Ref": "RestAuthorizer"},
        Integration={"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": PROXY},
    ),
    "RestDeployment": _resource("AWS::ApiGateway::Deployment", RestApiId={"Ref": "Rest"})
    | {"DependsOn": ["RestGet"]},
    "RestStage": _resource(
        "AWS::ApiGateway::Stage",
        RestApiId={"Ref": "Rest"},
        DeploymentId={"Ref": "RestDeployment"},
        StageName="prod",
    ),
    "RestPermission": _permission("Rest"),
}
HTTP = {
    "Http": _resource("AWS::ApiGatewayV2::Api", Name="http", ProtocolType="HTTP"),
    "HttpAuthorizer": _resource(
        "AWS::ApiGatewayV2::Authorizer",
        ApiId={"Ref": "Http"},
        Name="people",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={
            "Audience": [{"Ref": "Client"}],
            "Issuer": {"Fn::GetAtt": ["Pool", "ProviderURL"]},
        },
    ),
    "HttpIntegration": _resource(
        "AWS::ApiGatewayV2::Integration",
        ApiId={"Ref": "Http"},
        IntegrationType="AWS_PROXY",
        IntegrationUri=_arn("Worker"),
        PayloadFormatVersion="2.0",
    ),
    "HttpRoute": _resource(
        "AWS::ApiGatewayV2::Route",
        ApiId={"Ref": "Http"},
        RouteKey="GET /",
        AuthorizationType="JWT",
        AuthorizerId={"Ref": "HttpAuthorizer"},
        Target={"Fn::Sub": "integrations/${HttpIntegration}"},
    ),
    "HttpStage": _resource(
        "AWS::ApiGatewayV2::Stage", ApiId={"Ref": "Http"}, StageName="$default", AutoDeploy=True
    ),
    "HttpPermission": _permission("Http"),
}


# What the module fixtures start is started once.
pytestmark = pytest.mark.xdist_group("custom-resources")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    directory = tmp_path_factory.mktemp("custom")
    code = directory / "worker"
    code.mkdir()
    (code / "index.py").write_text(WORKER)
    resources = {**CUSTOM, **USERS, **REST, **HTTP}
    write_assembly(directory / "cdk.out", {"Worker": code}, resources)
    with start_system(directory, "--assembly", str(directory / "cdk.out")) as running:
        yield running


def test_custom_resources_are_made(system: RunningSystem) -> None:
    ssm = system.client("ssm")
    made = {
        name: ssm.get_parameter(Name=name)["Parameter"]["Value"]
        for name in ("/greeted", "/upper", "/called")
    }
    assert made == {"/greeted": "hello", "/upper": "HELLO", "/called": "yes"}


def sign_in(system: RunningSystem) -> str:
    """The id token of a new user."""
    cognito = system.client("cognito-idp")
    (pool,) = cognito.list_user_pools(MaxResults=1)["UserPools"]
    pool_id = pool["Id"]
    (client,) = cognito.list_user_pool_clients(UserPoolId=pool_id)["UserPoolClients"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="ann", MessageAction="SUPPRESS")
    password = "Correct-Horse-1"
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="ann", Password=password, Permanent=True
    )
    signed_in = cognito.initiate_auth(
        ClientId=client["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": password},
    )
    return str(signed_in["AuthenticationResult"]["IdToken"])


def test_a_user_of_the_stacks_own_pool_calls_its_apis(system: RunningSystem) -> None:
    token = sign_in(system)
    for api in system.address["apis"]:
        base = api["url"].rstrip("/")
        assert system.request("GET", "/", key=False, base=base).status == 401
        headers = {"Authorization": f"Bearer {token}"}
        answer = system.request("GET", "/", key=False, base=base, headers=headers)
        assert (answer.status, json.loads(answer.data)["name"]) == (200, "ann"), api["type"]
