"""Checks that run side by side, and an answer that is kept for a moment.

The route is open to everyone. A kept answer means that however often it is called, AWS is asked
at most once a second by each execution environment.
"""

from __future__ import annotations

import contextvars
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.answer import Answer
from observability.logger import described

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools import Logger

    Check = Callable[[], None]

UNREACHABLE = "no answer in time"
REFUSED = "refused"
BUSY = "busy"
FAILING = "failing"
MISSING = "missing"

_FRESH_S = 1.0


class CheckFailedError(Exception):
    """What was looked at cannot be used; the message is for everyone, and names nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    healthy: bool
    latency_ms: float
    reason: str | None = None

    def document(self) -> dict[str, Any]:
        status = "healthy" if self.healthy else "unhealthy"
        document: dict[str, Any] = {"status": status, "latency_ms": self.latency_ms}
        return {**document, "reason": self.reason} if self.reason else document


class Health:
    """Runs the checks by name."""

    def __init__(
        self,
        checks: Mapping[str, Check],
        logger: Logger,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = checks
        self._logger = logger
        self._monotonic = monotonic
        self._verdicts: dict[str, Verdict] = {}
        self._checked_at: float | None = None

    def verdicts(self) -> Mapping[str, Verdict]:
        now = self._monotonic()
        if self._checked_at is None or now - self._checked_at >= _FRESH_S:
            self._verdicts = self._run()
            self._checked_at = now
        return self._verdicts

    def answer(self) -> Answer:
        """What the health route answers."""
        verdicts = self.verdicts()
        healthy = all(verdict.healthy for verdict in verdicts.values())
        document = {
            "status": "healthy" if healthy else "unhealthy",
            "checks": {name: verdict.document() for name, verdict in verdicts.items()},
        }
        if healthy:
            return Answer(200, document)
        return Answer(503, document, {"Retry-After": "1"})

    def _run(self) -> dict[str, Verdict]:
        found: dict[str, Verdict] = {}

        def run(name: str, check: Check) -> None:
            found[name] = self._verdict(name, check)

        threads = []
        for name, check in self._checks.items():
            context = contextvars.copy_context()
            threads.append(threading.Thread(target=context.run, args=(run, name, check)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {name: found[name] for name in self._checks}

    def _verdict(self, name: str, check: Check) -> Verdict:
        """One check; an exception in a thread would otherwise be lost."""
        started = self._monotonic()
        reason = None
        try:
            check()
        except CheckFailedError as error:
            reason = self._log(name, error, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the part is not healthy
            reason = self._log(name, error, "check failed")
        latency_ms = round((self._monotonic() - started) * 1000, 1)
        return Verdict(reason is None, latency_ms, reason)

    def _log(self, name: str, error: Exception, reason: str) -> str:
        exception = described(error)
        self._logger.error("health check failed", check=name, reason=reason, exception=exception)
        return reason
