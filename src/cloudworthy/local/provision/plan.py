"""What applying a template would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cloudworthy.local.model.resources import Stack, TemplateValue
from cloudworthy.local.provision.program import Program
from cloudworthy.local.provision.registry import type_named
from cloudworthy.local.provision.resource_type import ResourceType, Site, Wanted
from cloudworthy.local.provision.state import Record, StackState, Status
from cloudworthy.local.template.graph import creation_order
from cloudworthy.local.template.pending import pending_in


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of one resource.

    Parameters
    ----------
    reasons
        The properties that differ, and what was interrupted.
    loses
        What is lost with it, ``every item in the table``; empty when nothing is.
    """

    logical_id: str
    type: str
    action: Action
    reasons: tuple[str, ...] = ()
    physical_id: str = ""
    loses: str = ""

    @property
    def loss(self) -> str:
        """What it loses and why, for a person."""
        return (
            f"{self.action} of {self.type} ({self.logical_id}) loses {self.loses}, "
            f"because of {', '.join(self.reasons) or 'its removal'}"
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a template would do, resource by resource.

    Parameters
    ----------
    notes_differ
        Outputs, policies or construct paths are not the state's, which touches no resource.
    """

    stack: Stack
    changes: tuple[Change, ...]
    notes_differ: bool = False

    @property
    def is_unchanged(self) -> bool:
        touched = any(change.action is not Action.UNCHANGED for change in self.changes)
        return not touched and not self.notes_differ

    @property
    def data_loss(self) -> tuple[Change, ...]:
        """The changes that destroy data. Who applies the plan agrees to them."""
        return tuple(change for change in self.changes if change.loses)

    @property
    def summary(self) -> str:
        """How many resources are touched, for a person."""
        counts = [(action, len(self.of(action))) for action in Action if action != Action.UNCHANGED]
        touched = ", ".join(f"{count} to {action}" for action, count in counts if count)
        return touched or "the outputs"

    def of(self, action: Action) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.action is action)


_RETAINED = frozenset({"Retain", "Snapshot"})
_RETAINED_ON_DELETE = _RETAINED | {"RetainExceptOnCreate"}


def retains_on_replace(record: Record) -> bool:
    """Whether the replaced resource stays. A snapshot is not taken: it stays as well."""
    return record.update_replace_policy in _RETAINED and record.status is not Status.CREATING


def retains_on_delete(record: Record) -> bool:
    return record.deletion_policy in _RETAINED_ON_DELETE and record.status is not Status.CREATING


def loss_of(record: Record, *, retained: bool) -> str:
    """What is lost when a resource goes."""
    kind = type_named(record.resource.type)
    if kind is None or retained or record.status is Status.CREATING:
        return ""
    return kind.keeps_data


def decide(
    kind: ResourceType, record: Record | None, requested: Mapping[str, TemplateValue]
) -> tuple[Action, tuple[str, ...]]:
    """What a resource needs, and why."""
    if record is None:
        return Action.CREATE, ("new",)
    old = record.requested
    replacing = kind.replacing(old, requested)
    if replacing:
        return Action.REPLACE, tuple(sorted(replacing))
    if record.status is Status.CREATING:
        return Action.CREATE, ("interrupted",)
    changed = {
        name for name in old.keys() | requested.keys() if old.get(name) != requested.get(name)
    }
    if changed:
        return Action.UPDATE, tuple(sorted(changed))
    if record.status is Status.UPDATING:
        return Action.UPDATE, ("interrupted",)
    return Action.UNCHANGED, ()


def make_plan(program: Program, state: StackState, site: Site) -> Plan:
    """Compare a template with the state; nothing is asked of an engine."""
    changes = [
        _planned(program, state, site, logical_id) for logical_id in creation_order(program.needs)
    ]
    changes += [
        _removed(it) for name, it in state.resources.items() if name not in program.resources
    ]
    changes += [_left_over(it) for it in state.leftovers]
    return Plan(program.stack, tuple(changes), _notes_differ(program, state))


def _notes_differ(program: Program, state: StackState) -> bool:
    kept = [it for name, it in state.resources.items() if name in program.resources]
    return program.outputs() != state.outputs or any(program.annotated(it) != it for it in kept)


def _planned(program: Program, state: StackState, site: Site, logical_id: str) -> Change:
    kind = program.type_of(logical_id)
    requested = program.requested(logical_id)
    if not program.is_declared_only(logical_id):
        existing = tuple(it.resource for it in state.all_records())
        kind.check(Wanted(logical_id, kind.name, requested, site, neighbours=existing))
    record = state.resources.get(logical_id)
    action, reasons = decide(kind, record, requested)
    if action in (Action.CREATE, Action.REPLACE):
        program.lookup.pending.add(logical_id)
    loses = ""
    if record is not None and action is Action.REPLACE:
        loses = loss_of(record, retained=retains_on_replace(record))
    physical_id = record.resource.physical_id if record else ""
    awaited = sorted({name for value in requested.values() for name in pending_in(value)})
    if action in (Action.UPDATE, Action.REPLACE):
        reasons += tuple(f"refers to {name}" for name in awaited)
    return Change(logical_id, kind.name, action, reasons, physical_id, loses)


def _removed(record: Record) -> Change:
    retained = retains_on_delete(record)
    reason = "no longer in the template" + (", but retained" if retained else "")
    loses = loss_of(record, retained=retained)
    resource = record.resource
    return Change(
        record.logical_id, resource.type, Action.DELETE, (reason,), resource.physical_id, loses
    )


def _left_over(record: Record) -> Change:
    """A replaced resource whose deletion was interrupted; its loss was agreed to then."""
    resource = record.resource
    return Change(
        record.logical_id, resource.type, Action.DELETE, ("replaced",), resource.physical_id
    )
