"""Progress on stderr: what is being done, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

_WIDTH = 46


class StderrProgress:
    """One line a step, plain enough for a log file."""

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self._line(what, "failed", "red")
            raise
        self._line(what, f"{time.monotonic() - started:.2f} s", "green")

    def say(self, text: str) -> None:
        click.echo(f"  {text}", err=True)

    def warn(self, text: str) -> None:
        click.secho(f"! {text}", fg="yellow", err=True)

    def _line(self, what: str, result: str, colour: str) -> None:
        click.echo(f"  {what:{_WIDTH}}", err=True, nl=False)
        click.secho(f" {result}", fg=colour, err=True)
