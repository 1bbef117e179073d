"""The smallest policy allows what was seen, and nothing that was not seen or not allowed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudworthy.local.iam.compiled import CompiledPolicy, PolicyKind
from cloudworthy.local.iam.evaluation import ApplicablePolicies, evaluate
from cloudworthy.local.iam.policy import parse_policy
from cloudworthy.local.iam.request import AuthorizationRequest
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.permissions.report import FunctionPermissions, report
from cloudworthy.local.permissions.usage import (
    ALLOWED,
    Use,
    counted_resource,
)
from local.permissions.deployed import (
    ACCOUNT,
    QUEUE_ARN,
    REGION,
    ROLE_ARN,
    deployment,
    resource,
    role,
)

FILES = "arn:aws:s3:::files"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/T"
TENANT = "aws:PrincipalTag/tenant"
WORKER = Principal(
    f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/Worker", ACCOUNT, ROLE_ARN, "Worker"
)
FUNCTION = resource(
    "AWS::Lambda::Function", "Worker", "Small-Worker", {"Role": ROLE_ARN}, Arn="arn:aws:lambda:::f"
)
Call = tuple[str, str]
KEYS = ("a", "b*", "in/a", "in/b?", "in/deep/${*}", "in/*", "out/a")
CALLS: list[Call] = [
    *product(("s3:GetObject", "s3:PutObject"), (f"{FILES}/{key}" for key in KEYS)),
    ("s3:ListBucket", FILES),
    ("s3:ListAllMyBuckets", "*"),
    *product(("dynamodb:GetItem", "dynamodb:PutItem"), (TABLE, f"{TABLE}2")),
    ("dynamodb:Query", f"{TABLE}/index/I"),
    ("sqs:SendMessage", QUEUE_ARN),
]
CONTEXTS: list[dict[str, str]] = [{}, {TENANT: "a"}, {TENANT: "in"}]
ACTIONS = [*sorted({action for action, _ in CALLS}), "*", "s3:*", "s3:get*", "dynamodb:?etItem"]
KEY_PATTERNS = ("*", "in/*", "*/a", "?", "i*b?", "in/b${?}", "in/deep/${$}*", f"${{{TENANT}}}/*")
TARGETS = [
    *sorted({target for _, target in CALLS if "*" not in target and "?" not in target}),
    *(f"{FILES}/{pattern}" for pattern in KEY_PATTERNS),
    *(
        "*",
        f"{FILES}*",
        f"{TABLE}*",
        "arn:aws:dynamodb:*:*:*/*",
        "arn:*:files/in/*",
        "arn:aws:sqs:*",
    ),
]
CONDITIONS: list[dict[str, Any]] = [
    {"StringEquals": {TENANT: "a"}},
    {"StringLike": {TENANT: ["${*}", "i*"]}, "Null": {TENANT: "false"}},
    {"StringNotEqualsIfExists": {TENANT: "in"}},
]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    effect = draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
    action = draw(st.sampled_from(["Action", "Action", "Action", "NotAction"]))
    target = draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))
    found: dict[str, Any] = {"Effect": effect}
    found |= {action: draw(some(ACTIONS)), target: draw(some(TARGETS))}
    if draw(st.booleans()):
        found["Condition"] = draw(st.sampled_from(CONDITIONS))
    return found


policies = st.fixed_dictionaries(
    {
        "Version": st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]),
        "Statement": st.lists(statements(), min_size=1, max_size=4),
    }
)
calls = st.lists(st.tuples(st.sampled_from(CALLS), st.sampled_from(CONTEXTS)), max_size=8)


class Role:
    """A role with policies, for which calls are decided."""

    def __init__(self, *documents: Mapping[str, Any]) -> None:
        parsed = [parse_policy(it, name="P") for it in documents]
        identity = tuple(CompiledPolicy(it, PolicyKind.IDENTITY) for it in parsed)
        self._policies = ApplicablePolicies(identity=identity)

    def may(self, call: Call, context: Mapping[str, str]) -> bool:
        action, target = call
        request = AuthorizationRequest(WORKER, action, (target,), context, ACCOUNT)
        return evaluate(request, self._policies).allowed


def reported(documents: Iterable[Mapping[str, Any]], uses: Iterable[Use]) -> FunctionPermissions:
    written = [{"PolicyName": f"P{n}", "PolicyDocument": it} for n, it in enumerate(documents)]
    (found,) = report(deployment(role(Policies=written), FUNCTION), uses)
    return found


def use(action: str, target: str, outcome: str = ALLOWED, missing_in: str = "") -> Use:
    return Use(ROLE_ARN, "Worker", action, target, outcome, missing_in)


@settings(max_examples=60, deadline=None)
@given(documents=st.lists(policies, min_size=1, max_size=3), made=calls)
def test_the_smallest_policy_allows_just_what_was_seen(
    documents: list[dict[str, Any]], made: list[tuple[Call, dict[str, str]]]
) -> None:
    before = Role(*documents)
    allowed = [(call, context) for call, context in made if before.may(call, context)]
    uses = {use(action, counted_resource(target)) for (action, target), _ in allowed}
    found: Any = reported(documents, uses).smallest_policy
    if found is None:
        assert not allowed
        return
    after = Role(found)
    for call, context in allowed:
        assert after.may(call, context), (found, call, context)
    narrow = [it for it in found["Statement"] if not _is_kept_whole(it)]
    as_seen = Role({**found, "Statement": narrow}) if narrow else Role()
    for call, context in product(CALLS, CONTEXTS):
        if after.may(call, context):
            assert before.may(call, context), (found, call)
        if as_seen.may(call, context):
            assert any(_is_about(it, call) for it in uses), (found, call)


def _is_kept_whole(statement: Mapping[str, Any]) -> bool:
    """Which resources these are about cannot be told from a use."""
    return "NotResource" in statement or f"${{{TENANT}}}" in json.dumps(statement)


def _is_about(seen: Use, call: Call) -> bool:
    """Calls on objects are kept by their prefix."""
    action, target = call
    by_prefix = seen.resource.endswith("/*") and target.startswith(seen.resource[:-1])
    return seen.action == action and (seen.resource == target or by_prefix)
