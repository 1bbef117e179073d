"""``cloudworthy mail``: e-mail that the stack's topics would have sent."""

from __future__ import annotations

from pathlib import Path

import click

from cloudworthy.cli.options import stack_option, state_option
from cloudworthy.local.instance import find_instance
from cloudworthy.local.observe.mail.mailbox import MAILBOX, Mailbox, read_mail


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@stack_option
@state_option
def mail(stack_name: str | None, state_root: Path, *, follow: bool) -> None:
    """Print the messages in the stack's mailbox, oldest first."""
    mailbox = Mailbox(find_instance(state_root, stack_name).directory / MAILBOX)
    for path in mailbox.follow() if follow else mailbox.paths():
        _print(path)


def _print(path: Path) -> None:
    message = read_mail(path)
    click.secho(f"{message['Date']}  to {message['To']}", dim=True)
    click.secho(str(message["Subject"]), bold=True)
    click.echo("\n".join(["", *message.get_content().splitlines(), ""]))
