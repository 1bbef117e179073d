"""What is going on, for who shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cloudworthy.local.provision.plan import Action


class Step(StrEnum):
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of one resource."""

    logical_id: str
    type: str
    action: Action
    step: Step


Report = Callable[[Progress], None]
