"""Evaluates every alarm once a minute and has its actions carried out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from typing import Protocol

from cloudworthy.local.model.backends import BackendUnavailableError
from cloudworthy.local.observe.alarms import notice
from cloudworthy.local.observe.alarms.definition import Alarm, CompositeAlarm, MetricAlarm, State
from cloudworthy.local.observe.alarms.evaluation import (
    Verdict,
    evaluate_composite_alarm,
    evaluate_metric_alarm,
)
from cloudworthy.local.observe.alarms.parsing import parse_alarm
from cloudworthy.local.observe.alarms.store import (
    AlarmState,
    AlarmStore,
    DueAction,
    HistoryItem,
)
from cloudworthy.local.observe.metrics.clock import MetricClock
from cloudworthy.local.observe.metrics.store import MetricStore

_log = logging.getLogger(__name__)


class ActionFailedError(Exception):
    """An action was refused; it is not tried again."""


class Actions(Protocol):
    """What alarms can set off."""

    async def publish(self, topic_arn: str, subject: str, message: str, email: str) -> None:
        """Publish to a topic; ``email`` is what e-mail subscriptions get.

        Raises
        ------
        ActionFailedError, BackendUnavailableError
        """
        ...

    async def invoke(self, function_arn: str, event: bytes) -> None:
        """Invoke a function asynchronously.

        Raises
        ------
        ActionFailedError
        """
        ...


class AlarmEvaluator:
    """The alarms of a stack and those made through the API.

    Parameters
    ----------
    arn_prefix
        Of alarms made through the API: ``arn:aws:cloudwatch:REGION:ACCOUNT:alarm:``.
    """

    def __init__(
        self,
        metrics: MetricStore,
        states: AlarmStore,
        clock: MetricClock,
        actions: Actions,
        *,
        arn_prefix: str,
    ) -> None:
        self._metrics = metrics
        self.states = states
        self._clock = clock
        self._actions = actions
        self._arn_prefix = arn_prefix
        self._acting = asyncio.Lock()
        self._deployed: dict[str, Alarm] = {}
        self._created = self._read_created()

    @property
    def alarms(self) -> dict[str, Alarm]:
        """By name."""
        return {**self._deployed, **self._created}

    def update(self, alarms: Iterable[Alarm]) -> None:
        """These are the alarms of the stack now; the state of one that stays is kept.

        As in a stack on AWS, what a call has put holds until the template changes.
        """
        self._deployed = {it.name: it for it in alarms}
        self.states.deploy(self._deployed)
        self._created = self._read_created()
        for name in set(self.states.names()) - self.alarms.keys():
            self.states.forget(name)
        for name in self._deployed:
            self.state(name)

    def create(self, kind: str, properties: dict[str, object]) -> None:
        """Make or change an alarm through the API.

        Raises
        ------
        InvalidAlarmError
        """
        alarm = self._parse(kind, properties)
        self.states.create(alarm, kind)
        self._created[alarm.name] = alarm
        self.state(alarm.name)

    def delete(self, name: str) -> None:
        self._created.pop(name, None)
        self._deployed.pop(name, None)
        self.states.forget(name)

    def state(self, name: str) -> AlarmState:
        return self.states.state(name, self._clock.now_s())

    def is_enabled(self, alarm: Alarm) -> bool:
        """Whether its actions are carried out."""
        return self.states.actions_enabled(alarm.name, configured=alarm.actions_enabled)

    async def evaluate(self) -> None:
        """Look at every alarm once, composite ones last, then carry out what is due."""
        alarms = self.alarms.values()
        for alarm in alarms:
            if isinstance(alarm, MetricAlarm):
                self._evaluate(alarm)
        composite = [it for it in alarms if isinstance(it, CompositeAlarm)]
        for _ in composite:
            # One rule may ask for the state of another composite alarm.
            changed = [self._evaluate(it) for it in composite]
            if not any(changed):
                break
        await self.carry_out_actions()

    def set_state(self, alarm: Alarm, verdict: Verdict) -> bool:
        """Bring an alarm into a state; tells whether that is another one than before."""
        before, now_s = self.state(alarm.name), self._clock.now_s()
        if verdict.state is before.value:
            return False
        after = AlarmState(verdict.state, verdict.reason, verdict.data, now_s, before.configured_s)
        transition = notice.Transition(alarm, before, after)
        targets = alarm.actions.get(after.value, ()) if self.is_enabled(alarm) else ()
        self.states.transition(
            alarm.name,
            after,
            _state_update(transition),
            [DueAction(0, alarm.name, target, _notice(target, transition)) for target in targets],
        )
        return True

    async def carry_out_actions(self) -> None:
        """Do what transitions called for, also what a run before has left."""
        async with self._acting:  # Two at once would both find what is due.
            for action in self.states.due():
                try:
                    summary = await self._outcome(action)
                except BackendUnavailableError:
                    return  # The engine is restarting: the next minute tries again.
                item = HistoryItem(action.name, self._clock.now_s(), "Action", summary, "{}")
                self.states.done(action, item)

    async def _outcome(self, action: DueAction) -> str:
        """What the history says about an action."""
        try:
            await self._carry_out(action)
        except ActionFailedError as error:
            _log.warning("alarm %s: %s was refused: %s", action.name, action.target, error)
            return f"Failed to execute action {action.target}. Received error: {error}"
        return f"Successfully executed action {action.target}"

    async def _carry_out(self, action: DueAction) -> None:
        service = action.target.split(":")[2] if action.target.count(":") > 4 else ""
        if service == "sns":
            await self._actions.publish(action.target, **action.notice)
        elif service == "lambda":
            await self._actions.invoke(action.target, json.dumps(action.notice).encode())
        else:
            raise ActionFailedError("there are only actions of SNS and Lambda on this machine")

    def _read_created(self) -> dict[str, Alarm]:
        alarms = [self._parse(*it) for it in self.states.created()]
        return {it.name: it for it in alarms}

    def _parse(self, kind: str, properties: dict[str, object]) -> Alarm:
        return parse_alarm(kind, properties, self._arn_prefix + str(properties["AlarmName"]))

    def _evaluate(self, alarm: MetricAlarm | CompositeAlarm) -> bool:
        """Tells whether the alarm is in another state than before."""
        try:
            verdict = self._verdict(alarm)
        except Exception as error:  # noqa: BLE001 - one alarm must not be the end of all others
            _log.warning("alarm %s cannot be evaluated: %s", alarm.name, error)
            return False
        return self.set_state(alarm, verdict)

    def _verdict(self, alarm: MetricAlarm | CompositeAlarm) -> Verdict:
        if isinstance(alarm, CompositeAlarm):
            return evaluate_composite_alarm(alarm, self._state_of)
        current = self.state(alarm.name).value
        return evaluate_metric_alarm(alarm, self._metrics, current, self._clock.now_s())

    def _state_of(self, name_or_arn: str) -> State:
        name = name_or_arn.partition(":alarm:")[2] or name_or_arn
        known = name in self.alarms
        return self.state(name).value if known else State.INSUFFICIENT_DATA


def _notice(target: str, transition: notice.Transition) -> dict[str, object]:
    if ":lambda:" in target:
        return notice.function_event(transition)
    return {
        "subject": notice.subject(transition),
        "message": notice.message(transition),
        "email": notice.email(transition),
    }


def _state_update(transition: notice.Transition) -> HistoryItem:
    before, after = transition.before, transition.after
    data = {"version": "1.0", "oldState": _told(before), "newState": _told(after)}
    summary = f"Alarm updated from {before.value} to {after.value}"
    return HistoryItem(
        transition.alarm.name, after.since_s, "StateUpdate", summary, json.dumps(data)
    )


def _told(state: AlarmState) -> dict[str, object]:
    told: dict[str, object] = {"stateValue": state.value, "stateReason": state.reason}
    return told | ({"stateReasonData": json.loads(state.data)} if state.data else {})
