"""Who makes a call to the AWS endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cloudworthy.local.model.http import Connection

OWN_ACCESS_KEY = "cloudworthy"
"""Signs the calls that Cloudworthy makes itself: to deploy, for alarms, by its commands.

Like any key that was not issued here it stands for the account's root.
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary credentials as a worker's environment carries them."""

    access_key_id: str
    secret_access_key: str
    session_token: str


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of an AWS API.

    ``role_arn`` is empty for the person at the machine, who is the account's root here.
    """

    arn: str
    """As STS would name it: an assumed-role ARN with the function's name as the session.

    Of a service of AWS its name, e.g. ``cloudwatch.amazonaws.com``; its account is empty.
    """
    account: str
    role_arn: str = ""
    function_logical_id: str = ""
    source_arn: str = ""
    """For which resource a service of AWS calls, e.g. an alarm."""


class Workers(Protocol):
    """The processes of functions."""

    def has(self, connection: Connection) -> bool:
        """Whether one of them is the client of a connection to this runtime."""
        ...


class NoWorkers:
    """For an endpoint that no function can reach."""

    def has(self, connection: Connection) -> bool:  # noqa: ARG002 - the Protocol's
        return False
