"""``cloudworthy invoke``: call a function of the running stack."""

from __future__ import annotations

import base64
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import click

from cloudworthy.cli.functions import find_function
from cloudworthy.cli.options import stack_option, state_option
from cloudworthy.local.instance import find_instance
from cloudworthy.local.model.errors import CloudworthyError


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
    request = urllib.request.Request(  # noqa: S310 - our own endpoint
        f"{address['endpoint']}/2015-03-31/functions/{quote(name)}/invocations",
        data=payload,
        headers={"X-Amz-Log-Type": "Tail", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own endpoint
            body, headers = answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        message = error.read().decode(errors="replace")
        raise CloudworthyError(f"Lambda refused the call with {error.code}: {message}") from error
    log = base64.b64decode(headers.get("X-Amz-Log-Result", ""))
    click.echo(log.decode(errors="replace"), err=True, nl=False)
    click.echo(body.decode(errors="replace"))
    return 1 if headers.get("X-Amz-Function-Error") else 0


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
