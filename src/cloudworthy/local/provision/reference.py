"""The table of supported types in ``docs/resources.md``.

``python -m cloudworthy.local.provision.reference`` prints it.
"""

from __future__ import annotations

import sys

from cloudworthy.local.provision.registry import RESOURCE_TYPES
from cloudworthy.local.provision.resource_type import ResourceType

_HEAD = (
    "| type | where it is | honoured | accepted, no local effect | a change replaces it |\n"
    "|---|---|---|---|---|"
)


def reference_table() -> str:
    """One row a type, as Markdown."""
    rows = [_row(RESOURCE_TYPES[name]) for name in sorted(RESOURCE_TYPES)]
    return "\n".join([_HEAD, *rows])


def _row(kind: ResourceType) -> str:
    cells = [f"`{kind.name}`", _place(kind)]
    cells += [_names(it) for it in (kind.honoured, kind.inert, kind.replaced_by)]
    return f"| {' | '.join(cells)} |"


def _place(kind: ResourceType) -> str:
    if kind.declared_only:
        return "declared only"
    return "engine" if kind.in_engine else "runtime"


def _names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"


if __name__ == "__main__":
    sys.stdout.write(reference_table() + "\n")
