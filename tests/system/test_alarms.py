"""An alarm of a running stack: it trips by a failing function, is told by mail, and recovers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from cloudworthy.local.observe.mail.mailbox import Mailbox, read_mail
from running_system import CLOUDWORTHY, RunningSystem, start_system, wait_until
from small_app import write_assembly

SPEED = "120"
CODE = """
import json, time

def handler(event, context):
    if event.get("fail"):
        raise RuntimeError("on purpose")
    print(json.dumps({
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [{
            "Namespace": "Shop", "Dimensions": [["service"]],
            "Metrics": [{"Name": "Orders", "Unit": "Count"}]}]},
        "service": "small", "Orders": 3,
    }))
    return "fine"
"""
RESOURCES = {
    "Topic": {
        "Type": "AWS::SNS::Topic",
        "Properties": {
            "TopicName": "alarms",
            "Subscription": [{"Protocol": "email", "Endpoint": "person@example.com"}],
        },
    },
    "MayInvoke": {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Fn::GetAtt": ["Worker", "Arn"]},
            "Principal": "lambda.alarms.cloudwatch.amazonaws.com",
            "SourceArn": {"Fn::GetAtt": ["ErrorAlarm", "Arn"]},
        },
    },
    "ErrorAlarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "small-errors",
            "AlarmDescription": "A function failed.",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": "Worker"}}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "Topic"}, {"Fn::GetAtt": ["Worker", "Arn"]}],
            "OKActions": [{"Ref": "Topic"}],
        },
    },
}


# The second test looks at what the first one left: both belong into one process.
pytestmark = pytest.mark.xdist_group("alarms-of-a-small-app")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    directory = tmp_path_factory.mktemp("alarms")
    code = directory / "worker"
    code.mkdir()
    (code / "index.py").write_text(CODE)
    write_assembly(directory / "cdk.out", {"Worker": code}, RESOURCES)
    arguments = ("--assembly", str(directory / "cdk.out"), "--clock-speed", SPEED)
    with start_system(directory, *arguments) as running:
        yield running


def subjects(system: RunningSystem) -> list[str]:
    paths = Mailbox(system.state / "mailbox").paths()
    return [str(read_mail(path)["Subject"]) for path in paths]


def invoke(system: RunningSystem, event: dict[str, Any]) -> None:
    lambda_ = system.client("lambda")
    name = lambda_.list_functions()["Functions"][0]["FunctionName"]
    lambda_.invoke(FunctionName=name, Payload=json.dumps(event).encode())


def cloudworthy(system: RunningSystem, *arguments: str) -> str:
    command = [str(CLOUDWORTHY), *arguments, "--state", str(system.state.parent)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_an_alarm_trips_tells_and_recovers(system: RunningSystem) -> None:
    alarm = 'ALARM: "small-errors" in US East (N. Virginia)'
    recovered = 'OK: "small-errors" in US East (N. Virginia)'
    wait_until(lambda: subjects(system) == [recovered])

    invoke(system, {"fail": True})
    wait_until(lambda: subjects(system) == [recovered, alarm])
    listed = json.loads(cloudworthy(system, "alarms", "--json"))
    assert listed[0]["name"] == "small-errors"

    wait_until(lambda: subjects(system) == [recovered, alarm, recovered])
    message = read_mail(Mailbox(system.state / "mailbox").paths()[1])
    assert message["To"] == "person@example.com"
    body = message.get_content()
    assert "- State Change:               OK -> ALARM" in body
    assert "was greater than or equal to the threshold (1.0)" in body
    assert "OK -> ALARM" in cloudworthy(system, "mail")


def test_the_metrics_of_the_stack_are_asked_for_as_on_aws(system: RunningSystem) -> None:
    invoke(system, {})
    cloudwatch = system.client("cloudwatch")

    def names(namespace: str) -> set[str]:
        metrics = cloudwatch.list_metrics(Namespace=namespace)["Metrics"]
        return {it["MetricName"] for it in metrics}

    assert {"Invocations", "Errors", "Duration", "ConcurrentExecutions"} <= names("AWS/Lambda")
    wait_until(lambda: names("Shop") == {"Orders"})
    assert names("AWS/SNS") >= {"NumberOfMessagesPublished"}
    history = cloudwatch.describe_alarm_history(AlarmName="small-errors")["AlarmHistoryItems"]
    assert "Alarm updated from OK to ALARM" in {it["HistorySummary"] for it in history}
    done = [it["HistorySummary"] for it in history if it["HistoryItemType"] == "Action"]
    assert {it.split(":")[2] for it in done if it.startswith("Successfully")} == {"sns", "lambda"}
    assert all(it.startswith("Successfully") for it in done)
