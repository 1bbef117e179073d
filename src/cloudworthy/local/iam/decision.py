"""Whether a principal may make a call: the seam between the AWS endpoint and IAM."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal


@dataclass(frozen=True, slots=True)
class ApiCall:
    """What is asked for; the request is there for the resource it names."""

    principal: Principal
    service: str
    """The name requests are signed for, e.g. ``dynamodb``, ``s3``, ``monitoring``."""
    operation: str
    region: str
    request: Request
    content_type: str = ""
    """Of the service's protocol, which says how to read the request."""
    implied: bool = False
    """Whether it is asked for another call's sake, e.g. whether who misses an object may list the
    bucket: a service of AWS that may not has lost nothing, and nobody is told."""
    via: str = ""
    """The service that makes the call in the caller's name, e.g. ``s3`` where it uses a key."""


@dataclass(frozen=True, slots=True)
class ApiInvocation:
    """A signed request to an API of API Gateway, which is no call of the AWS endpoint."""

    principal: Principal
    method_arn: str
    """``arn:aws:execute-api:<region>:<account>:<api>/<stage>/<verb>/<path>``."""
    region: str
    request: Request
    granted: bool = False
    """Whether the API's own policy lets the caller in; that it keeps nobody out is known."""
    action: str = "execute-api:Invoke"


class KeyObstacle(enum.Enum):
    """Why a service cannot use the key of what a call is about in the caller's name."""

    ACCESS_DENIED = "access denied"
    DISABLED = "disabled"
    INVALID_STATE = "invalid state"


@dataclass(frozen=True, slots=True)
class Decision:
    allowed: bool
    message: str = ""
    """AWS's sentence for the caller when the call is denied."""
    key: KeyObstacle | None = None
    """What of a key stands in the way, where it is not the call itself."""


class CallDecider(Protocol):
    """Decides on each call of the AWS endpoint before it reaches an engine."""

    async def decide(self, call: ApiCall) -> Decision: ...


class Decider(CallDecider, Protocol):
    """Decides on calls of the AWS endpoint and of APIs."""

    @property
    def description(self) -> str:
        """One sentence for the person at the machine, printed at start."""
        ...

    async def decide_invocation(self, invocation: ApiInvocation) -> Decision: ...


_ALLOWED = Decision(allowed=True)


class AllowAll:
    """Lets every call through: calls are attributed to roles, but not decided on."""

    description = (
        "IAM: every call is allowed. Calls are attributed to the role that makes them; "
        "the role's policies are not evaluated."
    )

    async def decide(self, call: ApiCall) -> Decision:  # noqa: ARG002 - the Protocol's
        return _ALLOWED

    async def decide_invocation(
        self,
        invocation: ApiInvocation,  # noqa: ARG002 - the Protocol's
    ) -> Decision:
        return _ALLOWED
