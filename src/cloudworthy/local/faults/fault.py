"""One fault on demand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cloudworthy.local.model.faults import Effect


@dataclass(frozen=True, slots=True)
class Fault:
    """Which calls are hit, how often, for how long, and what becomes of them.

    What is empty is no condition: a fault without ``resource`` hits calls about any.
    """

    fault_id: str
    target: str
    """The signing name of a service, or ``lambda`` for invocations of functions."""
    effect: Effect
    resource: str = ""
    """A logical id, a physical name or an ARN."""
    operation: str = ""
    """As the service's API names it, e.g. ``PutItem``."""
    caller: str = ""
    """The function that makes the call, named as a resource is."""
    rate: float = 1.0
    """The share of those calls that is hit."""
    delay_ms: int = 0
    """How long a call waits; of ``SLOW`` only."""
    until: datetime | None = None
    """It hits nothing from then on."""
    for_s: float | None = None
    """The same as seconds from the start of the stack, before it has started."""

    def started(self, now: datetime) -> Fault:
        """The fault as it is kept from the start on."""
        if self.for_s is None:
            return self
        return replace(self, until=now + timedelta(seconds=self.for_s), for_s=None)

    def is_over(self, now: datetime) -> bool:
        return self.until is not None and now >= self.until

    def as_json(self) -> dict[str, Any]:
        """In the form of ``faults.json``; conditions that there are not are left out."""
        return dict(self._members())

    def _members(self) -> Iterator[tuple[str, Any]]:
        yield "id", self.fault_id
        yield "target", self.target
        for name in ("resource", "operation", "caller"):
            if getattr(self, name):
                yield name, getattr(self, name)
        yield "effect", self.effect.value
        if self.effect is Effect.SLOW:
            yield "delay_ms", self.delay_ms
        if self.rate != 1:
            yield "rate", self.rate
        if self.until is not None:
            yield "until", self.until.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self.for_s is not None:
            yield "for_s", self.for_s

    def __str__(self) -> str:
        """``dynamodb PutItem on ItemsTable by ApiFunction: throttle, rate 0.5``."""
        what = f"{self.target} {self.operation}".rstrip()
        if self.resource:
            what += f" on {self.resource}"
        if self.caller:
            what += f" by {self.caller}"
        effect = f"{self.effect}"
        if self.effect is Effect.SLOW:
            effect += f" by {self.delay_ms} ms"
        return f"{what}: {effect}" + (f", rate {self.rate:g}" if self.rate != 1 else "")
