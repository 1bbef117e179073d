"""What a fault on demand does to one call, and who decides it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cloudworthy.local.model.functions import Function


class Effect(StrEnum):
    """What becomes of a call that a fault hits."""

    THROTTLE = "throttle"
    """It is refused as one too many, and not carried out."""
    FAIL = "fail"
    """It fails in the service, and is not carried out."""
    SLOW = "slow"
    """It waits before it is carried out."""
    LOSE_ANSWER = "lose-answer"
    """It is carried out, and its caller never hears of it."""


@dataclass(frozen=True, slots=True)
class Strike:
    """What becomes of one call: a wait, which may be none, and then an effect other than it."""

    delay_s: float = 0.0
    effect: Effect | None = None


UNHARMED = Strike()


class InvocationFaults(Protocol):
    """Decides what becomes of the events of functions."""

    def of_invocation(self, function: Function) -> Strike:
        """What becomes of the event that this function is about to get."""
        ...


class NoInvocationFaults:
    """Harms nothing."""

    def of_invocation(self, function: Function) -> Strike:  # noqa: ARG002 - the Protocol's
        return UNHARMED
