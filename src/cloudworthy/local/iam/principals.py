"""Whether a statement of a resource policy is about a caller, and how directly.

Source: IAM user guide, "IAM JSON policy elements: Principal" and "NotPrincipal", "Policy
evaluation for requests within a single account" (documented).
"""

from __future__ import annotations

import enum
import re

from cloudworthy.local.iam.pattern import is_everything
from cloudworthy.local.iam.policy import PrincipalElement, PrincipalEntry
from cloudworthy.local.model.identity import Principal

_ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12})(:root)?")
_SESSION = re.compile(r"arn:([^:]+):sts::(\d{12}):assumed-role/([^/]+)/.+")
_ROLE = re.compile(r"arn:([^:]+):iam::(\d{12}):role/(?:.*/)?([^/]+)")


class Match(enum.IntEnum):
    """How a statement names a caller; the greater, the more directly."""

    NONE = 0
    ACCOUNT = 1
    """By its account, which then decides by its own identity policies."""
    ROLE = 2
    """By the role of its session: a permissions boundary still limits it."""
    DIRECT = 3
    """Itself, or everyone: neither a boundary nor a session policy limits it."""


def is_service(principal: Principal) -> bool:
    """Whether the caller is an AWS service, e.g. ``s3.amazonaws.com``."""
    return principal.arn != "" and not principal.arn.startswith("arn:")


def is_root(principal: Principal) -> bool:
    """Whether the caller is the root of an account, whom no identity policy limits."""
    return principal.arn.endswith(":root") and ":iam::" in principal.arn


class PrincipalMatcher:
    """The ``Principal`` or ``NotPrincipal`` of a statement, ready to be compared."""

    __slots__ = ("_entries", "_negated")

    def __init__(self, element: PrincipalElement | None) -> None:
        self._entries = element.entries if element else ()
        self._negated = element is not None and element.negated

    @property
    def negated(self) -> bool:
        return self._negated

    def match(self, principal: Principal) -> Match:
        best = max((_match(entry, principal) for entry in self._entries), default=Match.NONE)
        if self._negated:
            return Match.DIRECT if best is Match.NONE else Match.NONE
        return best


def _match(entry: PrincipalEntry, principal: Principal) -> Match:
    if entry.type != "AWS":
        return Match.DIRECT if entry.value == principal.arn != "" else Match.NONE
    if is_everything(entry.value):
        return Match.DIRECT
    account = _account_named(entry.value)
    if account:
        return Match.ACCOUNT if account == principal.account else Match.NONE
    if _is_role_of(entry.value, principal):
        return Match.ROLE
    return Match.DIRECT if entry.value == principal.arn else Match.NONE


def _account_named(value: str) -> str:
    found = _ACCOUNT.fullmatch(value)
    if found is None or value.startswith("arn:") != bool(found.group(2)):
        return ""
    return found.group(1)


def _is_role_of(role_arn: str, principal: Principal) -> bool:
    """Whether a session is one of a role; its ARN leaves out the role's path."""
    if principal.role_arn:
        return role_arn == principal.role_arn
    session = _SESSION.fullmatch(principal.arn)
    role = _ROLE.fullmatch(role_arn)
    return session is not None and role is not None and session.groups() == role.groups()
