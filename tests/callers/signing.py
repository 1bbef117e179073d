"""Requests signed as an SDK signs them, at a time and for whom a test says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cloudworthy.local.model import identity
from cloudworthy.local.model.clock import SystemClock
from local.apigateway.raw_client import Headers
from local.apigateway.serving import REGION


class ShiftedClock(SystemClock):
    """The machine's clock, ahead by some time: what was signed before is that much older."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> dt.datetime:
        return super().now() + dt.timedelta(seconds=self.ahead_s)


@dataclass(frozen=True)
class Signed:
    """A request with its signature, and what to send of it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def but(self, **changes: object) -> Signed:
        """The same with something else in it, under the signature of before."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def with_header(self, name: str, value: str | None) -> Signed:
        """Another value of a header; None leaves it out."""
        kept = [it for it in self.headers if it[0].lower() != name.lower()]
        added = [] if value is None else [(name, value)]
        return replace(self, headers=(*kept, *added))

    def header(self, name: str) -> str:
        return next(value for it, value in self.headers if it.lower() == name.lower())

    def sent_headers(self) -> Headers:
        return list(self.headers)


def sign(
    port: int,
    keys: identity.Credentials,
    target: str = "/stage/x",
    *,
    method: str = "GET",
    body: bytes = b"",
    service: str = "execute-api",
    region: str = REGION,
    headers: dict[str, str] | None = None,
) -> Signed:
    """Sign in the header."""
    request = AWSRequest(method, f"http://127.0.0.1:{port}{target}", headers or {}, body)
    SigV4Auth(_of(keys), service, region).add_auth(request)
    return Signed(method, target, tuple(request.headers.items()), body)


def presign(port: int, keys: identity.Credentials, target: str, *, lifetime_s: int) -> Signed:
    """Sign in the query."""
    base = f"http://127.0.0.1:{port}"
    request = AWSRequest("GET", base + target)
    SigV4QueryAuth(_of(keys), "execute-api", REGION, expires=lifetime_s).add_auth(request)
    return Signed("GET", str(request.url).removeprefix(base), ())


def _of(keys: identity.Credentials) -> Credentials:
    return Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token or None)
