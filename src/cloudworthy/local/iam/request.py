"""What is decided on: who wants to do what with which resources, and in which circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cloudworthy.local.model.identity import Principal

ContextValue = str | tuple[str, ...]
"""One value, or a tuple for a key that can have several, e.g. ``aws:TagKeys``."""

ANONYMOUS = Principal(arn="", account="")
"""A caller without credentials."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One action on resources; every one of the resources has to be allowed.

    Parameters
    ----------
    principal
        A session of a role, a user, the root of an account, :data:`ANONYMOUS`, or a service:
        then its ARN is the service's name, e.g. ``s3.amazonaws.com``, and the account is empty.
    action
        With the service's prefix, e.g. ``dynamodb:GetItem``.
    resources
        ARNs, or ``*`` for an action that takes no resource, e.g. ``s3:ListAllMyBuckets``.
    context
        Condition keys; upper and lower case make no difference.
    resource_account
        Who owns the resources. Without it that is read from the ARN, and what has no account in
        its ARN, e.g. a bucket, is the principal's own.
    """

    principal: Principal
    action: str
    resources: tuple[str, ...]
    context: Mapping[str, ContextValue]
    resource_account: str = ""

    def __post_init__(self) -> None:
        if not self.resources:
            raise ValueError(f"{self.action}: found no resource, expected an ARN or *")

    def account_of(self, resource: str) -> str:
        """The account that owns a resource of this request."""
        if self.resource_account:
            return self.resource_account
        segments = resource.split(":", 5)
        in_arn = segments[4] if len(segments) == 6 else ""
        return in_arn or self.principal.account


class Context:
    """Condition keys of one request, by their names in lower case."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, ContextValue]) -> None:
        self._values = {key.lower(): value for key, value in values.items()}

    def get(self, key: str) -> ContextValue | None:
        """The value of a key given in lower case."""
        return self._values.get(key)

    def single(self, key: str) -> str | None:
        """The value of a key if it has exactly one that is not empty, as variables need it."""
        value = self._values.get(key)
        return value if isinstance(value, str) and value else None
