"""Functions and what belongs to them: recorded here, run by the worker pool.

The worker pool builds its functions from the deployment and checks the values it is to honour.
"""

from __future__ import annotations

from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.provision.resource_type import Recorded, Wanted
from cloudworthy.local.template.pending import pending_in


def require_asset(wanted: Wanted, property_name: str, location: TemplateValue) -> None:
    """Refuse code that is neither an asset of the assembly nor in a bucket of the stack.

    Raises
    ------
    TemplateError
        The asset is not in the assembly, or its file is gone.
    """
    key = location.get("S3Key") if isinstance(location, dict) else None
    if key is None or _is_in_the_stack(wanted, location.get("S3Bucket")):
        return
    asset = wanted.site.assets.get(key)
    if asset is None:
        raise wanted.unsupported(
            property_name,
            f"the object {key}",
            "an asset of the cloud assembly, or an object in a bucket of the stack",
        )
    if not asset.path.exists():
        raise TemplateError(
            f"{wanted.type}.{property_name}",
            wanted.logical_id,
            found=f"no file at {asset.path}",
            expected="the asset that the assembly names",
            action="Run cdk synth again",
        )


def _is_in_the_stack(wanted: Wanted, bucket: TemplateValue) -> bool:
    """A bucket that is there, or one that is going to be made."""
    known = (it.physical_id for it in wanted.neighbours if it.type == "AWS::S3::Bucket")
    return bucket in known or any(pending_in(bucket))


class FunctionType(Recorded):
    """A function; its code must be there before anything is made."""

    def check(self, wanted: Wanted) -> None:
        require_asset(wanted, "Code", wanted.properties.get("Code"))


class LayerType(Recorded):
    """A layer version; its content must be there before anything is made."""

    def check(self, wanted: Wanted) -> None:
        require_asset(wanted, "Content", wanted.properties.get("Content"))


def _function_attributes(wanted: Wanted, name: str) -> dict[str, TemplateValue]:
    return {"Arn": wanted.site.arn("lambda", f"function:{name}")}


def _bare_name(wanted: Wanted) -> str:
    """A function's name from the name, ARN or partial ARN that ``FunctionName`` may be."""
    parts = wanted.text("FunctionName").split(":")
    return parts[parts.index("function") + 1] if "function" in parts else parts[-1]


def _numbered(wanted: Wanted, prefix: str) -> str:
    """The ARN with the number after the highest that there is.

    AWS remembers the highest that there was: here a number comes again when its version had no
    successor and was deleted.

    Source: AWS Lambda developer guide, "Manage Lambda function versions" (documented).
    """
    taken = [
        int(other.physical_id.removeprefix(prefix))
        for other in wanted.neighbours
        if other.type == wanted.type and other.physical_id.startswith(prefix)
    ]
    return f"{prefix}{max(taken, default=0) + 1}"


def _version_arn(wanted: Wanted) -> str:
    return _numbered(wanted, wanted.site.arn("lambda", f"function:{_bare_name(wanted)}:"))


def _version_attributes(_wanted: Wanted, arn: str) -> dict[str, TemplateValue]:
    return {"FunctionArn": arn, "Version": arn.rpartition(":")[2]}


def _alias_arn(wanted: Wanted) -> str:
    return wanted.site.arn("lambda", f"function:{_bare_name(wanted)}:{wanted.text('Name')}")


def _layer_version_arn(wanted: Wanted) -> str:
    name = wanted.text("LayerName") or wanted.logical_id
    return _numbered(wanted, wanted.site.arn("lambda", f"layer:{name}:"))


# Source of Ref, GetAtt and replacement: CloudFormation template reference, Lambda (documented).
TYPES = (
    FunctionType(
        "AWS::Lambda::Function",
        honoured="Architectures Code DeadLetterConfig Environment EphemeralStorage FunctionName "
        "Handler Layers LoggingConfig MemorySize PackageType ReservedConcurrentExecutions Role "
        "Runtime SnapStart Timeout TracingConfig",
        inert="CodeSigningConfigArn Description KmsKeyArn RecursiveLoop RuntimeManagementConfig "
        "Tags VpcConfig",
        replaced_by="FunctionName PackageType",
        identify=lambda wanted: wanted.name("FunctionName", longest=64),
        attributes=_function_attributes,
    ),
    Recorded(
        "AWS::Lambda::Version",
        honoured="FunctionName",
        inert="CodeSha256 Description ProvisionedConcurrencyConfig RuntimePolicy",
        replaced_by="CodeSha256 Description FunctionName ProvisionedConcurrencyConfig "
        "RuntimePolicy",
        identify=_version_arn,
        attributes=_version_attributes,
    ),
    Recorded(
        "AWS::Lambda::Alias",
        honoured="FunctionName FunctionVersion Name RoutingConfig",
        inert="Description ProvisionedConcurrencyConfig",
        replaced_by="FunctionName Name",
        identify=_alias_arn,
        attributes=lambda _wanted, arn: {"AliasArn": arn},
    ),
    LayerType(
        "AWS::Lambda::LayerVersion",
        honoured="CompatibleArchitectures CompatibleRuntimes Content LayerName",
        inert="Description LicenseInfo",
        replaced_by="CompatibleArchitectures CompatibleRuntimes Content Description LayerName "
        "LicenseInfo",
        identify=_layer_version_arn,
        attributes=lambda _wanted, arn: {"LayerVersionArn": arn},
    ),
    Recorded(
        "AWS::Lambda::Permission",
        honoured="Action FunctionName Principal SourceAccount SourceArn",
        replaced_by="Action FunctionName Principal SourceAccount SourceArn",
        identify=lambda wanted: wanted.name("", longest=100),
        attributes=lambda _wanted, statement_id: {"Id": statement_id},
    ),
    Recorded(
        "AWS::Lambda::EventInvokeConfig",
        honoured="DestinationConfig FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts "
        "Qualifier",
        replaced_by="FunctionName Qualifier",
        identify=lambda wanted: f"{_bare_name(wanted)}|{wanted.text('Qualifier')}",
    ),
)
