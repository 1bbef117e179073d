"""``X-Amzn-Trace-Id``: where a request stands in its trace."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cloudworthy.local.model.records import Sampler

HEADER = "X-Amzn-Trace-Id"


@dataclass(slots=True)
class Trace:
    """Where a request stands in its trace.

    ``parent_id`` is the caller's segment; ``call_id`` the id under which the function sees
    the gateway's call of it.
    """

    root: str
    segment_id: str
    call_id: str
    parent_id: str = ""
    sampled: str = ""
    """``1`` or ``0`` as the caller decided, or else the stage if it traces; empty until then."""
    incoming: str = ""

    @property
    def event_header(self) -> str:
        """What the function's event shows as the request's own header."""
        return self.incoming or f"Root={self.root}"

    def is_sampled(self, *, tracing: bool) -> bool:
        """Whether the stage records this request."""
        return tracing and self.sampled == "1"

    def decide(self, sampler: Sampler) -> None:
        """Decide for a stage with tracing, unless the caller has."""
        if not self.sampled:
            self.sampled = "1" if sampler() else "0"

    def to_function(self, *, tracing: bool) -> str:
        """The header of the call to the function.

        What nobody has decided is left out, so that a function with active tracing still
        decides for itself behind a stage without tracing.
        """
        parent_id, sampled = self._decided(tracing=tracing)
        fields = {"Root": self.root, "Parent": parent_id, "Sampled": sampled}
        return ";".join(f"{name}={value}" for name, value in fields.items() if value)

    def to_client(self, *, tracing: bool) -> str:
        """The header of the answer, always with all three fields.

        Source: rest-mock-cors-004 (recorded 2024-08-07).
        """
        parent_id, sampled = self._decided(tracing=tracing)
        return f"Root={self.root};Parent={parent_id or self.call_id};Sampled={sampled or '0'}"

    def _decided(self, *, tracing: bool) -> tuple[str, str]:
        if self.is_sampled(tracing=tracing):
            return self.call_id, "1"
        return self.parent_id, self.sampled


def _decision(value: str) -> str:
    """Anything else, as the ``?`` that asks for a decision, is none."""
    return value if value in {"0", "1"} else ""


def start_trace(header: str | None, epoch_s: int) -> Trace:
    """Continue the caller's trace, or begin one when it names no root."""
    ids = os.urandom(16).hex()
    if header:
        fields = dict(part.strip().partition("=")[::2] for part in header.split(";"))
        if fields.get("Root"):
            return Trace(
                root=fields["Root"],
                segment_id=ids[:16],
                call_id=ids[16:],
                parent_id=fields.get("Parent", ""),
                sampled=_decision(fields.get("Sampled", "")),
                incoming=header,
            )
    return Trace(f"1-{epoch_s:08x}-{os.urandom(12).hex()}", ids[:16], ids[16:])
