from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_api.deadline import Deadline

ATTEMPTS = 4
_FIRST_WAIT_S = 0.05


class Repeats:
    """How often, after which wait and until when a call that did not succeed is made again.

    Whether it may be is for the caller to know. The SDKs' own repeats know of no deadline, and
    pydynox's wait a second and more for a table that was busy for a moment.

    Each wait is anywhere between nothing and twice the longest one before, so that callers who
    were turned away together do not come back together.

    Source: AWS Builders' Library, "Timeouts, retries, and backoff with jitter" (documented).
    """

    def __init__(
        self,
        deadline: Deadline,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._deadline = deadline
        self._sleep = sleep
        self._jitter = jitter

    def wait(self, attempts: int, longest_s: float) -> bool:
        """Wait before another attempt, if there should be one.

        Parameters
        ----------
        attempts
            How many there were.
        longest_s
            What one attempt takes at the worst. One that could not end in time is not begun.
        """
        if attempts >= ATTEMPTS:
            return False
        wait_s = _FIRST_WAIT_S * 2 ** (attempts - 1) * self._jitter()
        if self._deadline.left_s() < wait_s + longest_s:
            return False
        self._sleep(wait_s)
        return True
