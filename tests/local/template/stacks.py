"""Stacks and resolvers for tests of the template room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudworthy.local.model.resources import Stack
from cloudworthy.local.template.intrinsics import Resolver
from cloudworthy.local.template.place import Place

HERE = Place("Queue", "Properties.Name")


class FixedResources:
    """Resources that answer from a table."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers

    def ref(self, logical_id: str, place: Place) -> Any:
        return self._answer(logical_id, place)

    def attribute(self, logical_id: str, name: str, place: Place) -> Any:
        return self._answer(f"{logical_id}.{name}", place)

    def _answer(self, name: str, place: Place) -> Any:
        if name not in self._answers:
            raise place.error(f"a reference to {name}", "a resource")
        return self._answers[name]


def stack_of(template: Mapping[str, Any], *, region: str = "eu-west-1") -> Stack:
    return Stack("shop", "000000000000", region, template, {})


def resolver(
    template: Mapping[str, Any] | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    region: str = "eu-west-1",
) -> Resolver:
    stack = stack_of(template or {}, region=region)
    return Resolver(stack, parameters or {}, FixedResources(resources or {}))


def resolve(value: Any, **settings: Any) -> Any:
    return resolver(**settings).resolve(value, HERE)
