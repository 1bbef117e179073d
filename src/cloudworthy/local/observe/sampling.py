"""Which requests are traced when no caller has decided."""

from __future__ import annotations

import math
from collections.abc import Callable

from cloudworthy.local.model.clock import Clock

_RATE = 0.05


class DefaultSamplingRule:
    """X-Ray's default rule: the first request of each second, and 5 % of the others.

    The first of a second is the rule's reservoir, which all who use the rule share; so one
    object serves every stage and function.

    Parameters
    ----------
    uniform
        Gives numbers from 0 up to 1.

    Source: AWS X-Ray developer guide, "Configuring sampling rules" (documented).
    """

    def __init__(self, clock: Clock, uniform: Callable[[], float]) -> None:
        self._clock = clock
        self._uniform = uniform
        self._second = -1

    def __call__(self) -> bool:
        second = math.floor(self._clock.monotonic_s())
        if second != self._second:
            self._second = second
            return True
        return self._uniform() < _RATE
