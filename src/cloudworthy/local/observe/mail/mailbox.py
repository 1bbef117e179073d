"""A directory of messages, one file each, for any mail program to read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

SENDER = "AWS Notifications <no-reply@sns.amazonaws.com>"
MAILBOX = "mailbox"
"""In a stack's state directory."""

_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Mail:
    """What a recipient gets."""

    recipient: str
    subject: str
    body: str
    sent_at: datetime


class Mailbox:
    """``mailbox/*.eml``; the names sort by time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def deliver(self, mail: Mail) -> Path:
        """Write a message at once and whole, readable by its owner only."""
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = SENDER
        message["To"] = mail.recipient
        message["Subject"] = " ".join(mail.subject.split())
        message["Date"] = format_datetime(mail.sent_at)
        message["Message-ID"] = make_msgid(domain="sns.amazonaws.com")
        message.set_content(mail.body)
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{time.time_ns():020d}-{os.urandom(3).hex()}.eml"
        temporary = path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(message))
        temporary.replace(path)
        return path

    def paths(self) -> list[Path]:
        """The messages there are, oldest first."""
        return sorted(self._directory.glob("*.eml"))

    def follow(self, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[Path]:
        """The messages there are and those that come, for ever."""
        seen: set[Path] = set()
        while True:
            for path in self.paths():
                if path not in seen:
                    seen.add(path)
                    yield path
            sleep(_POLL_S)


def read_mail(path: Path) -> EmailMessage:
    """A message of a mailbox."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError(f"{path} is no message")
    return message
