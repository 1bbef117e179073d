"""``cloudworthy up``: run a stack until Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import uvloop

from cloudworthy.cli.options import (
    json_option,
    services_endpoint_option,
    stack_option,
    state_option,
)
from cloudworthy.cli.progress import StderrProgress
from cloudworthy.local.engines.platforms import default_tools
from cloudworthy.local.faults.file import read_starting_faults
from cloudworthy.local.instance import CACHE, write_private_json
from cloudworthy.local.local_aws import EngineOptions
from cloudworthy.local.permissions.decider import Mode
from cloudworthy.local.runtime import RuntimeOptions
from cloudworthy.local.session import InterruptedStartError, Session
from cloudworthy.local.synth.app import find_app
from cloudworthy.local.synth.source import AppSource, AssemblySource, StackSource
from cloudworthy.local.synth.synthesizer import Synthesizer
from cloudworthy.local.template.assembly import DEFAULT_REGION, LOCAL_ACCOUNT

_DEFAULT_SYSTEM = "web-app"


@click.command()
@click.argument("system", required=False)
@click.option("--app", "app_command", help='Run another CDK app: its command, "python app.py".')
@click.option(
    "--assembly",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Run a synthesized assembly (cdk.out).",
)
@stack_option
@click.option(
    "--parameter",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a parameter of the template; may be given several times.",
)
@click.option(
    "--port", default=8080, show_default=True, help="First API or site; further ones follow."
)
@click.option("--endpoint-port", default=4566, show_default=True, help="AWS endpoint.")
@services_endpoint_option
@click.option(
    "--replace/--no-replace",
    "may_lose_data",
    default=False,
    help="Apply changes that replace a resource together with the data in it.",
)
@click.option(
    "--capacity",
    type=click.Choice(["enforce", "off"]),
    default="off",
    show_default=True,
    help="Throttle tables and indexes at their provisioned capacity.",
)
@click.option(
    "--iam",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.ENFORCE.value,
    show_default=True,
    help="Refuse calls of AWS APIs that no policy allows, only record them, or decide nothing.",
)
@click.option(
    "--account-concurrency",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Events that all functions together run at once; 10 in a new account.",
)
@click.option(
    "--clock-speed",
    type=click.FloatRange(min=1),
    default=1,
    show_default=True,
    help="Let this many seconds pass in each second for metrics, alarms, provisioned capacity and "
    "retries of asynchronous events.",
)
@click.option(
    "--faults",
    "faults_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Start with the faults of this file, and no others.",
)
@state_option
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the addresses here, as JSON, when everything answers.",
)
@json_option
def up(
    system: str | None,
    app_command: str | None,
    assembly: Path | None,
    stack_name: str | None,
    given: Collection[str],
    port: int,
    endpoint_port: int,
    services_endpoint: str | None,
    clock_speed: float,
    capacity: str,
    iam: str,
    account_concurrency: int,
    faults_file: Path | None,
    state_root: Path,
    ready_file: Path | None,
    *,
    may_lose_data: bool,
    as_json: bool,
) -> None:
    """Run SYSTEM (web-app when nothing is named), or the stack of another app or assembly.

    Serves until Ctrl-C. A change of code is live at once; a change of the app is synthesized
    and applied, and the version before goes on serving if that fails.
    """
    ignored = list(_written_by_this_run(state_root, ready_file))
    source = _source(system, app_command, assembly, stack_name, _parameters(given), ignored)
    options = RuntimeOptions(
        engines=EngineOptions(default_tools(), services_endpoint),
        cache=CACHE.absolute(),
        port=port,
        endpoint_port=endpoint_port,
        may_lose_data=may_lose_data,
        clock_speed=clock_speed,
        enforce_capacity=capacity == "enforce",
        account_concurrency=account_concurrency,
        iam=Mode(iam),
        faults=None if faults_file is None else read_starting_faults(faults_file),
    )
    session = Session(source, state_root, options, StderrProgress(), ignored=ignored)

    def on_ready(address: dict[str, Any]) -> None:
        if ready_file is not None:
            write_private_json(ready_file, address)
        click.echo(json.dumps(address, indent=2) if as_json else describe(address))

    uvloop.run(_serve_until_signal(session, on_ready))


async def _serve_until_signal(session: Session, on_ready: Callable[[dict[str, Any]], None]) -> None:
    """The first signal ends the run in order, the second at once."""
    stop = asyncio.Event()
    running = asyncio.ensure_future(session.run(stop, on_ready))

    def end() -> None:
        if stop.is_set():
            running.cancel()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end)
    try:
        await running
    except (asyncio.CancelledError, InterruptedStartError) as error:
        click.echo(f"cloudworthy: {error or 'ended at once'}", err=True)
        raise click.Abort from error


def _source(
    system: str | None,
    app_command: str | None,
    assembly: Path | None,
    stack_name: str | None,
    parameters: Mapping[str, str],
    ignored: Collection[Path],
) -> StackSource:
    named = [o for o, v in (("--app", app_command), ("--assembly", assembly)) if v is not None]
    if len(named) == 2 or (system is not None and named):
        raise click.UsageError(
            f"Give only one of SYSTEM, --app and --assembly; found {', '.join(named)}"
            + (f" and {system}." if system else ".")
        )
    if assembly is not None:
        return AssemblySource(assembly, stack_name, parameters, kept=CACHE.absolute() / "assets")
    if app_command is None and stack_name is None:
        stack_name = system or _DEFAULT_SYSTEM
    app = find_app(Path.cwd(), command=app_command)
    synthesizer = Synthesizer(
        app,
        CACHE.absolute() / "synth",
        account=LOCAL_ACCOUNT,
        region=DEFAULT_REGION,
        ignored=ignored,
    )
    return AppSource(synthesizer, stack_name, parameters)


def _parameters(given: Collection[str]) -> dict[str, str]:
    wrong = [each for each in given if "=" not in each]
    if wrong:
        raise click.UsageError(f"--parameter: found {wrong[0]}, expected NAME=VALUE.")
    return dict(each.split("=", 1) for each in given)


def _written_by_this_run(state_root: Path, ready_file: Path | None) -> Iterator[Path]:
    """What is no part of the app, although it may lie in the app's directory."""
    here, state = Path.cwd(), state_root.resolve()
    if state == here:
        raise click.UsageError("--state: found the app's directory, expected one of its own.")
    if state.is_relative_to(here):
        yield state
    if ready_file is not None:
        yield ready_file.resolve()
    outputs = [os.fstat(it.fileno()) for it in (sys.stdout, sys.stderr) if it is not None]
    for path in here.iterdir():
        if path.is_file() and any(os.path.samestat(path.stat(), it) for it in outputs):
            yield path


def describe(address: Mapping[str, Any]) -> str:
    """The addresses for a person to read; the site's link carries the key in its fragment."""
    keys: Mapping[str, str] = address["api_keys"]
    key = next(iter(keys.values()), "")
    lines = [f"\n{address['stack']} is running. Ctrl-C ends it.\n"]
    for api in address["apis"]:
        fragment = f"#key={key}" if api["type"] == "SITE" and key else ""
        lines.append(f"  {'Page' if api['type'] == 'SITE' else 'API':9} {api['url']}{fragment}")
    lines += [f"  {'API key':9} {value}" for value in keys.values()]
    if address["secrets"]:
        lines.append(f"  {'Secret':9} cloudworthy secret --stack {address['stack']}")
    lines.append(f"  {'AWS':9} {address['endpoint']}")
    lines.append(f"  {'State':9} {address['state']}")
    return "\n".join(lines)
