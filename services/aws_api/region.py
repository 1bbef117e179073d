from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def region_of(environment: Mapping[str, str]) -> str:
    """The region of a function: Lambda sets both variables, a shell may have only the second."""
    return environment.get("AWS_REGION") or environment["AWS_DEFAULT_REGION"]
