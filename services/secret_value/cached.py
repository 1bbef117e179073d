from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_FRESH_S = 120.0
_LOOK_AGAIN_S = 3.0


class CachedSecret:
    """A secret that is read when it is first needed and when what is known of it is too old.

    Parameters
    ----------
    read
        Reads the value; what it raises goes through, and nothing old is used in its place.
    fresh_s
        How long a value is used without another look: so long does a value that has been
        replaced live on.
    look_again_s
        How often, at the most, somebody with a value that is not the known one may cause a read.
    """

    def __init__(
        self,
        read: Callable[[], str],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        fresh_s: float = _FRESH_S,
        look_again_s: float = _LOOK_AGAIN_S,
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._fresh_s = fresh_s
        self._look_again_s = look_again_s
        self._value: str | None = None
        self._read_at = 0.0

    def current(self) -> str:
        """The value as far as it is known."""
        if self._value is None or self._age_s() >= self._fresh_s:
            return self._read_now()
        return self._value

    def fits(self, check: Callable[[str], bool]) -> bool:
        """Whether the value passes a check; one that fails may be old, and is read again."""
        if check(self.current()):
            return True
        return self._age_s() >= self._look_again_s and check(self._read_now())

    def _age_s(self) -> float:
        return self._monotonic() - self._read_at

    def _read_now(self) -> str:
        """Note the time before the read: a rotation during it must not go unseen for longer."""
        started = self._monotonic()
        self._value = None
        self._value = self._read()
        self._read_at = started
        return self._value
