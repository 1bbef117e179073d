"""``cloudworthy``: the command, its verbs and its exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import cast

import click

import cloudworthy
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.node import NodeMissingError

EXIT_FAILURE = 1
EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130


_VERBS = (
    "up",
    "invoke",
    "logs",
    "alarms",
    "mail",
    "iam",
    "fault",
    "outputs",
    "secret",
    "destroy",
    "check",
)


class _Verbs(click.Group):
    """Imports the verb that runs and no other: the SDK alone, for ``invoke``, takes 0.1 s."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"cloudworthy.cli.{cmd_name}")
        return cast("click.Command", getattr(module, cmd_name))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(cloudworthy.__version__, prog_name="cloudworthy")
def cli() -> None:
    """Run a CDK app's stacks on this machine and prove them before they reach AWS."""


def main() -> None:
    """Run a command; exit with 0, 1 for a failure or 2 for wrong use."""
    _open_closed_streams()
    try:
        status = cli.main(standalone_mode=False)
    except click.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except click.UsageError as error:
        error.show()
        sys.exit(EXIT_WRONG_USE)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_FAILURE)
    except (CloudworthyError, NodeMissingError) as error:
        click.echo(f"cloudworthy: {error}", err=True)
        sys.exit(EXIT_FAILURE)
    except BrokenPipeError:
        sys.exit(EXIT_FAILURE)
    except OSError as error:
        click.echo(f"cloudworthy: {error}. Make room, or make it writable.", err=True)
        sys.exit(EXIT_FAILURE)
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, not a traceback
        click.echo(_fault(error), err=True)
        sys.exit(EXIT_FAILURE)
    sys.exit(status or 0)


def _open_closed_streams() -> None:
    """A descriptor below 3 that nobody holds would go to a socket, which libuv forbids."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _fault(error: Exception) -> str:
    if "disk is full" in str(error):
        return f"cloudworthy: {error}. Make room where the state is, or choose another --state."
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"cloudworthy: a fault of its own, {type(error).__name__}: {error} "
        f"({Path(place.filename).name}, line {place.lineno}). Please report it with the template."
    )


if __name__ == "__main__":
    main()
