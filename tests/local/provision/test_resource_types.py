"""What each type declares, beside AWS's own resource schemas (they come with cfn-lint)."""

from __future__ import annotations

from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from cloudworthy.local.provision.registry import RESOURCE_TYPES
from cloudworthy.local.provision.resource_type import ResourceType

AWS_TYPES = [it for name, it in RESOURCE_TYPES.items() if name.startswith("AWS::")]

# CloudFormation's guide says more than the schema: these are conditional there.
BEYOND_THE_SCHEMA = {
    "AWS::DynamoDB::GlobalTable": {"KeySchema", "LocalSecondaryIndexes"},
    "AWS::DynamoDB::Table": {"KeySchema", "LocalSecondaryIndexes"},
}


def schema_of(kind: ResourceType) -> dict[str, Any]:
    schema: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
        "us-east-1", kind.name
    ).schema
    return schema


def top_level(paths: list[str]) -> set[str]:
    """Property names of JSON pointers that go no deeper."""
    parts = [path.split("/")[2:] for path in paths]
    return {names[0] for names in parts if len(names) == 1}


@pytest.mark.parametrize("kind", AWS_TYPES, ids=lambda kind: kind.name)
def test_declared_properties_exist(kind: ResourceType) -> None:
    schema = schema_of(kind)
    writable = schema["properties"].keys() - top_level(schema.get("readOnlyProperties", []))
    assert kind.honoured | kind.inert <= writable
    assert not kind.honoured & kind.inert


@pytest.mark.parametrize("kind", AWS_TYPES, ids=lambda kind: kind.name)
def test_what_replaces_a_resource_is_what_replaces_it_on_aws(kind: ResourceType) -> None:
    schema = schema_of(kind)
    known = kind.honoured | kind.inert
    fixed = top_level(schema.get("createOnlyProperties", [])) & known
    assert kind.replaced_by == fixed | BEYOND_THE_SCHEMA.get(kind.name, set())
