"""Alarms over a store and a clock that the test moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.model.backends import BackendUnavailableError
from cloudworthy.local.model.records import MetricDatum
from cloudworthy.local.observe.alarms.definition import State
from cloudworthy.local.observe.alarms.evaluator import ActionFailedError, AlarmEvaluator
from cloudworthy.local.observe.alarms.parsing import InvalidAlarmError, parse_alarm
from cloudworthy.local.observe.alarms.store import UNCHECKED, AlarmStore
from cloudworthy.local.observe.metrics.clock import MetricClock
from cloudworthy.local.observe.metrics.store import MetricStore
from local.observe.manual_clock import ManualClock

PREFIX = "arn:aws:cloudwatch:eu-central-1:000000000000:alarm:"
TOPIC = "arn:aws:sns:eu-central-1:000000000000:topic"
FUNCTION = "arn:aws:lambda:eu-central-1:000000000000:function:f"
METRIC, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
ERRORS: dict[str, Any] = {
    "AlarmName": "errors",
    "Namespace": "N",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
    "AlarmActions": [TOPIC],
}


@dataclass
class Told:
    """Keeps the actions that were called for."""

    published: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    failure: Exception | None = None

    async def publish(self, topic_arn: str, subject: str, message: str, email: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.published.append((topic_arn, subject, json.loads(message)))
        self.emails.append(email)

    async def invoke(self, function_arn: str, event: bytes) -> None:
        self.events.append({"function": function_arn, **json.loads(event)})


class World:
    """A store, a clock and an evaluator of some alarms."""

    def __init__(self, directory: Path) -> None:
        self.machine = ManualClock()
        self.directory = directory
        self.told = Told()
        self.open()

    def open(self) -> None:
        self.clock = MetricClock(self.machine)
        self.metrics = MetricStore(self.directory / "m.sqlite", self.clock)
        self.states = AlarmStore(self.directory / "a.sqlite", self.clock.now_s())
        self.evaluator = AlarmEvaluator(
            self.metrics, self.states, self.clock, self.told, arn_prefix=PREFIX
        )

    def close(self) -> None:
        self.metrics.close()
        self.states.close()

    def deploy(self, *alarms: dict[str, Any]) -> None:
        self.evaluator.update(
            parse_alarm(COMPOSITE if "AlarmRule" in it else METRIC, it, PREFIX + it["AlarmName"])
            for it in alarms
        )

    async def minute(self, *values: float, name: str = "Errors") -> None:
        """Put values, then let the minute end and the alarms be evaluated."""
        for value in values:
            self.metrics.put(MetricDatum("N", name, (), value))
        self.machine.advance(60)
        await self.evaluator.evaluate()

    def state(self, name: str = "errors") -> State:
        return self.evaluator.state(name).value


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


async def test_an_alarm_goes_off_is_told_and_recovers(world: World) -> None:
    world.deploy(ERRORS | {"OKActions": [FUNCTION]})
    assert world.evaluator.state("errors").reason == UNCHECKED
    await world.minute()
    assert world.state() is State.OK
    await world.minute(1, 1)
    assert world.state() is State.ALARM
    ((topic, subject, message),) = world.told.published
    assert (topic, subject) == (TOPIC, 'ALARM: "errors" in Europe (Frankfurt)')
    assert message["NewStateReason"] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [2.0 (04/03/26 05:01:00)] was greater "
        "than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert message["StateChangeTime"] == "2026-03-04T05:02:00.000+0000"
    assert (message["OldStateValue"], message["NewStateValue"]) == ("OK", "ALARM")
    assert message["Trigger"]["Statistic"] == "SUM"
    assert "- Alarm Arn:                  " + PREFIX + "errors" in world.told.emails[0]
    await world.minute(0)
    assert world.state() is State.OK
    first, last = world.told.events
    assert first["alarmData"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert last["function"] == FUNCTION
    assert last["alarmData"]["state"]["value"] == "OK"


async def test_a_reached_alarm_is_told_once(world: World) -> None:
    world.deploy(ERRORS)
    for _ in range(3):
        await world.minute(1)
    assert len(world.told.published) == 1


async def test_two_of_three_five_minute_periods(world: World) -> None:
    properties = {"Period": 300, "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 5}
    world.deploy(ERRORS | properties)
    for value in (5, 0, 0, 0, 0):
        await world.minute(value)
    assert world.state() is State.OK
    for value in (0, 0, 0, 0, 0, 2, 2):
        await world.minute(value)
    assert world.state() is State.OK
    await world.minute(1)
    assert world.state() is State.ALARM


async def test_percentiles_and_metric_math(world: World) -> None:
    percentile = {**ERRORS, "AlarmName": "slow", "MetricName": "Duration", "Threshold": 100}
    percentile["ExtendedStatistic"] = percentile.pop("Statistic").replace("Sum", "p90")
    stat = {"Period": 60, "Stat": "Sum"}
    rate = {
        "AlarmName": "rate",
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "Metrics": [
            {"Id": "rate", "Expression": "100 * errors / invocations", "Label": "error rate"},
            *(
                {"Id": name.lower(), "ReturnData": False,
                 "MetricStat": {"Metric": {"Namespace": "N", "MetricName": name}, **stat}}
                for name in ("Errors", "Invocations")
            ),
        ],
        "AlarmActions": [TOPIC],
    }  # fmt: skip
    world.deploy(percentile, rate)
    for value in (10, 20, 30, 40, 50, 60, 70, 80, 99, 5000):
        world.metrics.put(MetricDatum("N", "Duration", (), value))
    world.metrics.put(MetricDatum("N", "Invocations", (), 20))
    await world.minute(1)
    assert (world.state("slow"), world.state("rate")) == (State.OK, State.OK)
    world.metrics.put(MetricDatum("N", "Invocations", (), 19))
    world.metrics.put(MetricDatum("N", "Duration", (), 101))
    await world.minute(1)
    assert (world.state("slow"), world.state("rate")) == (State.ALARM, State.ALARM)
    trigger = next(it[2] for it in world.told.published if "rate" in it[1])["Trigger"]
    assert trigger["Metrics"][0]["Expression"] == "100 * errors / invocations"
    assert trigger["Metrics"][1]["MetricStat"]["Stat"] == "Sum"


async def test_few_samples_leave_a_percentile_alone(world: World) -> None:
    alarm = {**ERRORS, "ExtendedStatistic": "p99", "EvaluateLowSampleCountPercentile": "ignore"}
    del alarm["Statistic"]
    world.deploy(alarm)
    await world.minute(5)
    assert world.state() is State.INSUFFICIENT_DATA


def computed(name: str, expression: str) -> dict[str, Any]:
    metric = {"Namespace": "N", "MetricName": "Errors"}
    return {
        "AlarmName": name,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [
            {"Id": "e", "Expression": expression},
            {"Id": "m1", "ReturnData": False,
             "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
        ],
    }  # fmt: skip


async def test_a_number_that_does_not_exist_is_no_data_point(world: World) -> None:
    expressions = ["m1 + LOG10(SUM(m1))", "m1 ^ 0.5", "10 ^ 400 * m1"]
    world.deploy(*(computed(it, it) | {"TreatMissingData": "breaching"} for it in expressions))
    await world.minute(-4)
    for name in expressions:
        assert world.evaluator.state(name).reason == (
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint "
            "was treated as [Breaching]."
        )


async def test_an_alarm_that_cannot_be_evaluated_stops_no_other(world: World) -> None:
    endless = computed("an-endless", "e1")
    endless["Metrics"] += [
        {"Id": f"e{n}", "Expression": f"e{n + 1} + 1", "ReturnData": False} for n in range(1, 1000)
    ]
    world.deploy(
        computed("a-nothing", "other"),
        endless,
        ERRORS,
        {"AlarmName": "top", "AlarmRule": "ALARM(errors)"},
    )
    await world.minute(1)
    assert (world.state(), world.state("top")) == (State.ALARM, State.ALARM)
    assert len(world.told.published) == 1
    for name in ("a-nothing", "an-endless"):
        assert world.evaluator.state(name).reason == UNCHECKED


async def test_values_of_another_unit_do_not_count(world: World) -> None:
    slow = {**ERRORS, "MetricName": "Duration", "TreatMissingData": "missing"}
    stat = {"Metric": {"Namespace": "N", "MetricName": "Duration"}, "Period": 60, "Stat": "Sum"}
    of_query = computed("query", "0") | {
        "Metrics": [{"Id": "m", "MetricStat": stat | {"Unit": "Seconds"}}]
    }
    world.deploy(
        slow | {"AlarmName": "any"},
        slow | {"AlarmName": "s", "Unit": "Seconds"},
        slow | {"AlarmName": "ms", "Unit": "Milliseconds"},
        of_query,
    )
    world.metrics.put(MetricDatum("N", "Duration", (), 5, "Milliseconds"))
    await world.minute()
    states = {name: world.state(name) for name in world.evaluator.alarms}
    unknown = State.INSUFFICIENT_DATA
    assert states == {"any": State.ALARM, "s": unknown, "ms": State.ALARM, "query": unknown}
    units = {it[2]["AlarmName"]: it[2]["Trigger"]["Unit"] for it in world.told.published}
    assert units == {"any": None, "ms": "Milliseconds"}
    assert "- Unit:                       Milliseconds" in world.told.emails[1]


async def test_composite_alarms_follow_others(world: World) -> None:
    world.deploy(
        {"AlarmName": "a-top", "AlarmRule": 'ALARM("middle")', "AlarmActions": [TOPIC]},
        {"AlarmName": "middle", "AlarmRule": "ALARM(errors) AND NOT ALARM(other)"},
        ERRORS | {"AlarmActions": []},
    )
    await world.minute(1)
    assert world.state("a-top") is State.ALARM
    assert world.told.published[0][2]["AlarmRule"] == 'ALARM("middle")'
    await world.minute(0)
    assert world.state("a-top") is State.OK


async def test_disabled_actions_are_not_carried_out(world: World) -> None:
    world.deploy(ERRORS | {"ActionsEnabled": "false"})
    await world.minute(1)
    assert world.state() is State.ALARM
    assert world.told.published == []
    assert len(world.states.history("errors")) == 2


async def test_the_state_survives_a_restart_and_an_update(world: World) -> None:
    world.deploy(ERRORS)
    await world.minute(1)
    world.close()
    world.open()
    world.deploy(ERRORS | {"Threshold": 2})
    assert world.state() is State.ALARM
    await world.minute(1)
    assert world.state() is State.OK
    world.deploy()
    assert world.states.names() == []


async def test_what_was_configured_last_holds(world: World) -> None:
    world.deploy(ERRORS)
    world.states.enable_actions("errors", enabled=False)
    world.evaluator.create(METRIC, ERRORS | {"Threshold": 5})
    await world.minute(1)
    assert world.state() is State.OK
    world.close()
    world.open()
    world.deploy(ERRORS)
    await world.minute(1)
    assert world.state() is State.OK
    await world.minute(5)
    assert len(world.told.published) == 1
    world.deploy(ERRORS | {"Threshold": 6})
    await world.minute(5)
    assert world.state() is State.OK
    world.evaluator.create(METRIC, ERRORS)
    world.deploy()
    world.close()
    world.open()
    assert world.evaluator.alarms == {}


async def test_a_notice_waits_for_its_engine_and_outlives_a_restart(world: World) -> None:
    world.deploy(ERRORS)
    world.told.failure = BackendUnavailableError("restarting")
    await world.minute(1)
    assert world.told.published == []
    world.close()
    world.told.failure = None
    world.open()
    world.deploy(ERRORS)
    await world.minute(1)
    assert len(world.told.published) == 1
    await world.minute(1)
    assert len(world.told.published) == 1


async def test_an_action_that_is_refused_is_in_the_history(world: World) -> None:
    world.deploy(ERRORS | {"AlarmActions": [TOPIC, "arn:aws:automate:eu-central-1:ec2:stop"]})
    world.told.failure = ActionFailedError("no such topic")
    await world.minute(1)
    summaries = [it.summary for it in world.states.history("errors") if it.kind == "Action"]
    reasons = [it.partition(" Received error: ")[2] for it in summaries]
    assert reasons == ["there are only actions of SNS and Lambda on this machine", "no such topic"]
    assert world.states.due() == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"Period": 10}, "Period"),
        ({"Statistic": "Median"}, "Statistic"),
        ({"ExtendedStatistic": "TM(10%:90%)x"}, "Statistic"),
        ({"Unit": "Fortnights"}, "Unit"),
        ({"Threshold": "high"}, "Threshold"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "ComparisonOperator"),
        ({"TreatMissingData": "no"}, "TreatMissingData"),
        ({"EvaluationPeriods": 0}, "EvaluationPeriods"),
        ({"Metrics": [{"Id": "a", "Expression": "SEARCH('x', 'Sum', 60)"}]}, "Metrics.Expression"),
        ({"Metrics": [{"Id": "a", "Expression": "1", "ReturnData": False}]}, "Metrics.ReturnData"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(change: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidAlarmError) as refused:
        parse_alarm(METRIC, ERRORS | change, PREFIX + "errors")
    assert refused.value.property_name == where


def test_dynamodb_is_quiet_about_missing_data_unless_told_otherwise() -> None:
    alarm = {**ERRORS, "Namespace": "AWS/DynamoDB"}
    assert getattr(parse_alarm(METRIC, alarm, ""), "missing_data", "") == "notBreaching"
    del alarm["TreatMissingData"]
    assert getattr(parse_alarm(METRIC, alarm, ""), "missing_data", "") == "ignore"
