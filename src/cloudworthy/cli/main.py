"""``cloudworthy``: the command, its verbs and its exit codes."""

from __future__ import annotations

import sys

import click

import cloudworthy
from cloudworthy.cli.destroy import destroy
from cloudworthy.cli.invoke import invoke
from cloudworthy.cli.logs import logs
from cloudworthy.cli.outputs import outputs
from cloudworthy.cli.up import up
from cloudworthy.local.model.errors import CloudworthyError

EXIT_FAILURE = 1
EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(cloudworthy.__version__, prog_name="cloudworthy")
def cli() -> None:
    """Run a CDK app's stacks on this machine and prove them before they reach AWS."""


for verb in (up, invoke, logs, outputs, destroy):
    cli.add_command(verb)


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
