"""The header that carries a trace from service to service.

Source: AWS X-Ray developer guide, "Tracing header" (documented).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_PARENT = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class TraceHeader:
    root: str
    parent: str
    sampled: bool

    @classmethod
    def parse(cls, text: str) -> TraceHeader:
        """Read `Root=1-5f...;Parent=53...;Sampled=1`; a header without ids is not sampled."""
        parts = dict(part.strip().partition("=")[::2] for part in text.split(";"))
        root, parent = parts.get("Root", ""), parts.get("Parent", "")
        complete = _ROOT.fullmatch(root) and _PARENT.fullmatch(parent)
        return cls(root, parent, bool(complete) and parts.get("Sampled") == "1")
