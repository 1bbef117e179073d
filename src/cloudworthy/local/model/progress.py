"""How the runtime tells the person at the machine what it is doing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Progress(Protocol):
    def step(self, what: str) -> AbstractContextManager[None]:
        """Announce a step, and how long it took once it is over."""
        ...

    def say(self, text: str) -> None:
        """One line of information."""
        ...

    def warn(self, text: str) -> None:
        """One line that the person should act on."""
        ...
