"""Credentials that are issued, and for how long they are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.model.clock import SystemClock

ROLE = "arn:aws:iam::000000000000:role/worker"
HOUR = timedelta(hours=1)


class SetClock(SystemClock):
    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


def test_sessions_are_known_while_they_last_and_forgotten_some_time_after() -> None:
    clock = SetClock()
    store = CredentialStore("000000000000", clock=clock)
    lasting = store.issue(ROLE, session_name="lasting").access_key_id
    short = store.issue(ROLE, session_name="short", lifetime=HOUR).access_key_id
    clock.at += 1.5 * HOUR
    store.issue(ROLE, session_name="next", lifetime=HOUR)
    expired = store.find(short)
    assert expired is not None
    assert store.has_expired(expired)
    clock.at += HOUR
    store.issue(ROLE, session_name="next", lifetime=HOUR)
    assert store.find(short) is None
    assert store.find(lasting) is not None
