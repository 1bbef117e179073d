"""``AwsCustomResource``: calls of AWS in the life of a resource."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudworthy.local.model.errors import CloudworthyError, UnsupportedError
from cloudworthy.local.provision.sdk_names import find_service
from local.provision.engine_children import Bench, resource

SSM = "@aws-sdk/client-ssm"
IGNORED = {"ignoreErrorCodesMatching": "ParameterNotFound|Throttl.*"}


def call(service: str, action: str, *, named: Any = None, **settings: Any) -> str:
    identity = {"id": "fixed"} if named is None else named
    return json.dumps(
        {"service": service, "action": action, "physicalResourceId": identity, **settings}
    )


def put(name: str, value: str) -> str:
    parameters = {"Name": name, "Value": value, "Type": "String", "Overwrite": "true"}
    return call("SSM", "putParameter", named={"id": name}, parameters=parameters)


async def test_calls_are_made_in_the_life_of_the_resource(bench: Bench) -> None:
    ssm, name = bench.client("ssm"), f"/{bench.stack_name}/made"
    delete = call(SSM, "DeleteParameterCommand", parameters={"Name": "PHYSICAL:RESOURCEID:"})
    first = {"Name": name, "Value": "1", "Type": "String"}
    create = call("ssm", "PutParameter", named={"id": name}, parameters=first)
    calls = {"Create": create, "Delete": delete}
    made = await bench.apply({"It": resource("Custom::AWS", **calls)})
    assert made.resources["It"].physical_id == name
    assert made.resources["It"].attributes["Version"] == 1
    updated = {**calls, "Update": put(name, "2")}
    await bench.apply({"It": resource("Custom::AWS", **updated)})
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "2"
    await bench.apply({"Other": resource("AWS::Logs::LogGroup")})
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=name)


async def test_answers_are_flat_and_chosen(bench: Bench) -> None:
    name = f"/{bench.stack_name}/there"
    bench.client("ssm").put_parameter(Name=name, Value="secret", Type="String")
    create = call(
        "SSM",
        "getParameter",
        named={"responsePath": "Parameter.Name"},
        parameters={"Name": name},
        outputPaths=["Parameter.Value"],
    )
    made = await bench.apply(
        {"It": resource("Custom::AWS", Create=create)},
        Outputs={"Value": {"Value": {"Fn::GetAtt": ["It", "Parameter.Value"]}}},
    )
    assert made.outputs == {"Value": "secret"}
    assert made.resources["It"].physical_id == name
    assert dict(made.resources["It"].attributes) == {"Parameter.Value": "secret"}


async def test_errors_are_ignored_only_when_they_are_named(bench: Bench) -> None:
    missing = {"parameters": {"Name": f"/{bench.stack_name}/missing"}}
    create = call(SSM, "GetParameter", **missing)
    with pytest.raises(CloudworthyError, match=r"Custom::AWS \(It\).*ParameterNotFound"):
        await bench.apply({"It": resource("Custom::AWS", Create=create)})
    create = call(SSM, "GetParameter", **missing, **IGNORED)
    made = await bench.apply({"It": resource("Custom::AWS", Create=create)})
    assert made.resources["It"].physical_id == "fixed"


@pytest.mark.parametrize(
    ("create", "text"),
    [
        (call("S3", "listBuckets", region="eu-west-1"), "region.*found eu-west-1"),
        (call("Nonsense", "do"), "service.*found Nonsense"),
    ],
)
def test_what_cannot_be_called_here_is_refused(bench: Bench, create: str, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        bench.plan({"It": resource("Custom::AWS", Create=create)})


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("S3", "s3"),
        ("CloudWatchLogs", "logs"),
        ("cloudwatch-logs", "logs"),
        ("CognitoIdentityServiceProvider", "cognito-idp"),
        ("@aws-sdk/client-cognito-identity-provider", "cognito-idp"),
        ("StepFunctions", "stepfunctions"),
        ("sfn", "stepfunctions"),
        ("eventbridge", "events"),
        ("Nonsense", None),
    ],
)
def test_services_are_found_by_the_names_of_both_versions(name: str, service: str | None) -> None:
    assert find_service(name) == service
