"""JSON log lines that say which request they belong to.

A line never carries a body, a header or a credential. Of an exception that is not our own it
carries the type and the place, not the message: messages of built-in exceptions quote values.
"""

from __future__ import annotations

import json
import time
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}


class Logger:
    """Writes one JSON object a line.

    Parameters
    ----------
    write
        Takes a whole line with its end.
    tellable
        Exceptions whose message may be logged.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        write: Callable[[str], object],
        *,
        tellable: tuple[type[BaseException], ...] = (),
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._service = environment.get("POWERTOOLS_SERVICE_NAME", "service")
        self._threshold = _LEVELS.get(environment.get("LOG_LEVEL", "INFO").upper(), 20)
        self._write = write
        self._tellable = tellable
        self._now_s = now_s
        self._context: dict[str, Any] = {}

    def begin(self, **context: object) -> None:
        """Start an invocation: what every one of its lines carries."""
        self._context = context

    def info(self, message: str, **fields: object) -> None:
        self._line("INFO", message, fields)

    def warning(self, message: str, **fields: object) -> None:
        self._line("WARNING", message, fields)

    def failure(self, message: str, error: BaseException, **fields: object) -> None:
        self._line("ERROR", message, {**fields, "exception": self._describe(error)})

    def _line(self, level: str, message: str, fields: Mapping[str, Any]) -> None:
        if _LEVELS[level] < self._threshold:
            return
        line = {
            "timestamp": timestamp(self._now_s()),
            "level": level,
            "message": message,
            "service": self._service,
            **self._context,
            **fields,
        }
        self._write(json.dumps(line, ensure_ascii=False, default=str) + "\n")

    def _describe(self, error: BaseException) -> dict[str, Any]:
        described: dict[str, Any] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "stack": [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ],
        }
        if isinstance(error, self._tellable):
            described["message"] = str(error)
        if error.__cause__ is not None:
            described["cause"] = self._describe(error.__cause__)
        return described


def timestamp(seconds: float) -> str:
    """Point in time as `2026-01-02T03:04:05.678Z`."""
    whole, milliseconds = divmod(int(seconds * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{milliseconds:03}Z"
