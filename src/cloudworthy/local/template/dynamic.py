"""Dynamic references, ``{{resolve:service:reference}}``, inside of property values."""

from __future__ import annotations

import re
from typing import Protocol

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.template.place import Place

_REFERENCE = re.compile(r"\{\{resolve:(?P<service>[a-z-]+):(?P<reference>[^{}]*)\}\}")
_SECRET = re.compile(
    r"(?P<secret>arn:[^:]+:secretsmanager:[^:]*:\d+:secret:[^:]+|[^:]+)"
    r"(?::(?P<kind>[^:]*))?(?::(?P<key>[^:]*))?(?::(?P<stage>[^:]*))?(?::(?P<version>[^:]*))?"
)


class DynamicValues(Protocol):
    """Where the referred values are kept."""

    def secret(self, secret_id: str, *, json_key: str, version_stage: str, version_id: str) -> str:
        """A secret's string, or one key of it when ``json_key`` is not empty."""
        ...

    def parameter(self, name: str, *, version: str = "") -> str:
        """A parameter of Systems Manager; the newest version when none is named."""
        ...


def has_dynamic_reference(value: TemplateValue) -> bool:
    if isinstance(value, str):
        return _REFERENCE.search(value) is not None
    if isinstance(value, dict):
        return any(has_dynamic_reference(item) for item in value.values())
    return isinstance(value, list) and any(has_dynamic_reference(item) for item in value)


def resolve_dynamic(value: TemplateValue, values: DynamicValues, place: Place) -> TemplateValue:
    """Replace every dynamic reference in a value that has no intrinsics left.

    Source: CloudFormation user guide, "Dynamic references" (documented).
    """
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: _resolve(match, values, place), value)
    if isinstance(value, dict):
        return {key: resolve_dynamic(item, values, place.child(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve_dynamic(item, values, place.child(i)) for i, item in enumerate(value)]
    return value


def _resolve(match: re.Match[str], values: DynamicValues, place: Place) -> str:
    service, reference = match["service"], match["reference"]
    if service == "secretsmanager":
        return _secret(reference, values, place)
    if service in ("ssm", "ssm-secure"):
        name, _, version = reference.partition(":")
        return values.parameter(name, version=version)
    raise place.error(f"a dynamic reference to {service}", "ssm, ssm-secure or secretsmanager")


def _secret(reference: str, values: DynamicValues, place: Place) -> str:
    match = _SECRET.fullmatch(reference)
    if match is None or match["kind"] not in (None, "", "SecretString"):
        raise place.error(
            f"{{{{resolve:secretsmanager:{reference}}}}}",
            "secret-id:SecretString:json-key:version-stage:version-id",
        )
    return values.secret(
        match["secret"],
        json_key=match["key"] or "",
        version_stage=match["stage"] or "",
        version_id=match["version"] or "",
    )
