"""``cloudworthy invoke``: call a function of the running stack."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import click

from cloudworthy.cli.aws import client
from cloudworthy.cli.functions import find_function
from cloudworthy.cli.options import stack_option, state_option
from cloudworthy.local.instance import find_instance
from cloudworthy.local.model.errors import CloudworthyError

_LONGEST_TIMEOUT_S = 900
"""Of a Lambda function, and so of its answer."""


@click.command()
@click.argument("function")
@click.option(
    "-e",
    "--event",
    type=click.Path(path_type=Path, allow_dash=True, dir_okay=False),
    help="A file with the event as JSON, or - for standard input; {} when left out.",
)
@stack_option
@state_option
def invoke(function: str, event: Path | None, stack_name: str | None, state_root: Path) -> int:
    """Call FUNCTION (a construct path or logical id) and print what it answers.

    Its log goes to stderr. The exit code is 1 when the function failed.
    """
    payload = read_event(event)
    address = find_instance(state_root, stack_name).address()
    name = find_function(address["functions"], function)["name"]
    lambda_ = client("lambda", address, read_timeout_s=_LONGEST_TIMEOUT_S)
    answer = lambda_.invoke(FunctionName=name, Payload=payload, LogType="Tail")
    log = base64.b64decode(answer.get("LogResult", ""))
    click.echo(log.decode(errors="replace"), err=True, nl=False)
    click.echo(answer["Payload"].read().decode(errors="replace"))
    return 1 if "FunctionError" in answer else 0


def read_event(source: Path | None) -> bytes:
    """The event's JSON.

    Raises
    ------
    CloudworthyError
        It cannot be read, or is not JSON.
    """
    if source is None:
        return b"{}"
    name = "standard input" if str(source) == "-" else str(source)
    try:
        payload = sys.stdin.buffer.read() if str(source) == "-" else source.read_bytes()
        json.loads(payload)
    except OSError as error:
        raise CloudworthyError(
            f"{name}: {error.strerror}. Give the path of a JSON file."
        ) from error
    except ValueError as error:
        raise CloudworthyError(f"{name} is not JSON: {error}. Correct the event.") from error
    return payload
