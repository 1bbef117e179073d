"""Parameters as the protocols give them: typed, or as texts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from cloudworthy.local.model.operations import OperationError

T = TypeVar("T")


def required(parameters: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - as it was sent
    """A parameter that must be there.

    Raises
    ------
    OperationError
    """
    value = parameters.get(name)
    if value in (None, "", []):
        message = f"The parameter {name} is required."
        raise OperationError("MissingParameter", message)
    return value


def number(parameters: Mapping[str, Any], name: str) -> float:
    """A finite number."""
    return finite(
        parameters[name] if parameters.get(name) == 0 else required(parameters, name), name
    )


def finite(value: object, name: str) -> float:
    """A value as a finite number."""
    try:
        result = float(str(value))
    except ValueError:
        result = math.nan
    if not math.isfinite(result):
        raise invalid(name, f"must be a number: {value}")
    return result


def whole(parameters: Mapping[str, Any], name: str, default: int) -> int:
    return int(number(parameters, name)) if parameters.get(name) is not None else default


def moment_s(parameters: Mapping[str, Any], name: str) -> float:
    """A time, in seconds since 1970."""
    value = required(parameters, name)
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, int | float):
        return float(value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid(name, f"must be a timestamp: {value}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def date(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)


def page(
    items: Sequence[T], parameters: Mapping[str, Any], most: int
) -> tuple[list[T], str | None]:
    """One page of a list, and the token of the next one."""
    size = min(whole(parameters, "MaxRecords", most), most)
    try:
        start = int(parameters.get("NextToken") or 0)
    except ValueError:
        raise OperationError("InvalidNextToken", "The next token specified is invalid.") from None
    end = start + size
    return list(items[start:end]), str(end) if end < len(items) else None


def with_token(answer: dict[str, Any], token: str | None) -> dict[str, Any]:
    return answer if token is None else {**answer, "NextToken": token}


def invalid(name: str, what: str) -> OperationError:
    return OperationError("InvalidParameterValue", f"The parameter {name} {what}.")
