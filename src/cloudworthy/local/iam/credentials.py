"""Temporary credentials for the roles of functions, and who is behind an access key."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloudworthy.local.model.clock import Clock, SystemClock
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.http import Connection
from cloudworthy.local.model.identity import Credentials, NoWorkers, Principal, Workers

_ISSUED_HERE = "ASIACLDW"
"""How our access keys begin: AWS's prefix for temporary keys, and a mark of our own."""

_REMEMBERED = timedelta(hours=1)
"""How long credentials are known to have expired."""


@dataclass(frozen=True, slots=True)
class IssuedCredentials:
    """Credentials with the principal they stand for."""

    credentials: Credentials
    principal: Principal
    expires_at: datetime | None


class CredentialStore:
    """Issues credentials and knows them again.

    They live in memory: when the runtime starts anew, so do the workers that held them.

    Parameters
    ----------
    account, partition
        Of the account that unknown callers are the root of.
    workers
        Tells functions from the person at the machine.
    """

    def __init__(
        self,
        account: str,
        *,
        partition: str = "aws",
        clock: Clock | None = None,
        workers: Workers | None = None,
    ) -> None:
        self._partition = partition
        self._root = Principal(f"arn:{partition}:iam::{account}:root", account)
        self._workers = workers or NoWorkers()
        self._clock = clock or SystemClock()
        self._issued: dict[str, IssuedCredentials] = {}
        self._of_function: dict[tuple[str, str], Credentials] = {}

    def credentials_of(self, function: Function) -> Credentials:
        """The credentials of a function's role; the same ones until they are revoked."""
        key = (function.logical_id, function.role_arn)
        if key not in self._of_function:
            self._of_function[key] = self.issue(
                function.role_arn,
                session_name=function.name,
                function_logical_id=function.logical_id,
            )
        return self._of_function[key]

    def issue(
        self,
        role_arn: str,
        *,
        session_name: str,
        function_logical_id: str = "",
        lifetime: timedelta | None = None,
    ) -> Credentials:
        """Make credentials for a session of a role; without a lifetime they do not expire."""
        credentials = Credentials(
            _ISSUED_HERE + base64.b32encode(secrets.token_bytes(8)).decode("ascii")[:12],
            base64.b64encode(secrets.token_bytes(30)).decode("ascii"),
            base64.b64encode(secrets.token_bytes(96)).decode("ascii"),
        )
        account = _account_of(role_arn) or self._root.account
        role_name = role_arn.rpartition("/")[2]
        principal = Principal(
            f"arn:{self._partition}:sts::{account}:assumed-role/{role_name}/{session_name}",
            account,
            role_arn,
            function_logical_id,
        )
        self._forget()
        expires_at = self._clock.now() + lifetime if lifetime is not None else None
        issued = IssuedCredentials(credentials, principal, expires_at)
        self._issued[credentials.access_key_id] = issued
        return credentials

    def _forget(self) -> None:
        """Sessions that ended long ago; who still has one of them is told that it is unknown."""
        ended = self._clock.now() - _REMEMBERED
        for key, issued in list(self._issued.items()):
            if issued.expires_at is not None and issued.expires_at < ended:
                del self._issued[key]

    def revoke_of(self, function: Function) -> None:
        """Make the credentials of a function's role unknown: the function is gone."""
        held = self._of_function.get((function.logical_id, function.role_arn))
        if held is not None:
            self.revoke(held)

    def revoke(self, credentials: Credentials) -> None:
        """Make credentials unknown, e.g. because their function is gone."""
        self._issued.pop(credentials.access_key_id, None)
        for key, held in list(self._of_function.items()):
            if held == credentials:
                del self._of_function[key]

    def find(self, access_key_id: str) -> IssuedCredentials | None:
        return self._issued.get(access_key_id)

    def person_at(self, connection: Connection | None) -> Principal | None:
        """The root of the account, for who comes with other keys than ours.

        None for a function: it has the keys of its role, and any others are made up. The
        runtime's own requests come over no connection.
        """
        if connection is not None and self._workers.has(connection):
            return None
        return self._root

    def has_expired(self, issued: IssuedCredentials) -> bool:
        return issued.expires_at is not None and self._clock.now() >= issued.expires_at


def looks_issued(access_key_id: str) -> bool:
    """Whether a key has the form of ours, so that it is either known or invalid."""
    return access_key_id.startswith(_ISSUED_HERE)


def unique_id(principal: Principal) -> str:
    """The ``UserId`` STS names a principal by.

    Source: IAM user guide, "Unique identifiers" (documented): roles begin with AROA, and a
    session appends its name. The part in between is derived from the role's ARN here.
    """
    if not principal.role_arn:
        return principal.account
    digest = hashlib.sha256(principal.role_arn.encode()).digest()
    session = principal.arn.rpartition("/")[2]
    return f"AROA{base64.b32encode(digest).decode('ascii')[:17]}:{session}"


def _account_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""
