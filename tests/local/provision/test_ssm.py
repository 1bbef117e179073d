from __future__ import annotations

from local.provision.engine_children import Bench, resource


async def test_a_parameter_follows_its_template(bench: Bench) -> None:
    tags = {"a": "1"}
    first = resource("AWS::SSM::Parameter", Type="String", Value="1", Tags=tags)
    name = (await bench.apply({"P": first})).resources["P"].physical_id
    assert name.startswith("CFN-P-")
    ssm = bench.client("ssm")
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "1"
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    assert found == [{"Key": "a", "Value": "1"}]
    second = resource("AWS::SSM::Parameter", Type="String", Value="2", Description="two")
    made = (await bench.apply({"P": second})).resources["P"]
    assert (made.physical_id, made.attributes["Value"]) == (name, "2")
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "2"
    assert ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"] == []


async def test_an_ssm_parameter_can_be_a_template_parameter(bench: Bench) -> None:
    name = f"/{bench.stack_name}/setting"
    bench.client("ssm").put_parameter(Name=name, Type="String", Value="from the store")
    parameters = {"Setting": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}}
    copy = resource("AWS::SSM::Parameter", Value={"Ref": "Setting"})
    made = (await bench.apply({"Copy": copy}, Parameters=parameters)).resources["Copy"]
    assert made.properties["Value"] == "from the store"
