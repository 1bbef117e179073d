from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.template.assembly import AssemblyError, read_stack
from cloudworthy.local.template.resources import parse_resources, refuse_unsupported_sections

TABLE = {"Type": "AWS::DynamoDB::Table"}


def write(directory: Path, name: str, content: Any) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(json.dumps(content))


def assembly(
    directory: Path,
    *stacks: str,
    environment: str = "aws://unknown-account/unknown-region",
    resources: Any = None,
    nested: str = "",
) -> Path:
    artifacts: dict[str, Any] = {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}
    for name in stacks:
        artifacts[f"{name}.assets"] = {
            "type": "cdk:asset-manifest",
            "properties": {"file": f"{name}.assets.json"},
        }
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": environment,
            "properties": {"templateFile": f"{name}.template.json"},
            "dependencies": [f"{name}.assets"],
        }
        write(directory, f"{name}.template.json", {"Resources": resources or {"T": TABLE}})
        write(directory, f"{name}.assets.json", _asset_manifest(name))
    if nested:
        artifacts["Stage"] = {
            "type": "cdk:cloud-assembly",
            "properties": {"directoryName": nested},
        }
    write(directory, "manifest.json", {"version": "55.0.0", "artifacts": artifacts})
    node = {"path": "shop/Items/Resource", "attributes": _logical_id("T")}
    write(directory, "tree.json", {"tree": {"path": "", "children": {"Items": node}}})
    return directory


def _logical_id(name: str) -> dict[str, str]:
    return {"aws:cdk:cloudformation:logicalId": name}


def _asset_manifest(name: str) -> Any:
    def file(path: str, packaging: str, key: str) -> Any:
        source = {"path": path, "packaging": packaging}
        return {"source": source, "destinations": {"here": {"objectKey": key}}}

    return {"files": {"a": file("asset.a", "zip", "a.zip"), "b": file("/b/code", "zip", "b.zip"),
                      "t": file(f"{name}.template.json", "file", "t.json")}}  # fmt: skip


def test_a_stack_has_its_template_environment_and_assets(tmp_path: Path) -> None:
    stack = read_stack(assembly(tmp_path, "shop"), parameters={"Stage": "prod"})
    assert (stack.name, stack.account, stack.region) == ("shop", "000000000000", "us-east-1")
    assert stack.parameters == {"Stage": "prod"}
    assert stack.assets["a.zip"].path == tmp_path / "asset.a"
    assert stack.assets["b.zip"].path == Path("/b/code")
    assert stack.assets["a.zip"].packaging == "zip"


def test_a_stack_of_one_environment_keeps_it(tmp_path: Path) -> None:
    stack = read_stack(assembly(tmp_path, "shop", environment="aws://111122223333/us-west-2"))
    assert (stack.account, stack.region) == ("111122223333", "us-west-2")


def test_construct_paths_come_from_the_tree_where_the_template_has_none(tmp_path: Path) -> None:
    stack = read_stack(assembly(tmp_path, "shop"))
    assert parse_resources(stack.template)["T"].construct_path == "shop/Items/Resource"


def test_construct_paths_of_the_template_win(tmp_path: Path) -> None:
    resources = {"T": {**TABLE, "Metadata": {"aws:cdk:path": "shop/Mine/Resource"}}}
    stack = read_stack(assembly(tmp_path, "shop", resources=resources))
    assert parse_resources(stack.template)["T"].construct_path == "shop/Mine/Resource"


def test_one_of_several_stacks_has_to_be_named(tmp_path: Path) -> None:
    directory = assembly(tmp_path, "shop", "web", nested="stage")
    assembly(tmp_path / "stage", "stage-shop")
    assert read_stack(directory, "web").name == "web"
    assert read_stack(directory, "stage-shop").name == "stage-shop"
    with pytest.raises(AssemblyError, match=r"found 3 stacks \(shop, web, stage-shop\)"):
        read_stack(directory)
    with pytest.raises(
        AssemblyError, match="no stack blog, expected one of: shop, web, stage-shop"
    ):
        read_stack(directory, "blog")


def test_a_directory_that_is_no_assembly(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match=r"found no manifest\.json.*Run cdk synth"):
        read_stack(tmp_path)


def test_a_damaged_assembly(tmp_path: Path) -> None:
    directory = assembly(tmp_path, "shop")
    (directory / "shop.template.json").write_text("{")
    with pytest.raises(AssemblyError, match=r"shop\.template\.json: found .*, expected JSON"):
        read_stack(directory)
    (directory / "shop.template.json").unlink()
    with pytest.raises(AssemblyError, match=r"shop\.template\.json: found nothing"):
        read_stack(directory)


def test_a_nested_stack_is_refused_by_name(tmp_path: Path) -> None:
    resources = {"Inner": {"Type": "AWS::CloudFormation::Stack"}}
    with pytest.raises(
        TemplateError, match=r"AWS::CloudFormation::Stack \(Inner\): found a nested"
    ):
        read_stack(assembly(tmp_path, "shop", resources=resources))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ({"Transform": "AWS::Serverless-2016-10-31"}, "found AWS::Serverless-2016-10-31"),
        ({"Rules": {"Mine": {}}}, r"Rules\.Mine: found a rule"),
    ],
)
def test_sections_that_only_aws_can_honour(template: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        refuse_unsupported_sections(template)


def test_the_rule_about_the_bootstrap_version_has_no_effect() -> None:
    rule: dict[str, Any] = {"CheckBootstrapVersion": {}}
    refuse_unsupported_sections({"Rules": rule})
    with pytest.raises(UnsupportedError):
        refuse_unsupported_sections({"Rules": {**rule, "Mine": {}}})


@pytest.mark.parametrize("template", [{}, {"Resources": {}}, {"Resources": {"A": {}}}])
def test_a_template_without_typed_resources(template: Any) -> None:
    with pytest.raises(TemplateError, match=r"Type|Resources"):
        parse_resources(template)
