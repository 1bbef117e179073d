"""What an API's resource policy says about a request."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping

from cloudworthy.local.apigateway.arn_pattern import matches
from cloudworthy.local.apigateway.authorizers.policy import INVOKE, PolicyDecision
from cloudworthy.local.apigateway.definition import Condition, PolicyStatement
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.model.arns import partition_of


def decide(
    policy: tuple[PolicyStatement, ...], exchange: Exchange, action: str = INVOKE
) -> PolicyDecision:
    """The policy's decision about the caller of a request; an explicit Deny comes first.

    Source: IAM user guide, "Policy evaluation logic" (documented).
    """
    values = _values(exchange)
    names = _names(exchange)
    effects = {
        statement.effect
        for statement in policy
        if _applies(statement, action, exchange.method_arn, names)
        and all(_holds(condition, values.get(condition.key)) for condition in statement.conditions)
    }
    if "Deny" in effects:
        return PolicyDecision.EXPLICITLY_DENIED
    return PolicyDecision.ALLOWED if "Allow" in effects else PolicyDecision.NOT_ALLOWED


def _applies(statement: PolicyStatement, action: str, resource: str, names: frozenset[str]) -> bool:
    return (
        any(matches(pattern, action.lower()) for pattern in statement.actions)
        and any(matches(pattern, resource) for pattern in statement.resources)
        and not names.isdisjoint(statement.principals)
    )


def _names(exchange: Exchange) -> frozenset[str]:
    """Everything that a policy may call the caller by."""
    signer = exchange.caller.signer if exchange.caller else None
    if signer is None:
        return frozenset({"*"})
    partition = partition_of(exchange.api.definition.region)
    root = f"arn:{partition}:iam::{signer.account}:root"
    return frozenset({"*", signer.arn, signer.role_arn or signer.arn, signer.account, root})


def _values(exchange: Exchange) -> Mapping[str, str]:
    """The request's values of condition keys; what it does not have is left out.

    A call always counts as one over TLS, since it does on AWS.
    """
    signer = exchange.caller.signer if exchange.caller else None
    values = {
        "aws:sourceip": exchange.request.client_ip,
        "aws:securetransport": "true",
        "aws:useragent": exchange.headers.get("user-agent"),
        "aws:referer": exchange.headers.get("referer"),
        "aws:principalarn": (signer.role_arn or signer.arn) if signer else None,
        "aws:principalaccount": signer.account if signer else None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _holds(condition: Condition, value: str | None) -> bool:
    """Whether a condition is met.

    Source: IAM user guide, "IAM JSON policy elements: Condition operators" (documented): a
    missing key meets a negated operator and one that ends with IfExists.
    """
    negated = "Not" in condition.operator
    if condition.operator == "Null":
        return (value is None) is (condition.values == ("true",))
    if value is None:
        return negated or condition.if_exists
    test = _TESTS[condition.operator.replace("Not", "")]
    return any(test(wanted, value) for wanted in condition.values) is not negated


def _same(wanted: str, value: str) -> bool:
    return wanted == value


def _same_ignoring_case(wanted: str, value: str) -> bool:
    return wanted.casefold() == value.casefold()


def _in_network(wanted: str, value: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": _same_ignoring_case,
    "IpAddress": _in_network,
    "StringEquals": _same,
    "StringEqualsIgnoreCase": _same_ignoring_case,
    "StringLike": matches,
}
