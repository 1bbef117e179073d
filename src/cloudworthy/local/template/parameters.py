"""The ``Parameters`` section: defaults, given values, types and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.template.place import Place

_SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(?P<list>List<)?.+>")
_BOOTSTRAP_PARAMETER = re.compile(r"/cdk-bootstrap/[^/]+/version")
_BOOTSTRAP_VERSION = "1000"
"""The CDK's rule only asks for a version that is new enough; nothing is bootstrapped here."""


class ParameterStore(Protocol):
    """Systems Manager Parameter Store, for parameters whose type is an SSM one."""

    def parameter(self, name: str) -> str:
        """The value; a ``LookupError`` when there is no such parameter."""
        ...


def parameter_values(
    template: Mapping[str, TemplateValue],
    given: Mapping[str, str],
    store: ParameterStore | None = None,
) -> dict[str, TemplateValue]:
    """The value of each parameter as ``Ref`` answers it.

    Raises
    ------
    TemplateError
        A value is missing or outside of the parameter's own limits, or a value was given
        for a parameter that the template does not have.

    Source: CloudFormation user guide, "Parameters" (documented).
    """
    declared = template.get("Parameters") or {}
    for name in given:
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise Place("", "Parameters").error(f"a value for {name}", f"one of: {known}")
    return {name: _value(name, entry, given, store) for name, entry in declared.items()}


def _value(
    name: str, entry: Mapping[str, Any], given: Mapping[str, str], store: ParameterStore | None
) -> TemplateValue:
    place = Place("", f"Parameters.{name}")
    raw = given.get(name, entry.get("Default"))
    if raw is None:
        action = f"Give the parameter a value: --parameter {name}=VALUE"
        raise place.error("no value and no default", "a value", action)
    text = _check(str(raw), entry, place)
    kind = str(entry.get("Type", "String"))
    ssm = _SSM_VALUE.fullmatch(kind)
    if ssm:
        stored = _stored(text, place, store)
        return _items(stored) if ssm["list"] else stored
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        return _items(text)
    if kind == "Number":
        _number(text, place)
    return text


def _stored(name: str, place: Place, store: ParameterStore | None) -> str:
    if _BOOTSTRAP_PARAMETER.fullmatch(name):
        return _BOOTSTRAP_VERSION
    if store is None:
        raise place.error(f"the SSM parameter {name}", "a parameter store to read it from")
    try:
        return store.parameter(name)
    except LookupError as error:
        raise place.error(
            f"the SSM parameter {name}, which is not in this machine's Parameter Store",
            "one that is",
            "Put the value itself into the template, or run this stack on AWS",
        ) from error


def _check(text: str, entry: Mapping[str, Any], place: Place) -> str:
    allowed = [str(value) for value in entry.get("AllowedValues", ())]
    if allowed and text not in allowed:
        raise place.error(repr(text), f"one of {', '.join(allowed)}")
    pattern = entry.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, text):
        raise place.error(repr(text), f"a match of {pattern}")
    shortest, longest = int(entry.get("MinLength", 0)), int(entry.get("MaxLength", 1 << 30))
    if not shortest <= len(text) <= longest:
        raise place.error(f"{len(text)} characters", f"{shortest} to {longest}")
    if "MinValue" in entry and _number(text, place) < float(entry["MinValue"]):
        raise place.error(text, f"at least {entry['MinValue']}")
    if "MaxValue" in entry and _number(text, place) > float(entry["MaxValue"]):
        raise place.error(text, f"at most {entry['MaxValue']}")
    return text


def _number(text: str, place: Place) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise place.error(repr(text), "a number") from error


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",")] if text else []
