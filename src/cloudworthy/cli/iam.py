"""``cloudworthy iam``: what functions may do, and what they were seen to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import click

from cloudworthy.cli.options import json_option, stack_option, state_option
from cloudworthy.local.instance import find_instance
from cloudworthy.local.permissions.report import FunctionPermissions, Permission, read_report


@click.command()
@stack_option
@state_option
@click.option("--since-start", is_flag=True, help="Only calls since the stack was last started.")
@json_option
def iam(stack_name: str | None, state_root: Path, *, since_start: bool, as_json: bool) -> None:
    """Print what each function was granted and used, never used, and was denied.

    Resources go by the names of their constructs; --json has their ARNs too. Calls are not seen
    while the stack runs with --iam off.
    """
    directory = find_instance(state_root, stack_name).directory
    found = read_report(directory, since_start=since_start)
    if as_json:
        click.echo(json.dumps([it.as_json() for it in found], indent=2))
        return
    for it in found:
        _print(it)
    click.echo(_summary(found))


def _print(it: FunctionPermissions) -> None:
    click.secho(it.function, bold=True)
    _section("granted and used", it.used, "green")
    _section("granted and never used", it.unused, "yellow")
    _section("granted for Lambda", it.used_by_lambda)
    denied = [replace(one, reason=one.reason and f"by the {one.reason}") for one in it.denied]
    _section("denied", denied, "red")
    if it.missing:
        _json("what would allow it", it.missing)
    _section("wildcards", [replace(one, reason="") for one in it.wildcards])
    if it.is_smallest:
        click.echo("  smallest policy: what it has")
    elif it.smallest_policy is None:
        click.echo("  smallest policy: none, as nothing was used")
    else:
        _json("smallest policy", it.smallest_policy)
    click.echo()


def _section(title: str, permissions: Iterable[Permission], color: str | None = None) -> None:
    """A line for each resource, with the actions on it."""
    lines = [
        (_actions(it.action for it in same), name, reason)
        for (name, reason), same in groupby(sorted(permissions, key=_of_resource), _of_resource)
    ]
    if not lines:
        return
    click.secho(f"  {title}", fg=color)
    width = max(len(name) for _, name, _ in lines)
    for actions, name, reason in lines:
        because = f"  ({reason})" if reason else ""
        click.echo(f"    {name:{width}}  {actions}{because}")


def _of_resource(permission: Permission) -> tuple[str, str]:
    return permission.name, permission.reason


def _actions(actions: Iterable[str]) -> str:
    """``s3:DeleteObject, GetObject``: the prefix once for all that have it."""
    shown, before = [], ""
    for action in sorted(set(actions)):
        prefix, _, name = action.partition(":")
        shown.append(name if name and prefix == before else action)
        before = prefix
    return ", ".join(shown)


def _json(title: str, document: Mapping[str, object] | Sequence[object]) -> None:
    click.echo(f"  {title}")
    click.echo("\n".join(f"    {line}" for line in json.dumps(document, indent=2).splitlines()))


def _summary(found: Sequence[FunctionPermissions]) -> str:
    if not any(it.used or it.denied for it in found):
        return "No call of a function was seen."
    counts = {
        "granted": sum(it.granted for it in found),
        "used": sum(len(it.used) for it in found),
        "for Lambda": sum(len(it.used_by_lambda) for it in found),
        "never used": sum(len(it.unused) for it in found),
        "denied": sum(len(it.denied) for it in found),
    }
    shown = ", ".join(f"{count} {what}" for what, count in counts.items())
    return f"{len(found)} function{'s' * (len(found) != 1)}: permissions {shown}."
