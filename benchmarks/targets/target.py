"""What every measured server looks like to the measurements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from benchmarks.results import ProcessMemory


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an API is; paths are appended to ``base_url``."""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.base_url).port or 80

    @property
    def base_path(self) -> str:
        return urlsplit(self.base_url).path.rstrip("/")


class Target(Protocol):
    """A server of the items API, run as child processes."""

    name: str

    def start(self) -> Endpoint:
        """Start it and return once it answers requests that reach the table."""

    def stop(self) -> None:
        """End every process of it; harmless when it is not running."""

    def memory(self) -> Sequence[ProcessMemory]:
        """What each of its processes holds now."""


@contextmanager
def running(target: Target) -> Iterator[Endpoint]:
    try:
        yield target.start()
    finally:
        target.stop()
