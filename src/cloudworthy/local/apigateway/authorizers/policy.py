"""What the IAM policy that a Lambda authorizer returned says about one method of an API.

Source: Amazon API Gateway developer guide, "Output from an API Gateway Lambda authorizer", and
IAM user guide, "Policy evaluation logic" (documented).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from cloudworthy.local.apigateway.arn_pattern import matches

INVOKE = "execute-api:Invoke"
INVALIDATE_CACHE = "execute-api:InvalidateCache"
_KNOWN = frozenset({"Action", "Effect", "Principal", "Resource", "Sid"})


class PolicyError(Exception):
    """The document is not a policy, or says what is not evaluated here."""


class PolicyDecision(StrEnum):
    """What a policy says; without a matching statement a call is not allowed."""

    ALLOWED = "allowed"
    EXPLICITLY_DENIED = "explicitly denied"
    NOT_ALLOWED = "not allowed"


def evaluate_policy(document: object, method_arn: str, *, action: str = INVOKE) -> PolicyDecision:
    """Decide whether the caller may invoke a method, or do something else with it.

    Every statement is read before one is followed, so that a fault of the document never
    depends on which method is called; an explicit Deny then comes before any Allow.

    Parameters
    ----------
    document
        The ``policyDocument`` of the authorizer's answer, as parsed JSON.
    method_arn
        ``arn:aws:execute-api:<region>:<account>:<api>/<stage>/<verb>/<path>``.
    action
        What the caller wants to do.

    Raises
    ------
    PolicyError
        It is malformed, or has an element that is not evaluated here (``Condition``,
        ``NotAction``, ``NotResource``): fail closed.
    """
    effects = {
        statement["Effect"]
        for statement in list(_statements(document))
        if _matches(statement, method_arn, action)
    }
    if "Deny" in effects:
        return PolicyDecision.EXPLICITLY_DENIED
    return PolicyDecision.ALLOWED if "Allow" in effects else PolicyDecision.NOT_ALLOWED


def _statements(document: object) -> Iterator[Mapping[str, Any]]:
    if not isinstance(document, dict) or "Statement" not in document:
        raise PolicyError("the policy document has no Statement")
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        _check(statement)
        yield statement


def _check(statement: object) -> None:
    if not isinstance(statement, dict):
        raise PolicyError("a Statement is not an object")
    unknown = sorted(set(statement) - _KNOWN)
    if unknown:
        raise PolicyError(f"a Statement has {', '.join(unknown)}, which is not evaluated here")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(f"Effect is {statement.get('Effect')!r}, not Allow or Deny")
    for name in ("Action", "Resource"):
        if not _texts(statement.get(name)):
            raise PolicyError(f"a Statement has no {name}")


def _matches(statement: Mapping[str, Any], method_arn: str, action: str) -> bool:
    acts = any(matches(pattern.lower(), action.lower()) for pattern in _texts(statement["Action"]))
    return acts and any(matches(pattern, method_arn) for pattern in _texts(statement["Resource"]))


def _texts(value: object) -> list[str]:
    """A text or a list of texts; nothing for anything else."""
    values: list[Any] = value if isinstance(value, list) else [value]
    return values if all(isinstance(item, str) for item in values) else []
