"""Functions as the template configures them, checked for what this machine can honour."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloudworthy.local.lambda_.asynchronous.delivery import service_of
from cloudworthy.local.lambda_.code import CodeStore
from cloudworthy.local.lambda_.interpreter import runtime_version
from cloudworthy.local.lambda_.variables import RESERVED
from cloudworthy.local.model.arns import arn_of
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_TYPE = "AWS::Lambda::Function"
_LAYER_TYPE = "AWS::Lambda::LayerVersion"

MAX_ENVIRONMENT_BYTES = 4096
MAX_LAYERS = 5
_MEMORY_MIB = range(128, 10_241)
_TIMEOUT_S = range(1, 901)

_HONOURED = frozenset(
    {
        "Architectures",
        "Code",
        "DeadLetterConfig",
        "Environment",
        "FunctionName",
        "Handler",
        "Layers",
        "LoggingConfig",
        "MemorySize",
        "PackageType",
        "ReservedConcurrentExecutions",
        "Role",
        "Runtime",
        "Timeout",
        "TracingConfig",
    }
)
_WITHOUT_EFFECT = frozenset(
    {
        "CodeSigningConfigArn",
        "Description",
        "EphemeralStorage",
        "KmsKeyArn",
        "RecursiveLoop",
        "RuntimeManagementConfig",
        "SnapStart",
        "Tags",
        "VpcConfig",
    }
)
"""Properties that change nothing about one invocation on one machine.

SnapStart concerns the start of published versions.
"""

_CDK_PROVIDER = re.compile(
    r"/Custom::"
    r"|/AWS679f53fac002430cb0da5b7982bd2287"  # AwsCustomResource
    r"|/LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a"
    r"|/BucketNotificationsHandler050a0587b7544547bf325f094a3db834"
)
"""Construct paths of the functions CDK adds for its own custom resources."""


def build_functions(
    deployment: Deployment, *, code_cache: Path, bucket_code: Mapping[str, Path] | None = None
) -> dict[str, Function]:
    """Every function of the stack that runs here, by its name.

    The functions of CDK's own custom resources are left out: the runtime does their work
    itself. ``bucket_code`` is the code of functions and layers that comes from buckets, by
    their logical id.

    Raises
    ------
    TemplateError
        A property has a value that AWS would refuse.
    UnsupportedError
        A property would change behaviour and is not honoured here.
    """
    code = CodeStore(deployment.stack.assets, code_cache, bucket_code or {})
    functions = [
        _function(resource, deployment, code)
        for resource in deployment.of_type(_TYPE)
        if resource.logical_id not in deployment.declared_only
        and not is_cdk_provider(resource.construct_path)
    ]
    return {function.name: function for function in functions}


def is_cdk_provider(construct_path: str) -> bool:
    """Whether a function is there for a custom resource of the CDK itself."""
    return _CDK_PROVIDER.search(construct_path) is not None


def _function(resource: ProvisionedResource, deployment: Deployment, code: CodeStore) -> Function:
    properties, logical_id = resource.properties, resource.logical_id
    _check_supported(properties, logical_id)
    name = resource.physical_id
    logging = properties.get("LoggingConfig") or {}
    reserved = properties.get("ReservedConcurrentExecutions")
    return Function(
        logical_id=logical_id,
        construct_path=resource.construct_path,
        name=name,
        arn=str(resource.attributes.get("Arn") or _arn(deployment, name)),
        role_arn=str(properties.get("Role", "")),
        runtime=_runtime(properties, logical_id),
        handler=_handler(properties, logical_id),
        code=code.directory(properties.get("Code") or {}, f"{_TYPE}.Code", logical_id),
        layers=_layers(properties, logical_id, deployment, code),
        environment=_environment(properties, logical_id),
        architecture=str((properties.get("Architectures") or ["x86_64"])[0]),
        memory_mib=_number(properties, "MemorySize", 128, _MEMORY_MIB, logical_id),
        timeout_s=_number(properties, "Timeout", 3, _TIMEOUT_S, logical_id),
        reserved_concurrency=None if reserved is None else int(reserved),
        log_group=str(logging.get("LogGroup") or f"/aws/lambda/{name}"),
        log_format=str(logging.get("LogFormat", "Text")),
        application_log_level=str(logging.get("ApplicationLogLevel", "INFO")),
        system_log_level=str(logging.get("SystemLogLevel", "INFO")),
        tracing_active=(properties.get("TracingConfig") or {}).get("Mode") == "Active",
        dead_letter_arn=_dead_letter_arn(properties, logical_id),
    )


def _check_supported(properties: Mapping[str, Any], logical_id: str) -> None:
    for name in properties:
        if name not in _HONOURED | _WITHOUT_EFFECT:
            raise UnsupportedError(
                f"{_TYPE}.{name}",
                logical_id,
                found=json.dumps(properties[name], default=str)[:200],
                supported="a function without this property",
            )
    if properties.get("PackageType", "Zip") != "Zip":
        raise UnsupportedError(
            f"{_TYPE}.PackageType",
            logical_id,
            found=repr(properties["PackageType"]),
            supported="'Zip' (container images do not run here)",
        )


def _arn(deployment: Deployment, name: str) -> str:
    stack = deployment.stack
    return arn_of("lambda", stack.region, stack.account, f"function:{name}")


def _runtime(properties: Mapping[str, Any], logical_id: str) -> str:
    runtime = str(properties.get("Runtime", ""))
    if runtime_version(runtime) is None:
        raise UnsupportedError(
            f"{_TYPE}.Runtime",
            logical_id,
            found=repr(runtime),
            supported="python3.11 or a later Python",
        )
    return runtime


def _handler(properties: Mapping[str, Any], logical_id: str) -> str:
    handler = str(properties.get("Handler", ""))
    if not handler:
        raise TemplateError(
            f"{_TYPE}.Handler",
            logical_id,
            found="nothing",
            expected="module.function",
            action="Name the handler; a zip package needs one",
        )
    return handler


def _dead_letter_arn(properties: Mapping[str, Any], logical_id: str) -> str:
    arn = str((properties.get("DeadLetterConfig") or {}).get("TargetArn") or "")
    if arn and service_of(arn) not in ("sqs", "sns"):
        raise TemplateError(
            f"{_TYPE}.DeadLetterConfig.TargetArn",
            logical_id,
            found=repr(arn),
            expected="the ARN of an SQS queue or an SNS topic",
            action="Name one of the two",
        )
    return arn


def _layers(
    properties: Mapping[str, Any], logical_id: str, deployment: Deployment, code: CodeStore
) -> tuple[Path, ...]:
    arns = [str(arn) for arn in properties.get("Layers") or ()]
    if len(arns) > MAX_LAYERS:
        raise TemplateError(
            f"{_TYPE}.Layers",
            logical_id,
            found=f"{len(arns)} layers",
            expected=f"at most {MAX_LAYERS}",
            action="Put some of them together",
        )
    return tuple(_layer(arn, logical_id, deployment, code) for arn in arns)


def _layer(arn: str, logical_id: str, deployment: Deployment, code: CodeStore) -> Path:
    layer = deployment.by_physical_id(_LAYER_TYPE, arn)
    if layer is None:
        raise UnsupportedError(
            f"{_TYPE}.Layers",
            logical_id,
            found=repr(arn),
            supported=f"a {_LAYER_TYPE} of the same stack",
        )
    content = layer.properties.get("Content") or {}
    return code.directory(content, f"{_LAYER_TYPE}.Content", layer.logical_id)


def _environment(properties: Mapping[str, Any], logical_id: str) -> dict[str, str]:
    """The function's variables, under the rules Lambda has for them.

    Source: developer guide, "Lambda quotas" and "Defined runtime environment variables".
    """
    variables = (properties.get("Environment") or {}).get("Variables") or {}
    values = {str(key): _text(value) for key, value in variables.items()}
    where = f"{_TYPE}.Environment.Variables"
    reserved = sorted(values.keys() & RESERVED)
    if reserved:
        raise TemplateError(
            where,
            logical_id,
            found=", ".join(reserved),
            expected="names that Lambda does not set itself",
            action="Rename these variables",
        )
    size = len(json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode())
    if size > MAX_ENVIRONMENT_BYTES:
        raise TemplateError(
            where,
            logical_id,
            found=f"{size} bytes",
            expected=f"at most {MAX_ENVIRONMENT_BYTES}",
            action="Keep large values in Parameter Store or in the code",
        )
    return values


def _text(value: Any) -> str:  # noqa: ANN401 - a template's scalar
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(
    properties: Mapping[str, Any], name: str, default: int, allowed: range, logical_id: str
) -> int:
    value = properties.get(name, default)
    if not str(value).isdecimal() or int(value) not in allowed:
        raise TemplateError(
            f"{_TYPE}.{name}",
            logical_id,
            found=str(value),
            expected=f"{allowed.start} to {allowed.stop - 1}",
            action="Choose a value that Lambda has",
        )
    return int(value)
