from __future__ import annotations

import pytest

from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.template.dynamic import has_dynamic_reference, resolve_dynamic
from local.template.stacks import HERE

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:Name-AbCdEf"


class Values:
    def secret(self, secret_id: str, *, json_key: str, version_stage: str, version_id: str) -> str:
        return f"<{secret_id}|{json_key}|{version_stage}|{version_id}>"

    def parameter(self, name: str, *, version: str = "") -> str:
        return f"<{name}|{version}>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{resolve:ssm:/a/b}}", "</a/b|>"),
        ("{{resolve:ssm-secure:/a/b:3}}", "</a/b|3>"),
        ("x-{{resolve:ssm:a}}-{{resolve:ssm:b}}", "x-<a|>-<b|>"),
        ("{{resolve:secretsmanager:Name}}", "<Name|||>"),
        ("{{resolve:secretsmanager:Name:SecretString:key::}}", "<Name|key||>"),
        (f"{{{{resolve:secretsmanager:{ARN}:SecretString:key:AWSCURRENT:}}}}",
         f"<{ARN}|key|AWSCURRENT|>"),
        ("no reference {{x}}", "no reference {{x}}"),
    ],
)  # fmt: skip
def test_a_reference_is_looked_up(text: str, expected: str) -> None:
    value = {"a": [text, 1]}
    assert resolve_dynamic(value, Values(), HERE) == {"a": [expected, 1]}
    assert has_dynamic_reference(value) is (text != expected)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{resolve:vault:x}}", "a dynamic reference to vault"),
        ("{{resolve:secretsmanager:Name:SecretBinary}}", "Name:SecretBinary"),
    ],
)
def test_a_reference_that_is_not_known(text: str, found: str) -> None:
    with pytest.raises(TemplateError, match=found) as caught:
        resolve_dynamic({"Key": text}, Values(), HERE)
    assert "Properties.Name.Key (Queue)" in str(caught.value)
