"""``cloudworthy fault``: make calls of a stack slow, throttled or failing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from cloudworthy.cli.options import json_option, stack_option, state_option
from cloudworthy.local.faults.document import LONGEST_DELAY_MS, free_id
from cloudworthy.local.faults.fault import Fault
from cloudworthy.local.faults.file import FaultFile
from cloudworthy.local.faults.hits import HitCounter
from cloudworthy.local.faults.resources import FaultResources
from cloudworthy.local.faults.targets import LAMBDA, check_operation, check_target
from cloudworthy.local.instance import Instance, find_instance
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.faults import Effect
from cloudworthy.local.provision.state import StateFile

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_TOO_LONG_S = 10**9
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)")


class _Duration(click.ParamType[float]):
    """Seconds from a number with its unit."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        found = _DURATION.fullmatch(str(value))
        seconds = float(found[1]) * _UNITS_S[found[2]] if found else 0.0
        if not 0 < seconds < _TOO_LONG_S:
            self.fail(f"found {value!r}, expected a number with ms, s, m or h.", param, ctx)
        return seconds


@click.group()
def fault() -> None:
    """Make calls to a service, table or function slow, throttled or failing.

    A fault acts from the next call on, and after a restart, until it is over or cleared.
    """


@fault.command()
@click.argument("target")
@click.argument("effect", type=click.Choice([it.value for it in Effect]))
@click.option("--resource", default="", help="Only calls about this: logical id, name or ARN.")
@click.option("--operation", default="", help="Only this operation, e.g. PutItem.")
@click.option("--caller", default="", help="Only calls of this function.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=1.0,
    show_default=True,
    help="The share of calls that is hit.",
)
@click.option("--for", "lasts_s", type=_Duration(), help="How long, e.g. 60s; otherwise for good.")
@click.option(
    "--delay", "delay_s", type=_Duration(), help="How long a slow call waits, e.g. 500ms."
)
@stack_option
@state_option
def add(
    target: str,
    effect: str,
    resource: str,
    operation: str,
    caller: str,
    rate: float,
    lasts_s: float | None,
    delay_s: float | None,
    stack_name: str | None,
    state_root: Path,
) -> None:
    """Add a fault, and print its id.

    TARGET is a service by the name that its calls are signed for (dynamodb, s3, sqs, sns,
    secretsmanager, kms ...), or lambda for the events that functions get.
    """
    instance = find_instance(state_root, stack_name)
    until = datetime.now(UTC) + timedelta(seconds=lasts_s) if lasts_s is not None else None
    wanted = Fault(
        fault_id="",
        target=target,
        effect=Effect(effect),
        resource=resource,
        operation=operation,
        caller=caller,
        rate=rate,
        delay_ms=_delay_ms(Effect(effect), delay_s),
        until=until,
    )
    added = _add(instance.directory, _checked(wanted, instance.directory))
    click.echo(f"{added} on {instance.directory.name}", err=True)
    _say_when_it_acts(instance)
    click.echo(added.fault_id)


@fault.command("list")
@stack_option
@state_option
@json_option
def list_(stack_name: str | None, state_root: Path, *, as_json: bool) -> None:
    """Print the faults of a stack, and how many calls each has hit."""
    directory = find_instance(state_root, stack_name).directory
    faults, totals = FaultFile(directory).read(), HitCounter(directory).totals()
    now = datetime.now(UTC)
    if as_json:
        listed = [
            {**it.as_json(), "active": not it.is_over(now), "hits": totals.get(it.fault_id, 0)}
            for it in faults
        ]
        click.echo(json.dumps(listed, indent=2))
        return
    for it in faults:
        click.echo(f"{it.fault_id:4} {it}{_left(it, now)}, hits: {totals.get(it.fault_id, 0)}")


@fault.command()
@click.argument("fault_ids", metavar="[ID]...", nargs=-1)
@stack_option
@state_option
def clear(fault_ids: tuple[str, ...], stack_name: str | None, state_root: Path) -> None:
    """Take the faults with these IDs away; all of them when none is given."""
    directory = find_instance(state_root, stack_name).directory
    gone: list[str] = []

    def without(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
        known = [it.fault_id for it in faults]
        for fault_id in fault_ids:
            if fault_id not in known:
                raise CloudworthyError(
                    f"There is no fault {fault_id!r}. There is: {', '.join(known) or 'none'}."
                )
        gone.extend(fault_ids or known)
        return tuple(it for it in faults if it.fault_id not in gone)

    FaultFile(directory).change(without)
    _forget_hits(directory, gone)
    for fault_id in dict.fromkeys(gone):
        click.echo(f"cleared {fault_id}")


def _checked(wanted: Fault, directory: Path) -> Fault:
    """The fault with logical ids in the place of other names.

    Raises
    ------
    CloudworthyError
        There is no such service, operation, resource or function; it says which there are.
    """
    check_target(wanted.target, _refusal("TARGET", wanted.target))
    if wanted.operation:
        check_operation(wanted.target, wanted.operation, _refusal("--operation", wanted.operation))
    if wanted.caller and wanted.target == LAMBDA:
        raise click.UsageError(
            f"--caller: found {wanted.caller}, expected none: an event is hit whoever sent it."
        )
    if not wanted.resource and not wanted.caller:
        return wanted
    resources = _resources(directory)
    return replace(
        wanted,
        resource=wanted.resource and resources.find(wanted.target, wanted.resource).logical_id,
        caller=wanted.caller and resources.find(LAMBDA, wanted.caller).logical_id,
    )


def _refusal(what: str, found: str) -> Callable[[str], click.UsageError]:
    return lambda expected: click.UsageError(f"{what}: found {found}, expected {expected}.")


def _resources(directory: Path) -> FaultResources:
    state = StateFile(directory).load()
    if state is None:
        raise CloudworthyError(
            f"{directory.name} has not come up yet: its resources are not known."
        )
    return FaultResources(record.resource for record in state.resources.values())


def _add(directory: Path, wanted: Fault) -> Fault:
    added: list[Fault] = []

    def with_one_more(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
        added.append(replace(wanted, fault_id=free_id(it.fault_id for it in faults)))
        # An earlier fault of that id may have been taken out by hand.
        _forget_hits(directory, [added[0].fault_id])
        return (*faults, *added)

    FaultFile(directory).change(with_one_more)
    return added[0]


def _forget_hits(directory: Path, fault_ids: list[str]) -> None:
    counter = HitCounter(directory)
    counter.forget(fault_ids)
    counter.close()


def _delay_ms(effect: Effect, delay_s: float | None) -> int:
    """Of a slow call it is required, and of others it would say nothing."""
    if effect is not Effect.SLOW:
        if delay_s is not None:
            raise click.UsageError(f"--delay: found it with {effect}, expected it with slow only.")
        return 0
    if delay_s is None or not 0.001 <= delay_s <= LONGEST_DELAY_MS / 1000:
        found = "none" if delay_s is None else f"{delay_s:g}s"
        raise click.UsageError(f"--delay: found {found}, expected 1ms to {LONGEST_DELAY_MS}ms.")
    return math.ceil(delay_s * 1000)


def _left(fault: Fault, now: datetime) -> str:
    if fault.until is None:
        return ""
    left_s = (fault.until - now).total_seconds()
    return f", {math.ceil(left_s)} s left" if left_s > 0 else ", over"


def _say_when_it_acts(instance: Instance) -> None:
    if not instance.running:
        name = instance.directory.name
        click.echo(f"{name} is not running: the fault acts when it is started next.", err=True)
