"""``cloudworthy logs``: what the functions of a stack have logged."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from cloudworthy.cli.functions import find_function
from cloudworthy.cli.options import json_option, stack_option, state_option
from cloudworthy.local.instance import find_instance
from cloudworthy.local.observe.logs import LogEvent, LogStore

_POLL_S = 0.1


@click.command()
@click.argument("function", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@stack_option
@state_option
@json_option
def logs(
    function: str | None, stack_name: str | None, state_root: Path, *, follow: bool, as_json: bool
) -> None:
    """Print the log events of FUNCTION (a construct path or logical id), or of all."""
    instance = find_instance(state_root, stack_name)
    functions = instance.last_address()["functions"]
    if function is not None:
        functions = [find_function(functions, function)]
    names = {f["log_group"]: f["logical_id"] for f in functions}
    store = LogStore(instance.directory / "logs")
    sources = {names[group]: store.follow(group) for group in names}
    while True:
        for source, event in sorted(_new(sources), key=lambda found: found[1].timestamp_ms):
            _print(event, source if len(names) > 1 else "", as_json=as_json)
        if not follow:
            return
        time.sleep(_POLL_S)


def _new(sources: Mapping[str, Iterator[LogEvent | None]]) -> Iterator[tuple[str, LogEvent]]:
    """What there is of each by now, with where it comes from."""
    for source, events in sources.items():
        while (event := next(events)) is not None:
            yield source, event


def _print(event: LogEvent, source: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"function": source, **asdict(event)} if source else asdict(event)))
        return
    moment = datetime.fromtimestamp(event.timestamp_ms / 1000, UTC).astimezone()
    prefix = f"{moment:%H:%M:%S}.{event.timestamp_ms % 1000:03d} "
    prefix += f"{source} " if source else ""
    click.echo(f"{prefix}{event.message.rstrip()}")
