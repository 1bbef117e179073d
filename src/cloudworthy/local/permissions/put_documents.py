"""What programs changed in the policies of buckets and functions, which no engine keeps: a file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.model.errors import CloudworthyError

PUT_POLICIES_FILE = "policies.json"

Document = Mapping[str, Any]


class PutDocuments:
    """Documents by the ARN of the resource; what is put is on disk before it counts.

    Raises
    ------
    CloudworthyError
        The file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, dict[str, Any]] = {}
        if path.exists():
            try:
                self._entries = json.loads(path.read_bytes())
            except ValueError as error:
                raise CloudworthyError(
                    f"{path}: found {error}, expected policies that programs put. "
                    "Move the file away and start again."
                ) from error

    def get(self, arn: str) -> Document | None:
        return self._entries.get(arn)

    def put(self, arn: str, entry: Document) -> None:
        """Keep an entry in the place of the one before.

        Raises
        ------
        AwsError
            It cannot be written; the one before stays.
        """
        with self._saving() as entries:
            entries[arn] = dict(entry)

    def drop(self, arn: str) -> None:
        """Forget an entry, e.g. because its bucket is gone."""
        if arn in self._entries:
            with self._saving() as entries:
                del entries[arn]

    @contextmanager
    def _saving(self) -> Iterator[dict[str, dict[str, Any]]]:
        entries = dict(self._entries)
        yield entries
        try:
            _replace(self._path, json.dumps(entries, separators=(",", ":")).encode())
        except OSError as error:
            message = f"The policy cannot be kept: {error}"
            raise AwsError("InternalFailure", message, 500) from error
        self._entries = entries


def _replace(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all, whatever ends meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
