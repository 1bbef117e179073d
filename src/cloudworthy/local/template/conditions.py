"""The ``Conditions`` section."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cloudworthy.local.model.resources import TemplateResource, TemplateValue
from cloudworthy.local.template.place import Place


class Conditions:
    """Conditions by name, each evaluated once.

    Parameters
    ----------
    declared
        The template's ``Conditions``.
    evaluate
        Resolves a condition's expression to a boolean.
    """

    def __init__(
        self,
        declared: Mapping[str, TemplateValue],
        evaluate: Callable[[TemplateValue, Place], bool],
    ) -> None:
        self._declared = declared
        self._evaluate = evaluate
        self._known: dict[str, bool] = {}
        self._running: list[str] = []

    def holds(self, name: str, place: Place) -> bool:
        """Whether a condition is true; ``place`` is where its name is used."""
        if name in self._known:
            return self._known[name]
        if name not in self._declared:
            valid = ", ".join(self._declared) or "none"
            raise place.error(f"condition {name}", f"one of: {valid}")
        if name in self._running:
            circle = " -> ".join([*self._running, name])
            raise Place("", f"Conditions.{name}").error(f"a circle ({circle})", "no circle")
        self._running.append(name)
        try:
            value = self._evaluate(self._declared[name], Place("", f"Conditions.{name}"))
        finally:
            self._running.pop()
        self._known[name] = value
        return value

    def active(self, resources: Mapping[str, TemplateResource]) -> dict[str, TemplateResource]:
        """The resources whose condition holds, or that have none."""
        return {
            name: resource
            for name, resource in resources.items()
            if resource.condition is None
            or self.holds(resource.condition, Place(name, "Condition"))
        }
