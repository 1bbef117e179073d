"""``X-Amzn-Trace-Id``: where a request stands in its trace."""

from __future__ import annotations

import os
from dataclasses import dataclass

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
    """``1`` or ``0`` as the caller decided; empty when the decision is the stage's."""
    incoming: str = ""

    @property
    def event_header(self) -> str:
        """What the function's event shows as the request's own header."""
        return self.incoming or f"Root={self.root}"

    def is_sampled(self, *, tracing: bool) -> bool:
        """Every request is sampled locally unless the caller said no."""
        return tracing and self.sampled != "0"

    def outgoing(self, *, tracing: bool) -> str:
        """The header of the call to the function, and of the answer to the client.

        Source: rest-mock-cors-004 (recorded 2024-08-07).
        """
        sampled = "1" if self.is_sampled(tracing=tracing) else self.sampled or "0"
        return f"Root={self.root};Parent={self.call_id};Sampled={sampled}"


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
                sampled=fields.get("Sampled", "").replace("?", ""),
                incoming=header,
            )
    return Trace(f"1-{epoch_s:08x}-{os.urandom(12).hex()}", ids[:16], ids[16:])
