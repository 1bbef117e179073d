"""The ``Resources`` section as typed entries."""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.model.errors import UnsupportedError
from cloudworthy.local.model.resources import TemplateResource, TemplateValue
from cloudworthy.local.template.place import Place

_BOOTSTRAP_RULE = "CheckBootstrapVersion"


def parse_resources(template: Mapping[str, TemplateValue]) -> dict[str, TemplateResource]:
    """Every resource of a template by logical id, conditions not yet applied."""
    resources = template.get("Resources")
    if not isinstance(resources, Mapping) or not resources:
        raise Place("", "Resources").error("nothing", "at least one resource")
    parsed = {name: _parse(name, entry) for name, entry in resources.items()}
    for resource in parsed.values():
        _check_depends_on(resource, parsed)
    return parsed


def refuse_unsupported_sections(template: Mapping[str, TemplateValue]) -> None:
    """Refuse macros, which only AWS can run, and rules, which would go unchecked.

    The CDK's rule about its bootstrap version has no meaning where nothing is bootstrapped.
    """
    if template.get("Transform"):
        raise UnsupportedError(
            "Transform", "", found=str(template["Transform"]), supported="no transform"
        )
    for name in template.get("Rules") or {}:
        if name != _BOOTSTRAP_RULE:
            raise UnsupportedError(f"Rules.{name}", "", found="a rule", supported="no rules")


def _check_depends_on(
    resource: TemplateResource, resources: Mapping[str, TemplateResource]
) -> None:
    for needed in resource.depends_on:
        if needed not in resources:
            place = Place(resource.logical_id, "DependsOn")
            raise place.error(needed, "the logical id of a resource")


def _parse(logical_id: str, entry: TemplateValue) -> TemplateResource:
    place = Place(logical_id)
    if not isinstance(entry, Mapping) or not isinstance(entry.get("Type"), str):
        raise place.child("Type").error("no resource type", "a type such as AWS::S3::Bucket")
    return TemplateResource(
        logical_id=logical_id,
        type=entry["Type"],
        properties=entry.get("Properties") or {},
        depends_on=_depends_on(entry.get("DependsOn", ())),
        condition=entry.get("Condition"),
        deletion_policy=str(entry.get("DeletionPolicy", "Delete")),
        update_replace_policy=str(entry.get("UpdateReplacePolicy", "Delete")),
        metadata=entry.get("Metadata") or {},
    )


def _depends_on(value: TemplateValue) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
