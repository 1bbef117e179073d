from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.template.parameters import parameter_values


class Store:
    def parameter(self, name: str) -> str:
        return f"value of {name}, and more"


@pytest.mark.parametrize(
    ("entry", "given", "expected"),
    [
        ({"Type": "String", "Default": "a"}, {}, "a"),
        ({"Type": "String", "Default": "a"}, {"P": "b"}, "b"),
        ({"Type": "Number", "Default": 3}, {}, "3"),
        ({"Type": "CommaDelimitedList", "Default": "a, b"}, {}, ["a", "b"]),
        ({"Type": "List<Number>", "Default": "1,2"}, {}, ["1", "2"]),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/n"}, {},
         "value of /n, and more"),
        ({"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/n"}, {},
         ["value of /n", "and more"]),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/x/version"},
         {}, "1000"),
    ],
)  # fmt: skip
def test_a_value_by_its_type(entry: Any, given: dict[str, str], expected: Any) -> None:
    assert parameter_values({"Parameters": {"P": entry}}, given, Store()) == {"P": expected}


@pytest.mark.parametrize(
    ("entry", "given", "text"),
    [
        ({"Type": "String"}, {}, "Parameters.P: found no value and no default"),
        ({"Type": "String"}, {"Q": "x"}, "found a value for Q, expected one of: P"),
        ({"Type": "Number"}, {"P": "x"}, "found 'x', expected a number"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, {"P": "c"}, "one of a, b"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, {"P": "C"}, r"a match of \[a-z\]\+"),
        ({"Type": "String", "MinLength": 2}, {"P": "c"}, "found 1 characters"),
        ({"Type": "Number", "MaxValue": 2}, {"P": "3"}, "at most 2"),
        ({"Type": "Number", "MinValue": 2}, {"P": "1"}, "at least 2"),
    ],
)
def test_a_value_outside_of_its_limits(entry: Any, given: dict[str, str], text: str) -> None:
    with pytest.raises(TemplateError, match=text):
        parameter_values({"Parameters": {"P": entry}}, given)
