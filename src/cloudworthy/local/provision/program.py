"""A stack's template, made ready to be resolved resource by resource."""

from __future__ import annotations

from dataclasses import replace

from cloudworthy.local.model.resources import Stack, TemplateResource, TemplateValue
from cloudworthy.local.provision.custom import (
    provider_resources,
    refuse_unsupported_providers,
)
from cloudworthy.local.provision.registry import resource_type
from cloudworthy.local.provision.resource_type import ResourceType
from cloudworthy.local.provision.state import Record, StackState
from cloudworthy.local.template.functions import as_text
from cloudworthy.local.template.graph import dependencies
from cloudworthy.local.template.intrinsics import Resolver
from cloudworthy.local.template.parameters import ParameterStore, parameter_values
from cloudworthy.local.template.pending import pending_text
from cloudworthy.local.template.place import Place
from cloudworthy.local.template.resources import parse_resources, refuse_unsupported_sections


class StateLookup:
    """Answers ``Ref`` and ``Fn::GetAtt`` from the state.

    What ``pending`` names is still to be made, or made anew, and answers a text that says so.
    """

    def __init__(self, state: StackState) -> None:
        self._state = state
        self.pending: set[str] = set()

    def ref(self, logical_id: str, place: Place) -> TemplateValue:
        if logical_id in self.pending:
            return pending_text(logical_id)
        record = self._state.resources.get(logical_id)
        if record is None:
            raise place.error(f"a reference to {logical_id}", "a resource or a parameter")
        return record.resource.physical_id

    def attribute(self, logical_id: str, name: str, place: Place) -> TemplateValue:
        if logical_id in self.pending:
            return pending_text(logical_id)
        record = self._state.resources.get(logical_id)
        if record is None:
            raise place.error(f"a reference to {logical_id}", "a resource")
        attributes = record.resource.attributes
        if name not in attributes:
            known = ", ".join(attributes) or "no attributes"
            raise place.error(f"{logical_id}.{name}", f"an attribute of its type ({known})")
        return attributes[name]


class Program:
    """The resources of a stack whose conditions hold, all of supported types.

    Raises
    ------
    UnsupportedError
        A type or a property is not supported.
    TemplateError
        The template is wrong.
    """

    def __init__(
        self,
        stack: Stack,
        lookup: StateLookup,
        store: ParameterStore,
    ) -> None:
        self.stack = stack
        self.lookup = lookup
        refuse_unsupported_sections(stack.template)
        values = parameter_values(stack.template, stack.parameters, store)
        self._resolver = Resolver(stack, values, lookup)
        declared = parse_resources(stack.template)
        self.resources = self._resolver.conditions.active(declared)
        self.types = {name: resource_type(it) for name, it in self.resources.items()}
        for name, resource in self.resources.items():
            self.types[name].check_names(resource)
        refuse_unsupported_providers(self.resources)
        self.needs = dependencies(self.resources)
        self._providers = provider_resources(self.resources)

    def is_declared_only(self, logical_id: str) -> bool:
        return self.types[logical_id].declared_only or logical_id in self._providers

    def type_of(self, logical_id: str) -> ResourceType:
        return self.types[logical_id]

    def resource(self, logical_id: str) -> TemplateResource:
        return self.resources[logical_id]

    def annotated(self, record: Record) -> Record:
        """A record with what the template can change without the resource being touched."""
        entry = self.resources[record.logical_id]
        return replace(
            record,
            resource=replace(record.resource, construct_path=entry.construct_path),
            deletion_policy=entry.deletion_policy,
            update_replace_policy=entry.update_replace_policy,
            declared_only=self.is_declared_only(record.logical_id),
        )

    def requested(self, logical_id: str) -> dict[str, TemplateValue]:
        """A resource's properties; what they refer to must exist or be pending."""
        place = Place(logical_id, "Properties")
        properties = self.resources[logical_id].properties
        resolved: dict[str, TemplateValue] = self._resolver.resolve(properties, place)
        return resolved

    def outputs(self) -> dict[str, str]:
        """The outputs whose condition holds."""
        outputs = {}
        for name, entry in (self.stack.template.get("Outputs") or {}).items():
            place = Place(name, "Outputs")
            condition = entry.get("Condition")
            if condition is None or self._resolver.conditions.holds(condition, place):
                value = self._resolver.resolve(entry["Value"], place)
                outputs[name] = as_text(value, place)
        return outputs
