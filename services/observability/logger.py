"""JSON log lines: Powertools' logger, with what every line of ours carries.

A line never carries a body, a header or a credential. Of an exception it carries the type and
the place; the message only where that quotes no value, for messages of built-in exceptions do.
"""

from __future__ import annotations

import sys
import traceback
from typing import IO, TYPE_CHECKING

from aws_lambda_powertools import Logger

if TYPE_CHECKING:
    from collections.abc import Mapping


def service_name(environment: Mapping[str, str]) -> str:
    return environment.get("POWERTOOLS_SERVICE_NAME", "service")


def json_logger(environment: Mapping[str, str], stream: IO[str] | None = None) -> Logger:
    """A logger of the service, to standard output unless told otherwise.

    Powertools adds the X-Ray trace id of the invocation to each line.
    """
    return Logger(
        service=service_name(environment),
        level=environment.get("LOG_LEVEL", "INFO"),
        stream=stream or sys.stdout,
        use_rfc3339=True,
        utc=True,
        location=None,
    )


def described(
    error: BaseException, tellable: tuple[type[BaseException], ...] = ()
) -> dict[str, object]:
    """An exception for the log, with its causes; with its message if that is `tellable`."""
    document: dict[str, object] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "stack": [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ],
    }
    if isinstance(error, tellable):
        document["message"] = str(error)
    if error.__cause__ is not None:
        document["cause"] = described(error.__cause__, tellable)
    return document
