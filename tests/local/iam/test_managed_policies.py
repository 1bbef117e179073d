"""AWS managed policies by their contents."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from cloudworthy.local.iam.compiled import CompiledPolicy, PolicyKind
from cloudworthy.local.iam.managed_policies import is_managed_by_aws, managed_policy
from cloudworthy.local.model.errors import UnsupportedError

FACTS = json.loads(files("cloudworthy.local.iam").joinpath("managed_policies.json").read_text())
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def test_they_are_what_moto_carries() -> None:
    known = json.loads(aws_managed_policies_data)
    assert {"source", "date", "command", "policies"} == set(FACTS)
    for arn, document in FACTS["policies"].items():
        named = known[arn.rpartition("/")[2]]
        assert arn == f"arn:aws:iam::aws:policy{named['Path']}{arn.rpartition('/')[2]}"
        assert document == named["Document"], arn


@pytest.mark.parametrize("arn", FACTS["policies"])
def test_each_can_be_evaluated(arn: str) -> None:
    policy = managed_policy(arn, where="test")
    assert CompiledPolicy(policy, PolicyKind.IDENTITY).allows


def test_other_partitions_have_the_same_ones() -> None:
    arn = BASIC.replace("arn:aws:", "arn:aws-cn:")
    assert is_managed_by_aws(arn)
    assert not is_managed_by_aws("arn:aws:iam::111122223333:policy/Mine")
    assert managed_policy(arn, where="test") == managed_policy(BASIC, where="test")


def test_an_unknown_one_is_an_error_that_names_it() -> None:
    where = "AWS::IAM::Role.ManagedPolicyArns"
    with pytest.raises(UnsupportedError) as raised:
        managed_policy("arn:aws:iam::aws:policy/Unheard", where=where, logical_id="Role")
    assert str(raised.value).startswith(
        f"{where} (Role): found the managed policy arn:aws:iam::aws:policy/Unheard,"
    )
