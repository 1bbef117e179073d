"""The ``Resources`` section as typed entries."""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.model.resources import TemplateResource, TemplateValue
from cloudworthy.local.template.place import Place


def parse_resources(template: Mapping[str, TemplateValue]) -> dict[str, TemplateResource]:
    """Every resource of a template by logical id, conditions not yet applied."""
    resources = template.get("Resources")
    if not isinstance(resources, Mapping) or not resources:
        raise Place("", "Resources").error("nothing", "at least one resource")
    return {name: _parse(name, entry) for name, entry in resources.items()}


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
