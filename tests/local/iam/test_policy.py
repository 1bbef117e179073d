"""Policy documents: what is read, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.iam.policy import (
    Effect,
    Element,
    MalformedPolicyDocumentError,
    PrincipalElement,
    PrincipalEntry,
    parse_policy,
)

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def read(**statement: Any) -> Any:
    document = {"Version": "2012-10-17", "Statement": {**STATEMENT, **statement}}
    return parse_policy(document, name="P").statements[0]


def without(*elements: str, **others: Any) -> dict[str, Any]:
    kept = {key: value for key, value in STATEMENT.items() if key not in elements}
    return {"Statement": [{**kept, **others}]}


def test_a_statement_may_be_an_object_or_one_of_a_list() -> None:
    one = parse_policy({"Version": "2012-10-17", "Statement": STATEMENT}, name="P")
    listed = parse_policy({"Version": "2012-10-17", "Statement": [STATEMENT]}, name="P")
    assert one == listed
    assert one.statements[0].effect is Effect.ALLOW
    assert one.statements[0].action == Element(("s3:GetObject",))


def test_without_a_version_it_is_the_first_which_has_no_variables() -> None:
    assert not parse_policy({"Statement": STATEMENT}, name="P").has_variables
    assert parse_policy({"Version": "2012-10-17", "Statement": STATEMENT}, name="P").has_variables


def test_elements_have_opposites() -> None:
    document = without("Action", "Resource", NotAction=["iam:*"], NotResource="arn:aws:s3:::a")
    statement = parse_policy(document, name="P").statements[0]
    assert statement.action == Element(("iam:*",), negated=True)
    assert statement.resource == Element(("arn:aws:s3:::a",), negated=True)


def test_everyone_is_written_in_two_ways() -> None:
    everyone = PrincipalElement((PrincipalEntry("AWS", "*"),))
    assert read(Principal="*").principal == everyone
    assert read(Principal={"AWS": "*"}).principal == everyone


def test_principals_are_listed_by_type() -> None:
    principal = read(NotPrincipal={"AWS": ["1" * 12], "Service": "s3.amazonaws.com"}).principal
    assert principal.negated
    assert [entry.type for entry in principal.entries] == ["AWS", "Service"]


def test_values_of_conditions_may_be_booleans_and_numbers() -> None:
    condition = read(Condition={"Bool": {"aws:SecureTransport": False}}).conditions[0]
    assert (condition.key, condition.values) == ("aws:securetransport", ("false",))
    assert read(Condition={"NumericLessThan": {"x:n": [5]}}).conditions[0].values == ("5",)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (None, "P: found nothing, expected an object."),
        ({"Statement": []}, "P.Statement: found [], expected at least one statement."),
        ({"Version": "2020-01-01", "Statement": STATEMENT}, "P.Version: found 2020-01-01,"),
        ({"Statement": STATEMENT, "Extra": 1}, "P: found the element Extra,"),
        (without("Effect"), "P.Statement[0].Effect: found nothing, expected Allow or Deny."),
        (without(Effect="allow"), "P.Statement[0].Effect: found allow,"),
        (without("Action"), "expected Action or NotAction."),
        (without(NotAction="s3:*"), "found Action and NotAction, expected only one of the two."),
        (without(Action="GetObject"), "P.Statement[0].Action: found GetObject,"),
        (without(Action="s*:GetObject"), "P.Statement[0].Action: found s*:GetObject,"),
        (without(Action=[]), "P.Statement[0].Action: found [], expected at least one value."),
        (without(Resource="my-bucket"), "P.Statement[0].Resource: found my-bucket,"),
        (without(Resource={"Ref": "Bucket"}), "found {'Ref': 'Bucket'}, expected a text."),
        (without(Principal="everyone"), "P.Statement[0].Principal: found everyone,"),
        (without(Principal={}), 'expected "*" or a principal.'),
        (without(Principal={"AWS": "arn:aws:iam::1:role/*"}), "expected a whole ARN,"),
        (without(Principal={"Robot": "x"}), "found the element Robot,"),
        (without(Condition={"StringIs": {"a:b": "c"}}), "found StringIs, expected a condition"),
        (without(Condition={"NullIfExists": {"a:b": "true"}}), "found NullIfExists,"),
        (without(Condition={"StringLike": "x"}), "Condition.StringLike: found x, expected an ob"),
        ({"Statement": [{**STATEMENT, "Sid": "A"}] * 2}, "found the Sid A twice,"),
    ],
)
def test_what_aws_would_not_take_is_an_error_that_says_where(document: Any, sentence: str) -> None:
    with pytest.raises(MalformedPolicyDocumentError) as raised:
        parse_policy(document, name="P")
    assert sentence in str(raised.value)
    assert str(raised.value).endswith("Correct the policy.")
