"""The environment variables of a worker: those Lambda documents, and no more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cloudworthy.local.lambda_.environment import WorkerPython
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.identity import Credentials

RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
"""Names a template must not set.

Source: developer guide, "Defined runtime environment variables", reserved (documented).
"""

_SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


def worker_variables(
    function: Function,
    *,
    python: WorkerPython,
    layers: Sequence[Path],
    credentials: Credentials,
    runtime_api: str,
    log_stream: str,
    endpoint_url: str,
    xray_address: str,
    home: Path,
) -> dict[str, str]:
    """Everything a worker's process has in its environment.

    ``HOME`` and ``AWS_ENDPOINT_URL`` are ours: without the first the SDK would read the
    ``~/.aws`` of the person at the machine, the second leads the SDK to the local endpoint.

    Source: developer guide, "Defined runtime environment variables" (documented).
    """
    region = function.arn.split(":")[3]
    values = {
        "_HANDLER": function.handler,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mib),
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
        "LAMBDA_TASK_ROOT": str(function.code),
        "LAMBDA_RUNTIME_DIR": str(python.site_packages),
        "HOME": str(home),
        "AWS_ENDPOINT_URL": endpoint_url,
    }
    if function.log_format == "JSON":
        values["AWS_LAMBDA_LOG_LEVEL"] = function.application_log_level
    packages = _joined(
        function.environment.get("PYTHONPATH", ""), *_layer_packages(layers, function.runtime)
    )
    if packages:
        values["PYTHONPATH"] = packages
    return {**_defaults(function, layers, xray_address), **function.environment, **values}


def _defaults(function: Function, layers: Sequence[Path], xray_address: str) -> dict[str, str]:
    """What a template may set differently."""
    opt = tuple(reversed(layers))
    defaults = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": _joined(*_SYSTEM_PATH, *(str(layer / "bin") for layer in opt)),
        "LD_LIBRARY_PATH": _joined(
            *(str(function.code), str(function.code / "lib")),
            *(str(layer / "lib") for layer in opt if (layer / "lib").is_dir()),
        ),
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    }
    if xray_address:
        defaults["AWS_XRAY_DAEMON_ADDRESS"] = xray_address
    return defaults


def _layer_packages(layers: Sequence[Path], runtime: str) -> list[str]:
    """Where layers keep Python packages.

    ``/opt`` is one directory in which a later layer's file replaces an earlier one's; here
    each layer is a directory of its own, so the later ones are searched first.
    """
    versioned = f"python/lib/{runtime}/site-packages"
    candidates = [layer / part for layer in reversed(layers) for part in (versioned, "python")]
    return [str(path) for path in candidates if path.is_dir()]


def _joined(*paths: str) -> str:
    return os.pathsep.join(path for path in paths if path)
