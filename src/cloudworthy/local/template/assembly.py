"""Reading a cloud assembly, the directory that ``cdk synth`` writes (``cdk.out``)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudworthy.local.model.errors import CloudworthyError, TemplateError
from cloudworthy.local.model.resources import Asset, Stack, TemplateValue

LOCAL_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"

_STACK = "aws:cloudformation:stack"
_NESTED_ASSEMBLY = "cdk:cloud-assembly"
_ASSET_MANIFEST = "cdk:asset-manifest"
_PATH_KEY = "aws:cdk:path"


class AssemblyError(CloudworthyError):
    """The directory is not a usable cloud assembly, or has no such stack."""


@dataclass(frozen=True, slots=True)
class _StackArtifact:
    """A stack's entry in ``manifest.json`` with the directory the manifest is in."""

    name: str
    directory: Path
    properties: Mapping[str, Any]
    environment: str
    asset_manifests: tuple[Path, ...]


def read_stack(
    directory: Path, name: str | None = None, parameters: Mapping[str, str] | None = None
) -> Stack:
    """One stack of an assembly.

    Parameters
    ----------
    directory
        Where ``manifest.json`` is.
    name
        The stack's name; may be left out when there is only one.
    parameters
        Values for the parameters of its template.

    Raises
    ------
    AssemblyError
        Not an assembly, no such stack, or several and none named.
    TemplateError
        The stack has nested stacks.

    Source: AWS CDK, "Cloud assembly schema" (documented).
    """
    artifact = _choose(list(_stack_artifacts(directory)), name, directory)
    account, region = _environment(artifact.environment)
    template = _read_json(artifact.directory / artifact.properties["templateFile"])
    _refuse_nested_stacks(template)
    return Stack(
        name=artifact.properties.get("stackName", artifact.name),
        account=account or LOCAL_ACCOUNT,
        region=region or DEFAULT_REGION,
        template=_with_construct_paths(template, artifact.directory),
        assets=_assets(artifact.asset_manifests),
        parameters=parameters or {},
    )


def template_files(directory: Path) -> dict[str, Path]:
    """The file with the template of every stack of an assembly, by the stack's name.

    Raises
    ------
    AssemblyError
        Not an assembly.
    """
    return {
        artifact.name: artifact.directory / artifact.properties["templateFile"]
        for artifact in _stack_artifacts(directory)
    }


def _stack_artifacts(directory: Path) -> Iterator[_StackArtifact]:
    manifest_file = directory / "manifest.json"
    if not manifest_file.is_file():
        raise AssemblyError(
            f"{directory}: found no manifest.json, expected a cloud assembly. "
            "Run cdk synth and name the directory it writes (cdk.out)."
        )
    artifacts = _read_json(manifest_file).get("artifacts", {})
    manifests = {
        artifact_id: directory / artifact["properties"]["file"]
        for artifact_id, artifact in artifacts.items()
        if artifact["type"] == _ASSET_MANIFEST
    }
    for artifact_id, artifact in artifacts.items():
        if artifact["type"] == _NESTED_ASSEMBLY:
            yield from _stack_artifacts(directory / artifact["properties"]["directoryName"])
        elif artifact["type"] == _STACK:
            needed = artifact.get("dependencies", ())
            yield _StackArtifact(
                name=artifact["properties"].get("stackName", artifact_id),
                directory=directory,
                properties=artifact["properties"],
                environment=artifact.get("environment", ""),
                asset_manifests=tuple(manifests[one] for one in needed if one in manifests),
            )


def _choose(artifacts: list[_StackArtifact], name: str | None, directory: Path) -> _StackArtifact:
    valid = ", ".join(artifact.name for artifact in artifacts) or "none"
    if name is None and len(artifacts) == 1:
        return artifacts[0]
    if name is None:
        raise AssemblyError(
            f"{directory}: found {len(artifacts)} stacks ({valid}), expected one to be named. "
            "Name the stack with --stack."
        )
    for artifact in artifacts:
        if artifact.name == name:
            return artifact
    raise AssemblyError(f"{directory}: found no stack {name}, expected one of: {valid}.")


def _environment(environment: str) -> tuple[str, str]:
    """Account and region of ``aws://account/region``; empty where the CDK wrote ``unknown-*``."""
    account, _, region = environment.removeprefix("aws://").partition("/")
    return (
        "" if account.startswith("unknown-") else account,
        "" if region.startswith("unknown-") else region,
    )


def _refuse_nested_stacks(template: Mapping[str, Any]) -> None:
    for logical_id, resource in template.get("Resources", {}).items():
        if resource.get("Type") == "AWS::CloudFormation::Stack":
            raise TemplateError(
                "AWS::CloudFormation::Stack",
                logical_id,
                found="a nested stack",
                expected="a stack without nested stacks",
                action="Move its resources into the stack itself, or run this stack on AWS",
            )


def _with_construct_paths(
    template: dict[str, TemplateValue], directory: Path
) -> dict[str, TemplateValue]:
    """Add ``aws:cdk:path`` where the synth left it out (it does unless the CDK CLI asks for it)."""
    resources = template.get("Resources", {})
    bare = {name for name, it in resources.items() if _PATH_KEY not in it.get("Metadata", {})}
    tree_file = directory / "tree.json"
    if not bare or not tree_file.is_file():
        return template
    for logical_id, path in _paths_in_tree(_read_json(tree_file)["tree"]):
        if logical_id in bare:
            metadata = resources[logical_id].setdefault("Metadata", {})
            metadata.setdefault(_PATH_KEY, path)
    return template


def _paths_in_tree(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    logical_id = node.get("attributes", {}).get("aws:cdk:cloudformation:logicalId")
    if logical_id:
        yield logical_id, node["path"]
    for child in node.get("children", {}).values():
        yield from _paths_in_tree(child)


def _assets(manifest_files: tuple[Path, ...]) -> dict[str, Asset]:
    """File assets by object key; their paths are absolute when staging is switched off."""
    assets = {}
    for manifest_file in manifest_files:
        for entry in _read_json(manifest_file).get("files", {}).values():
            source = entry["source"]
            if "path" not in source:
                continue
            for destination in entry["destinations"].values():
                key = destination["objectKey"]
                path = manifest_file.parent / source["path"]
                assets[key] = Asset(key, path, source.get("packaging", "file"))
    return assets


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except FileNotFoundError as error:
        raise AssemblyError(
            f"{file}: found nothing, expected a file. Run cdk synth again."
        ) from error
    except ValueError as error:
        raise AssemblyError(
            f"{file}: found {error}, expected JSON. Run cdk synth again."
        ) from error
    if not isinstance(content, dict):
        raise AssemblyError(f"{file}: found no JSON object. Run cdk synth again.")
    return content
