"""The check of wildcards, wherever a template keeps the policy of an identity."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.proof.wildcards import wildcards

STATEMENT = {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::reports/*"}
DOCUMENTS = {"one statement": {"Statement": STATEMENT}, "a list": {"Statement": [STATEMENT]}}
ALONE = ("Policy", "ManagedPolicy", "RolePolicy", "UserPolicy", "GroupPolicy")
INLINE = ("Role", "User", "Group")


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=list(DOCUMENTS))
@pytest.mark.parametrize("kind", [*ALONE, *INLINE])
def test_every_action_is_found(kind: str, document: dict[str, Any]) -> None:
    properties: dict[str, Any] = {"PolicyDocument": document}
    if kind in INLINE:
        properties = {"Policies": [{"PolicyName": "All", **properties}]}
    resource = {"Type": f"AWS::IAM::{kind}", "Properties": properties}
    (finding,) = wildcards({"Resources": {"Careless": resource}})
    assert (finding.rule, finding.resource) == ("wildcard-action", "Careless")


@pytest.mark.parametrize("kind", INLINE)
def test_an_identity_without_a_policy_has_no_finding(kind: str) -> None:
    assert not list(wildcards({"Resources": {"Careful": {"Type": f"AWS::IAM::{kind}"}}}))
