"""``cloudworthy secret``: the value of a secret of the running stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click

from cloudworthy.cli.aws import client
from cloudworthy.cli.options import stack_option, state_option
from cloudworthy.local.instance import find_instance
from cloudworthy.local.model.errors import CloudworthyError


@click.command()
@click.argument("secret", required=False)
@click.option("--key", help="Print this member of a secret that is a JSON object.")
@stack_option
@state_option
def secret(secret: str | None, key: str | None, stack_name: str | None, state_root: Path) -> None:
    """Print the value of SECRET, a logical id; it may be left out when there is one."""
    address = find_instance(state_root, stack_name).address()
    arn = _chosen(address["secrets"], secret)
    value = client("secretsmanager", address).get_secret_value(SecretId=arn)["SecretString"]
    click.echo(value if key is None else _member(value, key))


def _chosen(secrets: Mapping[str, str], wanted: str | None) -> str:
    """The ARN of a secret by its logical id.

    Raises
    ------
    CloudworthyError
        There is none, or several and none was named.
    """
    if wanted in secrets:
        return secrets[str(wanted)]
    if wanted is None and len(secrets) == 1:
        return next(iter(secrets.values()))
    if not secrets:
        raise CloudworthyError("The stack has no secret.")
    problem = "There are several secrets" if wanted is None else f"There is no secret {wanted!r}"
    raise CloudworthyError(f"{problem}. Give one of: {', '.join(secrets)}.")


def _member(value: str, key: str) -> str:
    try:
        members = json.loads(value)
    except ValueError:
        members = None
    if not isinstance(members, dict) or key not in members:
        known = ", ".join(members) if isinstance(members, dict) else "none: it is no JSON object"
        raise CloudworthyError(f"--key: found no member {key}. Known: {known}.")
    member = members[key]
    return member if isinstance(member, str) else json.dumps(member)
