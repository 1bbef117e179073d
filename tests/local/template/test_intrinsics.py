"""Functions that look at the stack: references, conditions, maps, imports."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.model.errors import TemplateError
from local.template.stacks import resolve

RESOURCES = {"Table": "shop-Table-1", "Table.Arn": "arn:table", "Nested.Outputs.Url": "u"}

CASES: list[tuple[Any, Any]] = [
    ({"Ref": "Table"}, "shop-Table-1"),
    ({"Ref": "AWS::Region"}, "eu-west-1"),
    ({"Ref": "AWS::Partition"}, "aws"),
    ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
    ({"Ref": "AWS::NotificationARNs"}, []),
    ({"Fn::GetAtt": ["Table", "Arn"]}, "arn:table"),
    ({"Fn::GetAtt": "Table.Arn"}, "arn:table"),
    ({"Fn::GetAtt": "Nested.Outputs.Url"}, "u"),
    ({"Fn::GetAtt": ["Table", {"Ref": "Which"}]}, "arn:table"),
    ({"Fn::Sub": "${Table}-${Table.Arn}-${AWS::Region}"}, "shop-Table-1-arn:table-eu-west-1"),
    ({"Fn::Sub": ["${A}/${ Table }", {"A": {"Ref": "Which"}}]}, "Arn/shop-Table-1"),
    ({"Fn::Sub": "${!Literal} $ {x} ${Which}"}, "${Literal} $ {x} Arn"),
    ({"Fn::Join": ["-", [{"Ref": "Table"}, "x", 3, True]]}, "shop-Table-1-x-3-true"),
    ({"Fn::GetAZs": ""}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
    ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
    ({"Fn::Select": ["1", {"Fn::Split": ["|", "a|b|c"]}]}, "b"),
    ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "memory"]}, 256),
    ({"Fn::FindInMap": ["Sizes", "nowhere", "memory", {"DefaultValue": 128}]}, 128),
    ({"Fn::If": ["IsEurope", "yes", "no"]}, "yes"),
    ({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}, 2]}, {"b": [1, 2]}),
    ({"a": {"Fn::If": ["Never", 1, {"Ref": "AWS::NoValue"}]}}, {}),
    ({"Condition": {"StringEquals": {"a": {"Ref": "Table"}}}},
     {"Condition": {"StringEquals": {"a": "shop-Table-1"}}}),
    ({"Condition": "IsEurope"}, {"Condition": "IsEurope"}),
    ({"Fn::Length": {"Fn::Split": [",", "a,b"]}}, 2),
    ({"Fn::ToJsonString": {"a": {"Ref": "Table"}}}, '{"a":"shop-Table-1"}'),
    ({"Fn::Base64": {"Fn::Sub": "${Which}"}}, "QXJu"),
]  # fmt: skip

TEMPLATE = {
    "Mappings": {"Sizes": {"eu-west-1": {"memory": 256}}},
    "Conditions": {
        "IsEurope": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "Never": {"Fn::Not": [{"Condition": "IsEurope"}]},
    },
}


@pytest.mark.parametrize(("value", "expected"), CASES)
def test_a_function_gives_what_it_is_documented_to(value: Any, expected: Any) -> None:
    resolved = resolve(
        value,
        template=TEMPLATE,
        parameters={"Which": "Arn"},
        resources=RESOURCES,
    )
    assert resolved == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"Ref": "Missing"}, "Properties.Name (Queue): found a reference to Missing"),
        ({"a": [{"Ref": "Missing"}]}, "Properties.Name.a[0] (Queue)"),
        ({"Fn::GetAtt": "Table"}, "found a reference to Table."),
        ({"Fn::Sub": "${Table.Nothing}"}, "found a reference to Table.Nothing"),
        ({"Fn::Sub": ["${A}"]}, 'found Fn::Sub of ["${A}"]'),
        ({"Fn::Select": [4, ["a"]]}, "found index 4 of 1 values"),
        ({"Fn::Transform": {"Name": "AWS::Include"}}, "found Fn::Transform"),
        ({"Fn::ImportValue": "x"}, "found an import of x, expected a stack that needs no other"),
        ({"Fn::FindInMap": ["A", "B", "C"]}, "found Mappings.A.B.C"),
        ({"Fn::If": ["Unknown", 1, 2]}, "found condition Unknown, expected one of: none"),
        ({"Fn::Join": [",", {"a": 1}]}, "expected a list of strings to join"),
    ],
)
def test_an_error_names_the_resource_the_property_and_the_way_out(value: Any, text: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(text)) as caught:
        resolve(value, resources={"Table": "t"})
    assert "(Queue)" in str(caught.value)


@given(st.text())
def test_a_text_without_placeholders_stays_as_it_is(text: str) -> None:
    plain = text.replace("${", "")
    assert resolve({"Fn::Sub": plain}) == plain


@given(st.text().filter(lambda text: "}" not in text))
def test_an_exclamation_mark_keeps_a_placeholder(text: str) -> None:
    assert resolve({"Fn::Sub": "<${!" + text + "}>"}) == "<${" + text + "}>"


@given(
    st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9]*", fullmatch=True), st.text(), min_size=1)
)
def test_each_placeholder_is_replaced_once(values: dict[str, str]) -> None:
    """A value that looks like a placeholder is not looked at again."""
    text = "|".join("${" + name + "}" for name in values)
    assert resolve({"Fn::Sub": [text, values]}) == "|".join(values.values())
