"""Carrying out a plan: resources that do not need each other are made at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.engine_work import call, delete_record, in_thread
from cloudworthy.local.provision.engines import ProvisionError
from cloudworthy.local.provision.plan import (
    Action,
    decide,
    loss_of,
    retains_on_delete,
    retains_on_replace,
)
from cloudworthy.local.provision.program import Program
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted
from cloudworthy.local.provision.state import Record, StackState, Status
from cloudworthy.local.template.dynamic import (
    DynamicValues,
    has_dynamic_reference,
    resolve_dynamic,
)
from cloudworthy.local.template.graph import sorter
from cloudworthy.local.template.place import Place

T = TypeVar("T")

_NAMED_BY = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::SecretsManager::Secret": "Name",
}
"""The property with the name that only one resource of the type can have in a region."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a rollout works with."""

    site: Site
    values: DynamicValues
    executor: Executor
    save: Callable[[StackState], None]


class Rollout:
    """Brings a stack's resources to what its template asks for.

    The state is saved before an engine is called and after it has answered, so that whenever
    the process is killed, the next rollout knows of everything that may exist.

    Parameters
    ----------
    agreed_losses
        Logical ids of the resources whose data may be lost.
    """

    def __init__(
        self, program: Program, state: StackState, tools: Tools, agreed_losses: frozenset[str]
    ) -> None:
        self._program = program
        self._state = state
        self._tools = tools
        self._agreed = agreed_losses

    async def run(self, ready: Callable[[], Awaitable[T]]) -> T:
        """Make and change resources, then delete what is no longer wanted.

        In between it is asked for what to return; when that raises, nothing is deleted.

        Raises
        ------
        CloudworthyError
            Names the resource that failed; what succeeded is in the state.
        """
        await self._bring_all()
        self._state.outputs = self._program.outputs()
        result = await ready()
        await self._clean_up()
        return result

    async def _bring_all(self) -> None:
        """After a failure or a cancellation nothing new is begun, but what runs is let to its end.

        An engine may be at work for it, which a cancelled task would leave unrecorded.
        """
        graph = sorter(self._program.needs)
        running: dict[asyncio.Task[None], str] = {}
        failures: list[BaseException] = []
        try:
            while graph.is_active() and (running or not failures):
                if not failures:
                    for logical_id in graph.get_ready():
                        running[asyncio.create_task(self._bring(logical_id))] = logical_id
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    logical_id = running.pop(task)
                    error = task.exception()
                    if error is None:
                        graph.done(logical_id)
                    else:
                        failures.append(error)
        finally:
            if running:
                await asyncio.wait(running)
        if failures:
            raise failures[0]

    async def _bring(self, logical_id: str) -> None:
        kind = self._program.type_of(logical_id)
        requested = self._program.requested(logical_id)
        record = self._state.resources.get(logical_id)
        action, _ = decide(kind, record, requested)
        if action is Action.UNCHANGED and record is not None:
            self._state.resources[logical_id] = self._program.annotated(record)
            return
        await self._change(kind, logical_id, requested, record, action)

    async def _change(
        self,
        kind: ResourceType,
        logical_id: str,
        requested: Mapping[str, TemplateValue],
        record: Record | None,
        action: Action,
    ) -> None:
        properties = await self._without_dynamic_references(logical_id, requested)
        generation = record.generation if record else self._state.next_generation(logical_id)
        if action is Action.REPLACE and record is not None:
            generation = self._state.next_generation(logical_id)
        wanted = self._wanted(kind, logical_id, properties, generation)
        if not self._program.is_declared_only(logical_id):
            kind.check(wanted)
        if action is Action.UPDATE and record is not None:
            await self._update(kind, wanted, requested, record)
            return
        if action is Action.REPLACE and record is not None:
            await self._make_room(kind, wanted, record)
        await self._create(kind, wanted, requested)

    async def _create(
        self, kind: ResourceType, wanted: Wanted, requested: Mapping[str, TemplateValue]
    ) -> None:
        begun = self._record(wanted, requested, Made(kind.provisional_id(wanted)))
        self._require_own_name(begun)
        if kind.in_engine:
            self._put(begun.marked(Status.CREATING))
        made = await call(
            kind, wanted.logical_id, self._tools.executor, lambda: kind.create(wanted)
        )
        self._finish(kind, self._record(wanted, requested, made, begun.sequence))

    def _require_own_name(self, begun: Record) -> None:
        """Two resources of one type cannot have one name, although an engine may allow it."""
        made = begun.resource
        named_by = _NAMED_BY.get(made.type)
        name = made.properties.get(named_by) if named_by else None
        if not named_by or not name:
            return
        for other in self._state.resources.values():
            there = other.resource
            if there.logical_id != made.logical_id and (
                (there.type, there.properties.get(named_by)) == (made.type, name)
            ):
                raise ProvisionError(
                    f"{made.type} ({made.logical_id}): found the name {name}, which "
                    f"{there.logical_id} has, expected another. Change one of the names."
                )

    async def _update(
        self,
        kind: ResourceType,
        wanted: Wanted,
        requested: Mapping[str, TemplateValue],
        record: Record,
    ) -> None:
        if kind.in_engine:
            self._put(record.marked(Status.UPDATING))
        existing = record.resource
        made = await call(
            kind, wanted.logical_id, self._tools.executor, lambda: kind.update(wanted, existing)
        )
        if made.physical_id != existing.physical_id:
            # A custom resource alone may do that: its old resource has been replaced.
            self._state.leftovers.append(record)
        self._finish(kind, self._record(wanted, requested, made, record.sequence))

    async def _make_room(self, kind: ResourceType, wanted: Wanted, record: Record) -> None:
        """Nothing refers to a resource that was never finished: it goes at once."""
        if record.status is Status.CREATING:
            await self._delete(record)
        else:
            self._set_aside(kind, wanted, record)

    def _set_aside(self, kind: ResourceType, wanted: Wanted, record: Record) -> None:
        """Keep the replaced resource until everything refers to the new one."""
        retained = retains_on_replace(record)
        self._require_agreement(record, retained=retained)
        if kind.in_engine and kind.provisional_id(wanted) == record.resource.physical_id:
            raise ProvisionError(
                f"{kind.name} ({wanted.logical_id}): found a change that replaces "
                f"{record.resource.physical_id}, whose name the template fixes, expected another "
                "name for the new one. Change the name, or leave it to CloudFormation."
            )
        (self._state.retained if retained else self._state.leftovers).append(record)
        del self._state.resources[wanted.logical_id]

    # deleting

    async def _clean_up(self) -> None:
        for name, record in list(self._state.resources.items()):
            if name not in self._program.resources:
                retained = retains_on_delete(record)
                self._require_agreement(record, retained=retained)
                del self._state.resources[name]
                (self._state.retained if retained else self._state.leftovers).append(record)
        if self._state.leftovers:
            self._tools.save(self._state)
        for record in sorted(self._state.leftovers, key=lambda it: -it.sequence):
            await self._delete(record)

    async def _delete(self, record: Record) -> None:
        tools = self._tools
        await delete_record(record, tools.site, tools.executor)
        self._state.forget(record)
        tools.save(self._state)

    def _require_agreement(self, record: Record, *, retained: bool) -> None:
        loss = loss_of(record, retained=retained)
        if loss and record.logical_id not in self._agreed:
            raise ProvisionError(
                f"{record.resource.type} ({record.logical_id}): found a change that loses {loss}, "
                "which the plan did not announce. Plan again."
            )

    # pieces

    async def _without_dynamic_references(
        self, logical_id: str, requested: Mapping[str, TemplateValue]
    ) -> Mapping[str, TemplateValue]:
        value = dict(requested)
        if not has_dynamic_reference(value):
            return value
        place = Place(logical_id, "Properties")
        name = f"{self._program.type_of(logical_id).name} ({logical_id})"
        resolved: Mapping[str, TemplateValue] = await in_thread(
            name,
            self._tools.executor,
            lambda: resolve_dynamic(value, self._tools.values, place),
        )
        return resolved

    def _wanted(
        self,
        kind: ResourceType,
        logical_id: str,
        properties: Mapping[str, TemplateValue],
        generation: int,
    ) -> Wanted:
        neighbours = tuple(record.resource for record in self._state.all_records())
        return Wanted(logical_id, kind.name, properties, self._tools.site, generation, neighbours)

    def _record(
        self,
        wanted: Wanted,
        requested: Mapping[str, TemplateValue],
        made: Made,
        sequence: int | None = None,
    ) -> Record:
        resource = ProvisionedResource(
            logical_id=wanted.logical_id,
            type=wanted.type,
            physical_id=made.physical_id,
            properties=wanted.properties,
            attributes=made.attributes,
            construct_path=self._program.resource(wanted.logical_id).construct_path,
            data=made.data,
        )
        record = Record(
            resource=resource,
            status=Status.COMPLETE,
            requested=requested,
            generation=wanted.generation,
            sequence=self._state.next_sequence() if sequence is None else sequence,
        )
        return self._program.annotated(record)

    def _put(self, record: Record) -> None:
        self._state.resources[record.logical_id] = record
        self._tools.save(self._state)

    def _finish(self, kind: ResourceType, record: Record) -> None:
        """Keep a finished resource; one without an engine is saved with the next that has one."""
        self._state.resources[record.logical_id] = record
        if kind.in_engine:
            self._tools.save(self._state)
