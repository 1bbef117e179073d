"""Which resource needs which, and the order that follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from cloudworthy.local.model.resources import TemplateResource, TemplateValue
from cloudworthy.local.template.place import Place
from cloudworthy.local.template.substitution import Variable, parse_substitution


def references(value: TemplateValue) -> Iterator[str]:
    """The names that a value refers to: logical ids, parameters and pseudo parameters."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _referred_by(key, item) if len(value) == 1 else references(item)


def _referred_by(key: str, argument: TemplateValue) -> Iterator[str]:
    if key == "Ref" and isinstance(argument, str):
        yield argument
    elif key == "Fn::GetAtt":
        yield argument.partition(".")[0] if isinstance(argument, str) else argument[0]
    elif key == "Fn::Sub":
        yield from _substituted(argument)
    else:
        yield from references(argument)


def _substituted(argument: TemplateValue) -> Iterator[str]:
    text, variables = (argument, {}) if isinstance(argument, str) else (argument[0], argument[1])
    yield from references(list(variables.values()))
    for part in parse_substitution(text):
        if isinstance(part, Variable) and part.name not in variables:
            yield part.logical_id


def dependencies(resources: Mapping[str, TemplateResource]) -> dict[str, frozenset[str]]:
    """For each resource, the resources that must exist before it."""
    return {
        name: frozenset(
            needed
            for needed in (*references(resource.properties), *resource.depends_on)
            if needed in resources
        )
        for name, resource in resources.items()
    }


def sorter(needs: Mapping[str, frozenset[str]]) -> TopologicalSorter[str]:
    """A prepared sorter: ``get_ready`` gives resources that may be worked on at once.

    Raises
    ------
    TemplateError
        Resources need each other in a circle, which is named.
    """
    graph = TopologicalSorter(needs)
    try:
        graph.prepare()
    except CycleError as error:
        # graphlib lists each node before the one that needs it; people read it the other way.
        circle = " -> ".join(reversed(error.args[1]))
        raise Place("", "Resources").error(
            f"a circle of dependencies ({circle})",
            "resources that can be created in some order",
            "Break the circle with a value that does not refer to the resource",
        ) from error
    return graph


def creation_order(needs: Mapping[str, frozenset[str]]) -> list[str]:
    """Every resource after the ones it needs."""
    graph = sorter(needs)
    order = []
    while graph.is_active():
        ready = sorted(graph.get_ready())
        order.extend(ready)
        graph.done(*ready)
    return order
