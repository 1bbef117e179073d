"""What roles were seen to use, and what they were refused: counts on disk."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from cloudworthy.local.model.arns import service_of
from cloudworthy.local.observe.jsonlines import Batch

IAM_FILE = "iam.sqlite"

_FLUSH_S = 1.0
_MOST_DISTINCT = 5000
"""Beyond that many different ones, what comes new is counted by its action alone, and an action
on everything, which may be a name that somebody made up, as any action."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS usage (
    role TEXT NOT NULL, function TEXT NOT NULL, action TEXT NOT NULL, resource TEXT NOT NULL,
    outcome TEXT NOT NULL, missing_in TEXT NOT NULL, total INTEGER NOT NULL,
    since_start INTEGER NOT NULL,
    PRIMARY KEY (role, function, action, resource, outcome, missing_in)
) WITHOUT ROWID;
UPDATE usage SET since_start = 0;
"""

ALLOWED = "allowed"
DENIED = "denied"
WOULD_BE_DENIED = "would be denied"


class Use(NamedTuple):
    """One kind of call: who, what, on what, and what was decided."""

    role_arn: str
    function: str
    """The logical id of the function whose role it is; empty for other callers."""
    action: str
    resource: str
    outcome: str
    missing_in: str = ""
    """The kind of policy that does not allow it; after an explicit deny, that has the deny."""


class UsageStore:
    """Counts uses; the hot path only adds to a counter, and rows are written in batches."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        rows = self._db.execute(
            "SELECT role, function, action, resource, outcome, missing_in FROM usage"
        )
        self._known = {Use(*row) for row in rows}
        self._fresh: set[Use] = set()
        self._waiting: Counter[Use] = Counter()
        self._batch = Batch(_FLUSH_S, "uses of permissions")

    def put(self, use: Use) -> bool:
        """Count a use; whether it is the first of its kind since the start."""
        use = self._bounded(use)
        self._waiting[use] += 1
        self._batch.schedule(self.flush)
        if use in self._fresh:
            return False
        self._fresh.add(use)
        return True

    def flush(self) -> None:
        """Write what is waiting."""
        with self._db:
            self._db.executemany(
                "INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "total = total + excluded.total, since_start = since_start + excluded.since_start",
                [(*use, count, count) for use, count in self._waiting.items()],
            )
        self._waiting.clear()

    def close(self) -> None:
        self._batch.cancel()
        self._batch.write_now(self.flush)
        self._db.close()

    def _bounded(self, use: Use) -> Use:
        if use in self._known:
            return use
        use = use._replace(resource=counted_resource(use.resource))
        if use not in self._known and len(self._known) >= _MOST_DISTINCT:
            action = "*" if use.resource == "*" else use.action
            use = use._replace(action=action, resource="*")
        self._known.add(use)
        return use


def read_uses(path: Path, *, since_start: bool) -> list[Use]:
    """All kinds of uses; none before the stack ran with decisions."""
    if not path.exists():
        return []
    condition = "WHERE since_start > 0" if since_start else ""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT role, function, action, resource, outcome, missing_in FROM usage "  # noqa: S608
            + condition
        ).fetchall()
    return [Use(*row) for row in rows]


def counted_resource(resource: str) -> str:
    """Objects and paths of APIs by their beginning: a key in each request would be a row in each.

    That is the bucket and the first prefix, or the method and the first segment of the path.
    """
    service = service_of(resource)
    if service == "s3" and "/" in resource:
        bucket, _, key = resource.partition("/")
        prefix, slash, _ = key.partition("/")
        return f"{bucket}/{prefix}/*" if slash else f"{bucket}/*"
    if service == "execute-api":
        api, *method = resource.split("/", 4)
        return "/".join([api, *method[:3], "*"]) if len(method) == 4 else resource
    return resource
