"""Plan, apply, destroy: what happens to a stack as its template changes."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.model.errors import CloudworthyError, TemplateError, UnsupportedError
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.provision.deployer import Deployer, Removed
from cloudworthy.local.provision.engines import ProvisionError
from cloudworthy.local.provision.plan import Action
from local.provision.engine_children import ROOT, Bench, actions, resource, table

_NOWHERE = "http://127.0.0.1:9"
PARAMETER = resource("AWS::SSM::Parameter", Type="String", Value={"Ref": "Table"})


def tables(bench: Bench) -> set[str]:
    names = bench.client("dynamodb").list_tables()["TableNames"]
    return {name for name in names if name.startswith(bench.stack_name)}


async def test_a_new_stack_is_created_and_then_unchanged(bench: Bench) -> None:
    template = {"Table": table(), "Name": PARAMETER}
    outputs = {"TableArn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}}}
    assert actions(bench.plan(template)) == {"Table": "create", "Name": "create"}

    deployment = await bench.apply(template, Outputs=outputs)

    name = deployment.resources["Table"].physical_id
    assert name.startswith(f"{bench.stack_name}-Table-")
    assert tables(bench) == {name}
    assert deployment.outputs == {
        "TableArn": f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"
    }
    parameter = deployment.resources["Name"].physical_id
    assert bench.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == name
    plan = bench.plan(template, Outputs=outputs)
    assert plan.is_unchanged
    assert await bench.deployer().apply(plan) == deployment
    assert bench.deployer().current(plan.stack) == deployment


async def test_an_unchanged_stack_needs_neither_engines_nor_botocore(bench: Bench) -> None:
    template = {"Table": table(), "Name": PARAMETER}
    await bench.apply(template)
    program = f"""
import asyncio, json, sys
from pathlib import Path
from cloudworthy.local.model.resources import Stack
from cloudworthy.local.provision.deployer import Deployer
nowhere = "http://127.0.0.1:9"
deployer = Deployer(Path({str(bench.directory)!r}), dynamodb_url=nowhere, services_url=nowhere)
template = json.loads({json.dumps(json.dumps({"Resources": template}))})
stack = Stack({bench.stack_name!r}, "000000000000", "us-east-1", template, {{}})
asyncio.run(deployer.apply(deployer.plan(stack)))
assert "botocore" not in sys.modules
"""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT)
    assert await asyncio.wait_for(child.wait(), 30) == 0


async def test_a_changed_property_is_updated_in_place(bench: Bench) -> None:
    before = await bench.apply({"Table": table()})
    changed = {"Table": table(StreamSpecification={"StreamViewType": "NEW_IMAGE"})}
    plan = bench.plan(changed)
    (change,) = plan.changes
    assert (change.action, change.reasons) == (Action.UPDATE, ("StreamSpecification",))
    after = await bench.deployer().apply(plan)
    assert after.resources["Table"].physical_id == before.resources["Table"].physical_id
    assert "StreamArn" in after.resources["Table"].attributes


async def test_outputs_and_policies_change_without_a_resource_being_touched(bench: Bench) -> None:
    await bench.apply({"Table": table()}, Outputs={"A": {"Value": "1"}})
    retained = {"Table": {**table(), "DeletionPolicy": "Retain"}}
    no_engines = Deployer(bench.directory, dynamodb_url=_NOWHERE, services_url=_NOWHERE)
    plan = bench.plan({"Table": table()}, Outputs={"A": {"Value": "2"}})
    assert (actions(plan), plan.is_unchanged) == ({"Table": "unchanged"}, False)
    assert (await no_engines.apply(plan)).outputs == {"A": "2"}
    plan = bench.plan(retained, Outputs={"A": {"Value": "2"}})
    assert not plan.is_unchanged
    await no_engines.apply(plan)
    assert bench.plan({"Other": table()}).data_loss == ()


async def test_a_replacement_is_announced_then_everything_follows_it(bench: Bench) -> None:
    template = {"Table": table(), "Name": PARAMETER}
    old = (await bench.apply(template)).resources["Table"].physical_id
    template["Table"] = table(
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
    )
    plan = bench.plan(template)
    assert actions(plan) == {"Table": "replace", "Name": "update"}
    (loss,) = plan.data_loss
    assert (loss.physical_id, loss.loses) == (old, "every item in the table")
    assert plan.of(Action.UPDATE)[0].reasons == ("Value", "refers to Table")

    deployment = await bench.deployer().apply(plan)

    new = deployment.resources["Table"].physical_id
    assert new != old
    assert tables(bench) == {new}
    name = deployment.resources["Name"].physical_id
    assert bench.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] == new
    assert bench.plan(template).is_unchanged


async def test_a_retained_table_outlives_its_replacement_and_its_removal(bench: Bench) -> None:
    policies = {"UpdateReplacePolicy": "Retain", "DeletionPolicy": "Retain"}
    parameter = resource("AWS::SSM::Parameter", Type="String", Value="x")
    await bench.apply({"Table": {**table(), **policies}})
    other_key = table(
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
    )
    plan = bench.plan({"Table": {**other_key, **policies}})
    assert plan.data_loss == ()
    await bench.deployer().apply(plan)
    assert len(tables(bench)) == 2
    plan = bench.plan({"Other": parameter})
    assert plan.data_loss == ()
    assert plan.of(Action.DELETE)[0].reasons == ("no longer in the template, but retained",)
    await bench.deployer().apply(plan)
    assert len(tables(bench)) == 2
    await bench.apply({"Table": {**table(), **policies}, "Other": parameter})
    assert len(tables(bench)) == 3
    removed = await bench.deployer().destroy()
    assert [it.logical_id for it in removed].count("Table") == 3
    assert tables(bench) == set()


async def test_nothing_is_deleted_for_what_cannot_be_served(bench: Bench) -> None:
    both = {"Table": table(), "Other": table()}
    before = await bench.apply(both)

    async def refuse(deployment: Deployment) -> None:
        assert deployment.resources.keys() == {"Other", "Name"}
        assert len(tables(bench)) == 2
        raise CloudworthyError("not here")

    change = {"Other": table(), "Name": resource("AWS::SSM::Parameter", Type="String", Value="x")}
    with pytest.raises(CloudworthyError, match="not here"):
        await bench.deployer().apply(bench.plan(change), refuse)
    assert len(tables(bench)) == 2
    assert actions(bench.plan(change))["Table"] == "delete"
    assert await bench.apply(both) == before
    assert len(tables(bench)) == 2


async def test_what_leaves_the_template_is_deleted(bench: Bench) -> None:
    both = {"Table": table(), "Name": PARAMETER, "Other": table()}
    name = (await bench.apply(both)).resources["Name"].physical_id
    plan = bench.plan({"Other": table()})
    assert actions(plan) == {"Table": "delete", "Name": "delete", "Other": "unchanged"}
    assert [loss.logical_id for loss in plan.data_loss] == ["Table"]
    deployment = await bench.deployer().apply(plan)
    assert list(deployment.resources) == ["Other"]
    assert tables(bench) == {deployment.resources["Other"].physical_id}
    assert bench.client("ssm").get_parameters(Names=[name])["Parameters"] == []


async def test_data_is_not_lost_under_a_plan_that_did_not_say_so(bench: Bench) -> None:
    await bench.apply({"Table": table(), "Name": resource("AWS::SSM::Parameter", Value="x")})
    harmless = bench.plan({"Table": table(), "Name": resource("AWS::SSM::Parameter", Value="y")})
    await bench.apply(
        {"Table": table(), "New": table(), "Name": harmless.stack.template["Resources"]["Name"]}
    )
    with pytest.raises(ProvisionError, match=r"\(New\): found a change that loses every item"):
        await bench.deployer().apply(harmless)
    assert len(tables(bench)) == 2


async def test_a_fixed_name_cannot_be_replaced(bench: Bench) -> None:
    named = table(TableName=f"{bench.stack_name}-mine")
    await bench.apply({"Table": named})
    named = table(
        TableName=f"{bench.stack_name}-mine",
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
    )
    with pytest.raises(ProvisionError, match="whose name the template fixes"):
        await bench.apply({"Table": named})
    assert bench.plan({"Table": table(TableName=f"{bench.stack_name}-mine")}).is_unchanged


async def test_a_failure_names_the_resource_and_the_next_apply_goes_on(bench: Bench) -> None:
    bad = resource("AWS::SSM::Parameter", Name="aws-not-allowed", Value={"Ref": "Table"})
    with pytest.raises(ProvisionError, match=r"AWS::SSM::Parameter \(Name\): .*PutParameter"):
        await bench.apply({"Table": table(), "Name": bad})
    assert len(tables(bench)) == 1
    assert actions(bench.plan({"Table": table(), "Name": PARAMETER})) == {
        "Table": "unchanged",
        "Name": "replace",
    }
    await bench.apply({"Table": table(), "Name": PARAMETER})
    assert bench.plan({"Table": table(), "Name": PARAMETER}).is_unchanged


async def test_a_resource_that_was_never_finished_gives_its_name_to_the_next(bench: Bench) -> None:
    name = f"{bench.stack_name}-mine"
    unknown = [{"AttributeName": "unknown", "KeyType": "HASH"}]
    with pytest.raises(ProvisionError, match=r"AWS::DynamoDB::Table \(Table\): .*CreateTable"):
        await bench.apply({"Table": table(TableName=name, KeySchema=unknown)})
    await bench.apply({"Table": table(TableName=name)})
    assert tables(bench) == {name}


async def test_destroy_lists_what_it_removed_and_forgets_the_stack(bench: Bench) -> None:
    deployment = await bench.apply({"Table": table(), "Name": PARAMETER})
    removed = await bench.deployer().destroy()
    assert removed == [
        Removed(name, deployment.resources[name].type, deployment.resources[name].physical_id)
        for name in ("Name", "Table")
    ]
    assert tables(bench) == set()
    assert not list(bench.directory.iterdir())
    assert await bench.deployer().destroy() == []


async def test_the_state_is_for_its_owner_only(bench: Bench) -> None:
    await bench.apply({"Key": resource("AWS::ApiGateway::ApiKey", Enabled=True)})
    (file,) = bench.directory.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_generated_values_stay(bench: Bench) -> None:
    key = resource("AWS::ApiGateway::ApiKey", Enabled=True)
    first = (await bench.apply({"Key": key})).resources["Key"]
    assert len(first.data["value"]) == 40
    assert first.data["value"].isalnum()
    renamed = {**key, "Properties": {**key["Properties"], "Enabled": False}}
    assert (await bench.apply({"Key": renamed})).resources["Key"].data == first.data


async def test_a_stack_stays_in_its_region(bench: Bench) -> None:
    await bench.apply({"Table": table()})
    bench.region = "eu-west-1"
    with pytest.raises(CloudworthyError, match=r"found a stack for 000000000000/eu-west-1"):
        bench.plan({"Table": table()})


async def test_a_dynamic_reference_is_looked_up_when_its_resource_changes(bench: Bench) -> None:
    secret = resource("AWS::SecretsManager::Secret", SecretString='{"key": "s3"}')
    value = {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:key}}!"}
    template = {"Secret": secret, "Copy": resource("AWS::SSM::Parameter", Value=value)}
    copy = (await bench.apply(template)).resources["Copy"]
    assert copy.properties["Value"] == "s3!"
    assert bench.plan(template).is_unchanged


async def test_a_dynamic_reference_to_nothing_names_the_resource(bench: Bench) -> None:
    value = "{{resolve:ssm:/no/such}}"
    with pytest.raises(ProvisionError, match=r"AWS::SSM::Parameter \(Copy\): .*/no/such does not"):
        await bench.apply({"Copy": resource("AWS::SSM::Parameter", Value=value)})


async def test_parameters_have_the_values_that_are_given(bench: Bench) -> None:
    copy = {"Copy": resource("AWS::SSM::Parameter", Value={"Ref": "Stage"})}
    stack = bench.stack(copy, Parameters={"Stage": {"Type": "String"}})
    with pytest.raises(TemplateError, match=r"Give the parameter a value: --parameter Stage=VALUE"):
        bench.deployer().plan(stack)
    for value in ("dev", "prod"):
        plan = bench.deployer().plan(replace(stack, parameters={"Stage": value}))
        made = (await bench.deployer().apply(plan)).resources["Copy"]
        assert made.properties["Value"] == value


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (resource("AWS::EC2::Volume"), r"AWS::EC2::Volume \(It\): found a resource of this type"),
        (resource("Custom::Mine", ServiceToken="x"), r"Custom::Mine.ServiceToken \(It\)"),
        (
            resource("AWS::S3::Bucket", ReplicationConfiguration={}),
            r"AWS::S3::Bucket.ReplicationConfiguration \(It\): found the property",
        ),
        (
            resource("AWS::SNS::Subscription", Protocol="lambda", TopicArn="x"),
            r"AWS::SNS::Subscription.Protocol \(It\): found lambda, expected one of email",
        ),
    ],
)
def test_what_is_not_supported_is_refused_before_anything_is_made(
    bench: Bench, entry: dict[str, Any], text: str
) -> None:
    with pytest.raises(UnsupportedError, match=text):
        bench.plan({"Table": table(), "It": entry})
    assert tables(bench) == set()


async def test_an_unknown_attribute_names_the_known_ones(bench: Bench) -> None:
    value = {"Fn::GetAtt": ["Role", "Arm"]}
    role, parameter = resource("AWS::IAM::Role"), resource("AWS::SSM::Parameter", Value=value)
    text = r"Properties.Value \(P\): found Role.Arm, expected .*Arn"
    with pytest.raises(TemplateError, match=text):
        await bench.apply({"Role": role, "P": parameter})


def test_a_damaged_state_is_said_to_be(tmp_path: Path, bench: Bench) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "deployment.json").write_text("{")
    with pytest.raises(CloudworthyError, match=r"deployment\.json: found .*Move the state"):
        bench.plan({"Table": table()})


@pytest.mark.parametrize(
    ("kind", "named_by"),
    [
        ("AWS::CloudWatch::Alarm", "AlarmName"),
        ("AWS::IAM::Role", "RoleName"),
        ("AWS::Logs::LogGroup", "LogGroupName"),
        ("AWS::S3::Bucket", "BucketName"),
        ("AWS::SNS::Topic", "TopicName"),
        ("AWS::SQS::Queue", "QueueName"),
        ("AWS::SecretsManager::Secret", "Name"),
    ],
)
async def test_two_resources_cannot_have_one_name(bench: Bench, kind: str, named_by: str) -> None:
    name = f"{bench.stack_name}-same".lower()
    one = resource(kind, **{named_by: name})
    with pytest.raises(ProvisionError, match=f"found the name {name}, which One has"):
        await bench.apply({"One": one, "Two": {**one, "DependsOn": "One"}})


async def test_an_ssm_parameter_that_is_not_there_is_named(bench: Bench) -> None:
    kind = "AWS::SSM::Parameter::Value<String>"
    parameters = {"Vpc": {"Type": kind, "Default": "/shared/vpc"}}
    with pytest.raises(TemplateError, match=r"Parameters.Vpc: found the SSM parameter /shared"):
        await bench.apply({"Table": table()}, Parameters=parameters)
