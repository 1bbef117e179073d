from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.template.graph import creation_order, dependencies, references, sorter
from cloudworthy.local.template.resources import parse_resources


def resources(**properties: Any) -> Any:
    entries = {name: {"Type": "T", "Properties": value} for name, value in properties.items()}
    return parse_resources({"Resources": entries})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "A"}, {"A"}),
        ({"x": [{"Fn::GetAtt": ["A", "Arn"]}, {"Fn::GetAtt": "B.Arn"}]}, {"A", "B"}),
        ({"Fn::Sub": "${A}${B.Arn}${!C}"}, {"A", "B"}),
        ({"Fn::Sub": ["${A}${v}", {"v": {"Ref": "D"}}]}, {"A", "D"}),
        ({"Fn::If": ["Condition", {"Ref": "A"}, {"Ref": "B"}]}, {"A", "B"}),
        ("Ref", set()),
    ],
)
def test_what_a_value_refers_to(value: Any, expected: set[str]) -> None:
    assert set(references(value)) == expected


def test_parameters_and_unknown_names_are_no_dependencies() -> None:
    needs = dependencies(resources(A={"x": [{"Ref": "AWS::Region"}, {"Ref": "B"}]}, B={}))
    assert needs == {"A": {"B"}, "B": set()}


def test_depends_on_counts() -> None:
    template = {"Resources": {"A": {"Type": "T", "DependsOn": "B"}, "B": {"Type": "T"}}}
    assert creation_order(dependencies(parse_resources(template))) == ["B", "A"]


def test_depends_on_names_a_resource() -> None:
    template = {"Resources": {"A": {"Type": "T", "DependsOn": ["C"]}}}
    with pytest.raises(TemplateError, match=r"DependsOn \(A\): found C"):
        parse_resources(template)


def test_independent_resources_are_ready_at_once() -> None:
    ready = sorter(dependencies(resources(A={}, B={}, C={"x": {"Ref": "A"}}))).get_ready()
    assert set(ready) == {"A", "B"}


def test_a_circle_is_named() -> None:
    circle = resources(A={"x": {"Ref": "B"}}, B={"x": {"Ref": "C"}}, C={"x": {"Ref": "A"}})
    with pytest.raises(TemplateError, match="circle") as caught:
        creation_order(dependencies(circle))
    assert any(
        f"({a} -> {b} -> {c} -> {a})" in str(caught.value) for a, b, c in ("ABC", "BCA", "CAB")
    )
