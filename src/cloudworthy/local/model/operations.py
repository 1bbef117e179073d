"""A service of AWS that the runtime answers for, whatever protocol its callers speak."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Operations = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Carries out an operation by its name, with its parameters, and gives what it answers.

In parameters of the query protocol every scalar is a text.
"""


class OperationError(Exception):
    """An operation fails in the way that AWS documents.

    Parameters
    ----------
    code
        As the query protocol words it, e.g. ``InvalidParameterValue``.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
