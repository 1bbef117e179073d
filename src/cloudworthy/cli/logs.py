"""``cloudworthy logs``: what the functions of a stack have logged."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
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
    for group, event in sorted(_read(store, names), key=lambda found: found[1].timestamp_ms):
        _print(event, names[group] if len(names) > 1 else "", as_json=as_json)
    if follow:
        for group, event in _follow(store, names):
            _print(event, names[group] if len(names) > 1 else "", as_json=as_json)


def _read(store: LogStore, groups: Iterable[str]) -> Iterator[tuple[str, LogEvent]]:
    for group in groups:
        for event in store.read(group):
            yield group, event


def _follow(store: LogStore, groups: Mapping[str, str]) -> Iterator[tuple[str, LogEvent]]:
    """New events of all groups, in turn."""
    followed = {group: store.follow(group, sleep=lambda _seconds: None) for group in groups}
    while True:
        for group, events in followed.items():
            while (event := next(events)) is not None:
                yield group, event
        time.sleep(_POLL_S)


def _print(event: LogEvent, source: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"function": source, **asdict(event)} if source else asdict(event)))
        return
    moment = datetime.fromtimestamp(event.timestamp_ms / 1000, UTC).astimezone()
    prefix = f"{moment:%H:%M:%S}.{event.timestamp_ms % 1000:03d} "
    prefix += f"{source} " if source else ""
    click.echo(f"{prefix}{event.message.rstrip()}")
