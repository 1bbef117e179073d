from __future__ import annotations

import pytest

from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.template.place import Place
from cloudworthy.local.template.resources import parse_resources
from local.template.stacks import resolver

USE = Place("Table", "Condition")
CONDITIONS = {
    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
    "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
    "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
    "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
    "Circle": {"Fn::Not": [{"Condition": "Round"}]},
    "Round": {"Fn::Not": [{"Condition": "Circle"}]},
    "Text": "yes",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("IsProd", True), ("IsDev", False), ("Both", False), ("Either", True)],
)
def test_conditions_refer_to_each_other(name: str, *, expected: bool) -> None:
    conditions = resolver({"Conditions": CONDITIONS}, parameters={"Stage": "prod"}).conditions
    assert conditions.holds(name, USE) is expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Circle", "found a circle \\(Circle -> Round -> Circle\\)"),
        ("Text", 'Conditions.Text: found "yes", expected a condition function'),
        ("None", "found condition None, expected one of: IsProd"),
    ],
)
def test_a_condition_that_cannot_be_decided(name: str, text: str) -> None:
    conditions = resolver({"Conditions": CONDITIONS}, parameters={"Stage": "prod"}).conditions
    with pytest.raises(TemplateError, match=text):
        conditions.holds(name, USE)


def test_resources_without_or_with_a_true_condition_are_active() -> None:
    template = {
        "Conditions": CONDITIONS,
        "Resources": {
            "Always": {"Type": "A"},
            "InProd": {"Type": "A", "Condition": "IsProd"},
            "InDev": {"Type": "A", "Condition": "IsDev"},
        },
    }
    conditions = resolver(template, parameters={"Stage": "dev"}).conditions
    assert list(conditions.active(parse_resources(template))) == ["Always", "InDev"]
