"""Who decides: identity, resource and session policies and permissions boundaries together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.iam.compiled import PolicyKind
from cloudworthy.local.iam.evaluation import ApplicablePolicies, Evaluation, Outcome, evaluate
from cloudworthy.local.iam.request import ANONYMOUS, AuthorizationRequest
from cloudworthy.local.model.identity import Principal
from local.iam.cases import Case, Document, compiled
from local.iam.vocabulary import OTHER, OWN, ROLE, SESSION, USER

TABLE = f"arn:aws:dynamodb:eu-west-1:{OWN}:table/Orders"
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/1234"
FUNCTION_SESSION = Principal(SESSION, OWN, ROLE)
ROOT = Principal(f"arn:aws:iam::{OWN}:root", OWN)


def policy(effect: str = "Allow", **elements: Any) -> Document:
    statement = {"Sid": "Only", "Effect": effect, "Action": "*", "Resource": "*", **elements}
    return {"Version": "2012-10-17", "Statement": [statement]}


def case(principal: Principal = FUNCTION_SESSION, **policies: Any) -> Case:
    return Case(principal, "dynamodb:GetItem", TABLE, OWN, **policies)


def decided(asked: Case) -> tuple[Outcome, PolicyKind | None]:
    evaluation = asked.evaluate()
    return evaluation.outcome, evaluation.kind


ALLOWED_BY_IDENTITY = (Outcome.ALLOWED, PolicyKind.IDENTITY)
ALLOWED_BY_RESOURCE = (Outcome.ALLOWED, PolicyKind.RESOURCE)
NOBODY = policy(Action="iam:GetUser")
FOR_SESSION = policy(Principal={"AWS": SESSION})
FOR_ROLE = policy(Principal={"AWS": ROLE})
FOR_ACCOUNT = policy(Principal={"AWS": OWN})


def missing(kind: PolicyKind) -> tuple[Outcome, PolicyKind]:
    return Outcome.IMPLICIT_DENY, kind


def test_without_policies_nothing_is_allowed() -> None:
    assert decided(case()) == missing(PolicyKind.IDENTITY)


def test_the_statement_that_decided_is_named() -> None:
    evaluation = case(identity=(NOBODY, policy())).evaluate()
    assert evaluation.allowed
    assert str(evaluation.statement) == "identity1.Only"
    nameless = policy(Sid="")
    assert str(case(identity=(nameless,)).evaluate().statement) == "identity0.Statement[0]"


@pytest.mark.parametrize("place", ["identity", "boundary", "session", "resource_policy"])
def test_an_explicit_deny_anywhere_comes_first(place: str) -> None:
    everywhere = case(
        identity=(policy(),), boundary=policy(), session=policy(), resource_policy=FOR_SESSION
    )
    deny = policy("Deny", Principal="*") if place == "resource_policy" else policy("Deny")
    changed: dict[str, Any] = {place: (policy(), deny) if place == "identity" else deny}
    evaluation = replace(everywhere, **changed).evaluate()
    assert evaluation.outcome is Outcome.EXPLICIT_DENY
    assert evaluation.statement
    kind = PolicyKind[place.removesuffix("_policy").upper()]
    assert evaluation.statement.kind is evaluation.kind is kind


def test_a_condition_that_is_not_met_neither_allows_nor_denies() -> None:
    unmet = {"StringEquals": {"aws:username": "nobody"}}
    assert decided(case(identity=(policy(Condition=unmet),))) == missing(PolicyKind.IDENTITY)
    both = (policy(), policy("Deny", Condition=unmet))
    assert decided(case(identity=both)) == ALLOWED_BY_IDENTITY


def test_in_one_account_either_policy_is_enough() -> None:
    assert decided(case(identity=(policy(),))) == ALLOWED_BY_IDENTITY
    assert decided(case(resource_policy=FOR_ROLE)) == ALLOWED_BY_RESOURCE
    assert decided(case(resource_policy=FOR_ACCOUNT)) == missing(PolicyKind.IDENTITY)


@pytest.mark.parametrize("resource_policy", [FOR_SESSION, FOR_ROLE, FOR_ACCOUNT])
def test_across_accounts_both_have_to_agree(resource_policy: Document) -> None:
    across = replace(case(identity=(policy(),)), resource_account=OTHER)
    assert decided(across) == missing(PolicyKind.RESOURCE)
    agreed = replace(across, resource_policy=resource_policy)
    assert decided(agreed) == ALLOWED_BY_RESOURCE
    assert decided(replace(agreed, identity=())) == missing(PolicyKind.IDENTITY)


def test_a_boundary_limits_identity_policies_and_grants_to_the_role() -> None:
    limited = case(identity=(policy(),), boundary=NOBODY)
    assert decided(limited) == missing(PolicyKind.BOUNDARY)
    assert decided(replace(limited, resource_policy=FOR_ROLE)) == missing(PolicyKind.BOUNDARY)
    assert decided(replace(limited, boundary=policy())) == ALLOWED_BY_IDENTITY


@pytest.mark.parametrize("limit", ["boundary", "session"])
def test_what_the_session_is_granted_itself_is_not_limited(limit: str) -> None:
    """Source: IAM user guide, "Policy evaluation for requests within a single account"."""
    nothing: dict[str, Any] = {limit: NOBODY}
    assert decided(case(resource_policy=FOR_SESSION, **nothing)) == ALLOWED_BY_RESOURCE
    assert decided(case(resource_policy=FOR_ROLE, **nothing))[0] is Outcome.IMPLICIT_DENY


def test_a_session_policy_limits_what_its_role_may() -> None:
    asked = case(identity=(policy(),), session=NOBODY)
    assert decided(asked) == missing(PolicyKind.SESSION)


def test_root_needs_no_policy_but_obeys_that_of_the_resource() -> None:
    assert decided(case(ROOT)) == (Outcome.ALLOWED, None)
    denied = policy("Deny", Principal="*")
    assert decided(case(ROOT, resource_policy=denied))[0] is Outcome.EXPLICIT_DENY
    assert not replace(case(ROOT), resource_account=OTHER).evaluate().allowed


def test_a_service_needs_the_policy_of_the_resource() -> None:
    events = Principal("events.amazonaws.com", "")
    named = policy(Principal={"Service": "events.amazonaws.com"})
    assert decided(case(events)) == missing(PolicyKind.RESOURCE)
    assert decided(case(events, resource_policy=named)) == ALLOWED_BY_RESOURCE
    other = policy(Principal={"Service": "s3.amazonaws.com"})
    assert decided(case(events, resource_policy=other)) == missing(PolicyKind.RESOURCE)


def test_a_caller_without_credentials_is_everyone_only() -> None:
    assert decided(case(ANONYMOUS)) == missing(PolicyKind.RESOURCE)
    assert decided(case(ANONYMOUS, resource_policy=FOR_ACCOUNT)) == missing(PolicyKind.RESOURCE)
    everyone = policy(Principal="*")
    assert decided(case(ANONYMOUS, resource_policy=everyone)) == ALLOWED_BY_RESOURCE


def test_a_role_is_known_by_its_whole_arn_or_by_its_name_in_a_session() -> None:
    elsewhere = policy(Principal={"AWS": f"arn:aws:iam::{OWN}:role/Orders"})
    nameless = Principal(SESSION, OWN)
    assert not case(resource_policy=elsewhere).evaluate().allowed
    assert case(nameless, resource_policy=elsewhere).evaluate().allowed
    assert case(nameless, resource_policy=FOR_ROLE).evaluate().allowed


def test_not_principal_denies_everyone_else() -> None:
    others = policy("Deny", NotPrincipal={"AWS": [ROLE, OWN]})
    assert decided(case(identity=(policy(),), resource_policy=others)) == ALLOWED_BY_IDENTITY
    stranger = Principal("arn:aws:iam::444455556666:user/eve", OTHER)
    assert decided(case(stranger, resource_policy=others))[0] is Outcome.EXPLICIT_DENY
    limited = case(identity=(policy(),), resource_policy=others, boundary=policy())
    assert decided(limited)[0] is Outcome.EXPLICIT_DENY


def test_a_key_trusts_identity_policies_only_if_its_policy_says_so() -> None:
    asked = Case(FUNCTION_SESSION, "kms:Decrypt", KEY, OWN, identity=(policy(),))
    assert decided(asked) == missing(PolicyKind.RESOURCE)
    trusting = replace(asked, resource_policy=FOR_ACCOUNT)
    assert decided(trusting) == ALLOWED_BY_IDENTITY
    assert decided(replace(trusting, identity=())) == missing(PolicyKind.IDENTITY)
    assert decided(replace(asked, resource_policy=FOR_ROLE)) == ALLOWED_BY_RESOURCE


def test_who_one_is_may_always_be_asked() -> None:
    deny = policy("Deny")
    asked = Case(Principal(USER, OWN), "sts:GetCallerIdentity", "*", OWN, identity=(deny,))
    assert asked.evaluate().allowed


def test_an_action_without_resource_needs_a_statement_about_everything() -> None:
    asked = Case(FUNCTION_SESSION, "s3:ListAllMyBuckets", "*", OWN)
    some = policy(Resource="arn:aws:s3:::*")
    assert not replace(asked, identity=(some,)).evaluate().allowed
    assert replace(asked, identity=(policy(),)).evaluate().allowed


def test_a_request_about_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"dynamodb:BatchGetItem: found no resource"):
        several(identity=policy())


def several(*resources: str, identity: Document) -> Evaluation:
    request = AuthorizationRequest(FUNCTION_SESSION, "dynamodb:BatchGetItem", resources, {})
    policies = ApplicablePolicies(identity=(compiled(identity, PolicyKind.IDENTITY),))
    return evaluate(request, policies)


def test_every_resource_of_a_request_has_to_be_allowed() -> None:
    resources = (TABLE, f"{TABLE}2", f"{TABLE}3")
    assert several(*resources, identity=policy(Resource=list(resources))).allowed
    some = several(*resources, identity=policy(Resource=TABLE))
    assert some.outcome is Outcome.IMPLICIT_DENY
    assert some.resource == f"{TABLE}2"
    assert some.denied_resources == (f"{TABLE}2", f"{TABLE}3")


def test_a_variable_without_a_value_leaves_the_statement_out() -> None:
    unknown = f"arn:aws:dynamodb:*:*:table/${{aws:PrincipalTag/none}}"  # noqa: F541
    assert not case(identity=(policy(Resource=unknown),)).evaluate().allowed
    negated = policy(NotResource=unknown)
    del negated["Statement"][0]["Resource"]
    assert not case(identity=(negated,)).evaluate().allowed


@given(
    allowed=st.sets(st.sampled_from(["GetItem", "PutItem", "Query"])),
    denied=st.sets(st.sampled_from(["GetItem", "PutItem", "Query"])),
    asked=st.sampled_from(["GetItem", "PutItem", "Query"]),
)
def test_allowed_is_what_some_statement_allows_and_none_denies(
    allowed: set[str], denied: set[str], asked: str
) -> None:
    statements = [
        policy(effect, Action=[f"dynamodb:{name}" for name in sorted(names)])
        for effect, names in (("Allow", allowed), ("Deny", denied))
        if names
    ]
    request = Case(FUNCTION_SESSION, f"dynamodb:{asked}", TABLE, OWN, identity=tuple(statements))
    assert request.evaluate().allowed is (asked in allowed - denied)
