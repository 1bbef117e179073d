"""The faults of a running stack: which of them hit a call, and what then becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.endpoint.authorization.requirements import authorization_of
from cloudworthy.local.endpoint.call import Operation, Protocol
from cloudworthy.local.faults.document import FaultFileError
from cloudworthy.local.faults.fault import Fault
from cloudworthy.local.faults.file import FaultFile, Version
from cloudworthy.local.faults.hits import HitCounter
from cloudworthy.local.faults.resources import (
    FaultResource,
    FaultResources,
    UnknownResourceError,
)
from cloudworthy.local.faults.targets import INVOKE, LAMBDA, service_of
from cloudworthy.local.iam.decision import ApiCall
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.faults import UNHARMED, Effect, Strike
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.progress import Progress
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.permissions.lookup import StackResources

_PROTOCOLS = {protocol.value: protocol for protocol in Protocol}


@dataclass(frozen=True, slots=True)
class _Aimed:
    """A fault with what its names mean in this stack."""

    fault: Fault
    resource: FaultResource | None
    caller: str
    """The logical id of a function; empty for whoever calls."""


class StackFaults:
    """Follows ``faults.json`` and decides on each call; see ``InvocationFaults``, ``CallFaults``.

    Before ``use`` nothing is hit: a stack is deployed as if there were no faults.

    Parameters
    ----------
    directory
        The state directory of the stack.
    random
        Numbers from 0 to below 1; below a fault's rate they are a hit.
    """

    def __init__(
        self, directory: Path, *, clock: Clock, random: Callable[[], float], progress: Progress
    ) -> None:
        self._file = FaultFile(directory)
        self._hits = HitCounter(directory)
        self._clock = clock
        self._random = random
        self._progress = progress
        self._resources: FaultResources | None = None
        self._lookup = StackResources()
        self._account = ""
        self._version: Version | None = None
        self._aimed: dict[str, list[_Aimed]] = {}
        self._told: set[Fault] = set()

    def begin(self, faults: Sequence[Fault], deployment: Deployment) -> None:
        """Have these faults, and no others, from the start on.

        Raises
        ------
        UnknownResourceError
            The stack has not what one of them names.
        """
        resources = FaultResources(deployment.resources.values())
        for fault in faults:
            _aimed(fault, resources)
        now = self._clock.now()
        self._file.replace(tuple(fault.started(now) for fault in faults))
        self._hits.forget(fault.fault_id for fault in faults)

    def use(self, deployment: Deployment) -> None:
        """Let faults act on calls of this deployment from now on."""
        self._resources = FaultResources(deployment.resources.values())
        self._lookup = StackResources(deployment)
        self._account = deployment.stack.account
        self._version = self._file.version()
        try:
            faults = self._file.read()
        except FaultFileError as error:
            self._progress.warn(f"Faults stay as they were: {error}")
            return
        self._aim(self._still_known(faults, self._resources))

    def close(self) -> None:
        self._hits.close()

    def of_invocation(self, function: Function) -> Strike:
        """What becomes of the event that this function is about to get."""
        faults = self._of_target(LAMBDA)
        if not faults:
            return UNHARMED
        hitting = [it for it in faults if _is_of(it, function)]
        return self._strike(hitting, f"{LAMBDA} {INVOKE} of {function.logical_id}")

    async def of_call(self, call: ApiCall) -> Strike:
        """What becomes of a call that its caller may make."""
        faults = self._of_target(service_of(call.service))
        if not faults or call.service == LAMBDA:
            return UNHARMED
        narrowed = [it for it in faults if _may_concern(it, call)]
        arns = await self._arns(call) if any(it.resource for it in narrowed) else []
        hitting = [it for it in narrowed if it.resource is None or it.resource.is_in(arns)]
        caller = call.principal.function_logical_id
        what = f"{call.service} {call.operation}" + (f" by {caller}" if caller else "")
        return self._strike(hitting, what)

    def _of_target(self, target: str) -> list[_Aimed]:
        if self._resources is None:
            return []
        self._follow()
        return self._aimed.get(target, [])

    def _follow(self) -> None:
        """Read the file if it is another one than before; a broken one changes nothing."""
        version = self._file.version()
        if version == self._version or self._resources is None:
            return
        self._version = version
        try:
            faults = self._file.read()
            aimed = [_aimed(fault, self._resources) for fault in faults]
        except (FaultFileError, UnknownResourceError) as error:
            self._progress.warn(f"Faults stay as they were: {error}")
            return
        self._aim(aimed)

    def _still_known(self, faults: Iterable[Fault], resources: FaultResources) -> Iterator[_Aimed]:
        """Without those whose resource has left the stack: the others may go on."""
        for fault in faults:
            try:
                yield _aimed(fault, resources)
            except UnknownResourceError as error:
                self._progress.warn(f"{error} It hits nothing.")

    def _aim(self, aimed: Iterable[_Aimed]) -> None:
        before, now = self._aimed, self._clock.now()
        self._aimed = {}
        active = []
        for it in aimed:
            if not it.fault.is_over(now):
                self._aimed.setdefault(it.fault.target, []).append(it)
                active.append(it.fault)
        self._told &= set(active)
        if active:
            listed = "; ".join(f"{it.fault_id} ({it})" for it in active)
            self._progress.warn(f"Faults are on: {listed}")
        elif before:
            self._progress.say("No fault is on any more")

    def _strike(self, hitting: Iterable[_Aimed], what: str) -> Strike:
        """Waits add up; the first other effect in the order of the file is the one."""
        delay_s, now = 0.0, self._clock.now()
        for it in hitting:
            fault = it.fault
            if fault.is_over(now) or self._random() >= fault.rate:
                continue
            self._note_hit(fault, what)
            if fault.effect is not Effect.SLOW:
                return Strike(delay_s, fault.effect)
            delay_s += fault.delay_ms / 1000
        return Strike(delay_s)

    def _note_hit(self, fault: Fault, what: str) -> None:
        self._hits.count(fault.fault_id)
        if fault not in self._told:
            self._told.add(fault)
            self._progress.say(f"Fault {fault.fault_id} has hit its first call: {what}")

    async def _arns(self, call: ApiCall) -> list[str]:
        """What a call is about, by the same reading of it that permissions are decided by."""
        try:
            requests = await authorization_of(
                call.request,
                Operation(call.service, call.operation, _PROTOCOLS[call.content_type]),
                call.principal,
                account=self._account,
                region=call.region,
                lookup=self._lookup,
                now=self._clock.now(),
            )
        except UnclassifiedRequestError:
            return []
        return [arn for request in requests for arn in request.resources]


def _aimed(fault: Fault, resources: FaultResources) -> _Aimed:
    """Source of errors: ``FaultResources.find``."""
    try:
        resource = resources.find(fault.target, fault.resource) if fault.resource else None
        caller = resources.find(LAMBDA, fault.caller).logical_id if fault.caller else ""
    except UnknownResourceError as error:
        raise UnknownResourceError(f"Fault {fault.fault_id}: {error}") from error
    return _Aimed(fault, resource, caller)


def _may_concern(aimed: _Aimed, call: ApiCall) -> bool:
    """Whether all but the resource is as the fault says."""
    if aimed.caller and aimed.caller != call.principal.function_logical_id:
        return False
    return aimed.fault.operation in {"", call.operation}


def _is_of(aimed: _Aimed, function: Function) -> bool:
    return aimed.resource is None or aimed.resource.logical_id == function.logical_id
