"""``cloudworthy``: the command, its verbs and its exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import cast

import click

import cloudworthy
from cloudworthy.local.model.errors import CloudworthyError

EXIT_FAILURE = 1
EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130


_VERBS = ("up", "invoke", "logs", "outputs", "destroy")


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
    except CloudworthyError as error:
        click.echo(f"cloudworthy: {error}", err=True)
        sys.exit(EXIT_FAILURE)
    except BrokenPipeError:
        sys.exit(EXIT_FAILURE)
    sys.exit(status or 0)


if __name__ == "__main__":
    main()
