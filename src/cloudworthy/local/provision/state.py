"""What a stack has been made into, kept so that a killed run can be continued."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue

_FORMAT = 1
_FILE_NAME = "deployment.json"


class Status(StrEnum):
    """How far a resource is; anything but ``COMPLETE`` was interrupted and is done again."""

    CREATING = "creating"
    COMPLETE = "complete"
    UPDATING = "updating"


@dataclass(frozen=True, slots=True)
class Record:
    """A resource in the state.

    ``requested`` is what the template asked for, dynamic references still in place: they are
    looked up again only when a resource changes.
    """

    resource: ProvisionedResource
    status: Status
    requested: Mapping[str, TemplateValue]
    generation: int = 0
    sequence: int = 0
    """When it was made, among the stack's resources: what came later is deleted earlier."""
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"
    declared_only: bool = False

    @property
    def logical_id(self) -> str:
        return self.resource.logical_id

    def marked(self, status: Status) -> Record:
        return replace(self, status=status)


@dataclass(slots=True)
class StackState:
    """Every resource that a stack ever made and that has not been deleted."""

    stack_name: str
    account: str
    region: str
    resources: dict[str, Record] = field(default_factory=dict)
    leftovers: list[Record] = field(default_factory=list)
    """Replaced resources that are still to be deleted."""
    retained: list[Record] = field(default_factory=list)
    """Resources that left the template under a policy to retain them."""
    outputs: dict[str, str] = field(default_factory=dict)

    def all_records(self) -> Iterator[Record]:
        yield from self.resources.values()
        yield from self.leftovers
        yield from self.retained

    def from_last_to_first(self) -> list[Record]:
        """Every record, in the order in which they can be deleted."""
        return sorted(self.all_records(), key=lambda it: -it.sequence)

    def forget(self, record: Record) -> None:
        """Take out a resource that no longer exists."""
        if self.resources.get(record.logical_id) is record:
            del self.resources[record.logical_id]
        self.leftovers = [it for it in self.leftovers if it is not record]
        self.retained = [it for it in self.retained if it is not record]

    def next_sequence(self) -> int:
        return max((it.sequence for it in self.all_records()), default=0) + 1

    def next_generation(self, logical_id: str) -> int:
        """A number that no resource of this logical id has."""
        taken = [it.generation for it in self.all_records() if it.logical_id == logical_id]
        return max(taken, default=-1) + 1


class StateFile:
    """``deployment.json`` in a stack's state directory.

    It holds generated keys, so only its owner may read it. It is replaced as a whole: whoever
    reads it, and whenever the process is killed, finds the old content or the new.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / _FILE_NAME

    def load(self) -> StackState | None:
        """The state as it was last saved; None when the stack was never made.

        Raises
        ------
        CloudworthyError
            The file is damaged, or from another version.
        """
        try:
            content = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise self._unreadable(str(error)) from error
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise self._unreadable("another format")
        return _state(content)

    def save(self, state: StackState, *, durable: bool = False) -> None:
        """Replace the file; ``durable`` waits until it would outlive the machine as well.

        Raises
        ------
        CloudworthyError
            It cannot be written; the old one is in its place.
        """
        try:
            self._replace(state, durable=durable)
        except OSError as error:
            raise CloudworthyError(
                f"{self._path}: found {error.strerror}, expected to write the state of the stack. "
                "Make room, or make it writable, and start again."
            ) from error

    def _replace(self, state: StackState, *, durable: bool) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = json.dumps({"format": _FORMAT, **asdict(state)}, separators=(",", ":"))
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(descriptor)
        fresh.replace(self._path)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def _unreadable(self, found: str) -> CloudworthyError:
        return CloudworthyError(
            f"{self._path}: found {found}, expected the state of a stack. "
            "Move the state directory away and start again."
        )


def _state(content: Mapping[str, Any]) -> StackState:
    return StackState(
        stack_name=content["stack_name"],
        account=content["account"],
        region=content["region"],
        resources={name: _record(entry) for name, entry in content["resources"].items()},
        leftovers=[_record(entry) for entry in content["leftovers"]],
        retained=[_record(entry) for entry in content["retained"]],
        outputs=content["outputs"],
    )


def _record(entry: Mapping[str, Any]) -> Record:
    values = dict(entry)
    values["resource"] = ProvisionedResource(**values["resource"])
    values["status"] = Status(values["status"])
    return Record(**values)
