"""Resolving a template's intrinsic functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from cloudworthy.local.model.resources import Stack, TemplateValue
from cloudworthy.local.template.conditions import Conditions
from cloudworthy.local.template.functions import PURE_FUNCTIONS, as_text, describe
from cloudworthy.local.template.pending import pending_in, pending_text
from cloudworthy.local.template.place import Place
from cloudworthy.local.template.pseudo import NO_VALUE, pseudo_parameters
from cloudworthy.local.template.substitution import Literal, Variable, parse_substitution

_ZONES = "abc"
_JOINING = frozenset({"Fn::Base64", "Fn::Equals", "Fn::Join", "Fn::ToJsonString"})


class Resources(Protocol):
    """What other resources of the stack answer."""

    def ref(self, logical_id: str, place: Place) -> TemplateValue: ...

    def attribute(self, logical_id: str, name: str, place: Place) -> TemplateValue: ...


class Resolver:
    """Resolves values of one stack.

    Parameters
    ----------
    stack
        Its template has ``Conditions`` and ``Mappings``; account and region are its own.
    parameters
        Values by parameter name.
    resources
        Answers ``Ref`` and ``Fn::GetAtt`` of resources.
    """

    def __init__(
        self,
        stack: Stack,
        parameters: Mapping[str, TemplateValue],
        resources: Resources,
    ) -> None:
        self._stack = stack
        self._names = {**pseudo_parameters(stack), **parameters}
        self._resources = resources
        self.conditions = Conditions(stack.template.get("Conditions") or {}, self._boolean)
        self._functions: dict[str, Callable[[TemplateValue, Place], TemplateValue]] = {
            "Condition": self._condition,
            "Fn::And": self._all,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": self._zones,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::ImportValue": self._import_value,
            "Fn::Not": self._not,
            "Fn::Or": self._any,
            "Fn::Sub": self._sub,
            "Ref": self._ref,
        }

    def resolve(self, value: TemplateValue, place: Place) -> TemplateValue:
        """A value with every intrinsic function replaced by what it gives.

        Properties and list items that give ``AWS::NoValue`` are left out.

        Raises
        ------
        TemplateError
            Names the logical id and the property path.
        """
        if isinstance(value, list):
            return self._list(value, place)
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in self._functions and not (name == "Condition" and isinstance(argument, dict)):
                return self._functions[name](argument, place)
            if name in PURE_FUNCTIONS:
                return self._pure(name, self.resolve(argument, place), place)
            if name.startswith("Fn::"):
                raise place.error(name, "an intrinsic function that is supported locally")
        return self._mapping(value, place)

    def _list(self, values: list[TemplateValue], place: Place) -> list[TemplateValue]:
        resolved = [self.resolve(item, place.child(index)) for index, item in enumerate(values)]
        return [item for item in resolved if item is not NO_VALUE]

    def _mapping(
        self, value: Mapping[str, TemplateValue], place: Place
    ) -> dict[str, TemplateValue]:
        resolved = {key: self.resolve(item, place.child(key)) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def _pure(self, name: str, argument: TemplateValue, place: Place) -> TemplateValue:
        """A value that is not known yet cannot be taken apart: it stays what it is."""
        awaited = next(pending_in(argument), None)
        if awaited is not None and name not in _JOINING:
            return pending_text(awaited)
        return PURE_FUNCTIONS[name](argument, place)

    # references

    def _ref(self, argument: TemplateValue, place: Place) -> TemplateValue:
        if not isinstance(argument, str):
            raise place.error(f"Ref of {describe(argument)}", "a logical id or a parameter")
        if argument in self._names:
            return self._names[argument]
        return self._resources.ref(argument, place)

    def _get_att(self, argument: TemplateValue, place: Place) -> TemplateValue:
        if isinstance(argument, str):
            logical_id, _, name = argument.partition(".")
        elif isinstance(argument, list) and len(argument) == 2:
            logical_id, name = argument[0], as_text(self.resolve(argument[1], place), place)
        else:
            raise place.error(f"Fn::GetAtt of {describe(argument)}", "[logical id, attribute]")
        return self._resources.attribute(logical_id, name, place)

    def _import_value(self, argument: TemplateValue, place: Place) -> TemplateValue:
        """A stack runs alone here: there is none to import from."""
        raise place.error(
            f"an import of {as_text(self.resolve(argument, place), place)}",
            "a stack that needs no other",
            "Put what is exported into this stack, or run both on AWS",
        )

    def _find_in_map(self, argument: TemplateValue, place: Place) -> TemplateValue:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            raise place.error(describe(argument), "[map, top-level key, second-level key]")
        keys = [as_text(self.resolve(key, place), place) for key in argument[:3]]
        found: TemplateValue = self._stack.template.get("Mappings") or {}
        for key in keys:
            if not isinstance(found, Mapping) or key not in found:
                return self._map_default(argument, keys, place)
            found = found[key]
        return found

    def _map_default(
        self, argument: list[TemplateValue], keys: list[str], place: Place
    ) -> TemplateValue:
        if len(argument) == 4 and isinstance(argument[3], Mapping):
            return self.resolve(argument[3].get("DefaultValue"), place)
        raise place.error(f"Mappings.{'.'.join(keys)}", "an entry of Mappings")

    def _zones(self, argument: TemplateValue, place: Place) -> list[str]:
        """Three zones in every region (assumed: an account's zones differ)."""
        region = self.resolve(argument, place) or self._stack.region
        return [f"{as_text(region, place)}{zone}" for zone in _ZONES]

    def _sub(self, argument: TemplateValue, place: Place) -> str:
        text, variables = argument, {}
        if isinstance(argument, list) and len(argument) == 2:
            text, variables = argument[0], argument[1]
        if not isinstance(text, str) or not isinstance(variables, Mapping):
            raise place.error(
                f"Fn::Sub of {describe(argument)}", "a string, or [string, {name: value}]"
            )
        return "".join(
            part.text if isinstance(part, Literal) else self._variable(part, variables, place)
            for part in parse_substitution(text)
        )

    def _variable(
        self, variable: Variable, variables: Mapping[str, TemplateValue], place: Place
    ) -> str:
        if variable.name in variables:
            value = self.resolve(variables[variable.name], place.child(variable.name))
        elif variable.attribute:
            value = self._resources.attribute(variable.logical_id, variable.attribute, place)
        else:
            value = self._ref(variable.name, place)
        return as_text(value, place)

    # conditions

    def _boolean(self, expression: TemplateValue, place: Place) -> bool:
        value = self.resolve(expression, place)
        if not isinstance(value, bool):
            raise place.error(describe(value), "a condition function")
        return value

    def _condition(self, argument: TemplateValue, place: Place) -> TemplateValue:
        """``{"Condition": "Name"}``; elsewhere, as in IAM, it is a property like any other."""
        if isinstance(argument, str) and place.path.startswith("Conditions."):
            return self.conditions.holds(argument, place)
        return self._mapping({"Condition": argument}, place)

    def _if(self, argument: TemplateValue, place: Place) -> TemplateValue:
        if not isinstance(argument, list) or len(argument) != 3:
            raise place.error(describe(argument), "[condition, value if true, value if false]")
        holds = self.conditions.holds(str(argument[0]), place)
        return self.resolve(argument[1] if holds else argument[2], place)

    def _not(self, argument: TemplateValue, place: Place) -> bool:
        return not self._operands(argument, place, 1, 1)[0]

    def _all(self, argument: TemplateValue, place: Place) -> bool:
        return all(self._operands(argument, place, 2, 10))

    def _any(self, argument: TemplateValue, place: Place) -> bool:
        return any(self._operands(argument, place, 2, 10))

    def _operands(
        self, argument: TemplateValue, place: Place, fewest: int, most: int
    ) -> list[bool]:
        if not isinstance(argument, list) or not fewest <= len(argument) <= most:
            raise place.error(describe(argument), f"{fewest} to {most} conditions")
        return [self._boolean(item, place.child(i)) for i, item in enumerate(argument)]
