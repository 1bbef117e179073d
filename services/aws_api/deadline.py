from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_S = 14.0
"""API Gateway answers 504 after 29 s. A cold start may take 10 s of them before the function is
called, and one more call of a service, begun at the last moment, takes 5 s."""
_ANSWER_S = 1.0


class Deadline:
    """How long the request in hand may go on asking AWS again.

    A function that is cut off answers nothing, and then the gateway says 504: whoever called
    knows neither what was done nor that it helps to wait. Ending in time, it can say 503.

    Source: API Gateway developer guide, "Quotas for configuring and running a REST API", and AWS
    Lambda developer guide, "Understanding the Lambda execution environment lifecycle": at most
    29 s for an integration, 10 s for the init phase (documented).
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ends_at = math.inf

    def begin(self, context: object) -> None:
        """Start anew, with what the function has left before it times out."""
        remaining_ms = getattr(context, "get_remaining_time_in_millis", None)
        left_s = _MOST_S if remaining_ms is None else remaining_ms() / 1000 - _ANSWER_S
        self._ends_at = self._monotonic() + min(left_s, _MOST_S)

    def left_s(self) -> float:
        """Seconds, 0 or less when there is no more time; infinitely many before any request."""
        return self._ends_at - self._monotonic()
