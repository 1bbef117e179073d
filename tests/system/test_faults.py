"""Faults on demand, from the command line to what functions, callers and queues see of them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from botocore.config import Config
from click.testing import CliRunner, Result

from cloudworthy.cli.main import cli
from cloudworthy.local.faults.file import read_starting_faults
from running_system import CLOUDWORTHY, ROOT, RunningSystem, launch_system, wait_until
from small_app import write_assembly

pytestmark = pytest.mark.xdist_group("faults-of-a-small-app")

WORKER = """
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError, HTTPClientError

    table = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))

    def handler(event, context):
        if "key" not in event:
            return "ran"
        try:
            table.put_item(TableName="items", Item={"id": {"S": event["key"]}})
        except ClientError as error:
            return error.response["Error"]["Code"]
        except HTTPClientError as error:
            return type(error).__name__
        return "put"
"""


def _table(name: str) -> dict[str, object]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
    }


RESOURCES = {
    "ItemsTable": _table("items"),
    "Failed": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failed"}},
    "Policy": {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "Worker",
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "dynamodb:PutItem",
                        "Resource": {"Fn::GetAtt": ["ItemsTable", "Arn"]},
                    },
                    {
                        "Effect": "Allow",
                        "Action": "sqs:SendMessage",
                        "Resource": {"Fn::GetAtt": ["Failed", "Arn"]},
                    },
                ],
            },
        },
    },
    "Events": {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "ApiFunction"},
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 1,
            "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Failed", "Arn"]}}},
        },
    },
    "Api": {
        "Type": "AWS::ApiGatewayV2::Api",
        "Properties": {"Name": "api", "ProtocolType": "HTTP"},
    },
    "Integration": {
        "Type": "AWS::ApiGatewayV2::Integration",
        "Properties": {
            "ApiId": {"Ref": "Api"},
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": {"Fn::GetAtt": ["ApiFunction", "Arn"]},
            "PayloadFormatVersion": "2.0",
        },
    },
    "Route": {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {
            "ApiId": {"Ref": "Api"},
            "RouteKey": "GET /",
            "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
        },
    },
    "Stage": {
        "Type": "AWS::ApiGatewayV2::Stage",
        "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True},
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "errors",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": "ApiFunction"}}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    },
    "MayInvoke": {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Fn::GetAtt": ["ApiFunction", "Arn"]},
            "Principal": "apigateway.amazonaws.com",
        },
    },
}


class FaultySystem:
    """The stack, started again and again from the same state, and the command line beside it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        code = directory / "worker"
        code.mkdir()
        (code / "index.py").write_text(dedent(WORKER))
        functions = {"ApiFunction": code, "HealthFunction": code}
        write_assembly(directory / "cdk.out", functions, RESOURCES)
        self.system: RunningSystem
        self.at_start = ""

    def start(self, *arguments: str) -> RunningSystem:
        assembly = ("--assembly", str(self.directory / "cdk.out"), "--clock-speed", "60")
        return launch_system(self.directory, *assembly, *arguments)

    def fault(self, *arguments: str, status: int = 0) -> Result:
        """``cloudworthy fault``, without the time that another Python takes to start."""
        command = ["fault", *arguments, "--state", str(self.directory / "state")]
        done = CliRunner().invoke(cli, command)
        assert done.exit_code == status, done
        return done

    def hits(self) -> dict[str, int]:
        listed = json.loads(self.fault("list", "--json").stdout)
        return {it["id"]: it["hits"] for it in listed}

    def put(self, key: str) -> str:
        """What the function says that became of its PutItem."""
        answer = self.client.invoke(FunctionName=self.function, Payload=json.dumps({"key": key}))
        return str(json.load(answer["Payload"]))

    @property
    def client(self) -> Any:
        return self.system.client("lambda", Config(retries={"total_max_attempts": 1}))

    @property
    def function(self) -> str:
        functions = json.loads((self.system.state / "runtime.json").read_text())["functions"]
        return str(next(it["name"] for it in functions if it["logical_id"] == "ApiFunction"))

    def keys(self) -> set[str]:
        found = self.system.client("dynamodb").scan(TableName="items")["Items"]
        return {it["id"]["S"] for it in found}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultySystem]:
    """It was started with a fault, and its function has met it."""
    directory = tmp_path_factory.mktemp("faults")
    it = FaultySystem(directory)
    faults = directory / "faults.json"
    entry = {"target": "dynamodb", "effect": "throttle", "resource": "ItemsTable", "for_s": 600}
    faults.write_text(json.dumps({"faults": [entry]}))
    it.system = it.start("--faults", str(faults))
    it.at_start = it.put("a")
    yield it
    it.system.stop()


@pytest.fixture
def faulty(started: FaultySystem) -> FaultySystem:
    """Without the faults of another test."""
    started.fault("clear")
    return started


SECTION = (ROOT / "docs" / "reliability.md").read_text().split("## Faults on demand")[1]
SECTION = SECTION.split("\n## ")[0]


def test_the_commands_and_the_file_of_the_documents(faulty: FaultySystem, tmp_path: Path) -> None:
    commands = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)[0].splitlines()
    here = ["--state", str(faulty.directory / "state")]
    said = [_printed([str(CLOUDWORTHY), *shlex.split(it)[1:], *here]) for it in commands]
    assert said[:3] == ["f1\n", "f2\n", "f3\n"]
    half, lost, slow = said[3].splitlines()
    assert half.startswith("f1   dynamodb PutItem on ItemsTable: throttle, rate 0.5, ")
    assert half.endswith(" s left, hits: 0")
    assert lost == "f2   dynamodb by ApiFunction: lose-answer, hits: 0"
    assert slow == "f3   lambda on HealthFunction: slow by 500 ms, hits: 0"
    assert said[4] == "cleared f1\ncleared f2\ncleared f3\n"
    example = tmp_path / "faults.json"
    example.write_text(re.findall(r"```json\n(.*?)```", SECTION, re.DOTALL)[0])
    assert [it.fault_id for it in read_starting_faults(example)] == ["half", "f1"]


def _printed(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_function_meets_the_faults_of_a_service(faulty: FaultySystem) -> None:
    assert faulty.put("a") == "put"
    faulty.fault("add", "dynamodb", "throttle", "--resource", "items", "--caller", "ApiFunction")
    assert faulty.put("b") == "ProvisionedThroughputExceededException"
    faulty.fault("clear", "f1")
    faulty.fault("add", "dynamodb", "fail", "--operation", "PutItem")
    assert faulty.put("c") == "InternalServerError"
    faulty.fault("clear")
    faulty.fault("add", "dynamodb", "lose-answer", "--operation", "PutItem")
    assert faulty.put("d") == "ConnectionClosedError"
    assert faulty.keys() == {"a", "d"}
    assert faulty.hits() == {"f1": 1}
    faulty.fault("clear")
    assert faulty.put("b") == "put"


def test_callers_of_an_api_meet_the_faults_of_its_function(faulty: FaultySystem) -> None:
    (api,) = faulty.system.address["apis"]

    def status() -> int:
        return faulty.system.request("GET", "/", base=api["url"], key=False).status

    assert status() == 200
    for effect, expected in (("throttle", 503), ("fail", 500), ("lose-answer", 500)):
        faulty.fault("add", "lambda", effect, "--resource", "HealthFunction")
        assert status() == 200
        faulty.fault("add", "lambda", effect, "--resource", "ApiFunction")
        assert status() == expected, effect
        assert faulty.hits() == {"f1": 0, "f2": 1}
        faulty.fault("clear")
    assert status() == 200


def test_an_event_that_fails_is_tried_again_ends_in_its_queue_and_trips_an_alarm(
    faulty: FaultySystem,
) -> None:
    queues = faulty.system.client("sqs")
    url = queues.get_queue_url(QueueName="failed")["QueueUrl"]
    faulty.fault("add", "lambda", "fail", "--resource", "ApiFunction")
    # Lambda itself meets this one, and tries again.
    faulty.fault("add", "sqs", "fail", "--rate", "0.3", "--caller", "ApiFunction")
    faulty.client.invoke(FunctionName=faulty.function, InvocationType="Event", Payload=b"{}")
    received: list[dict[str, Any]] = []

    def has_arrived() -> bool:
        received.extend(queues.receive_message(QueueUrl=url).get("Messages", []))
        return bool(received)

    wait_until(has_arrived)
    record = json.loads(received[0]["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorType"] == "Runtime.ExitError"
    assert faulty.hits()["f1"] == 2
    alarms = faulty.system.client("cloudwatch")

    def history() -> list[str]:
        found = alarms.describe_alarm_history(AlarmName="errors", HistoryItemType="StateUpdate")
        return [it["HistorySummary"] for it in found["AlarmHistoryItems"]]

    wait_until(lambda: any("to ALARM" in it for it in history()))


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["dynamo", "fail"], 2, "TARGET: found dynamo, expected one of apigateway, "),
        (["dynamodb", "fail", "--operation", "Put"], 2, "--operation: found Put, expected an op"),
        (["dynamodb", "fail", "--resource", "Nothing"], 1, "Give one of: ItemsTable (items)."),
        (["dynamodb", "fail", "--caller", "Nobody"], 1, "Of lambda, there is no 'Nobody'"),
        (["lambda", "fail", "--caller", "ApiFunction"], 2, "--caller: found ApiFunction, expected"),
        (["dynamodb", "slow"], 2, "--delay: found none, expected 1ms to 900000ms."),
        (["dynamodb", "fail", "--delay", "1s"], 2, "--delay: found it with fail"),
        (["dynamodb", "slow", "--delay", "1"], 2, "expected a number with ms, s, m or h."),
        (["dynamodb", "fail", "--rate", "0"], 2, "--rate"),
        (["dynamodb", "fail", "--stack", "Other"], 1, "There is no stack 'Other'"),
    ],
)
def test_what_there_is_not_is_refused_by_name(
    faulty: FaultySystem, arguments: list[str], status: int, said: str
) -> None:
    done = faulty.fault("add", *arguments, status=status)
    assert said in done.stderr + str(done.exception)
    assert faulty.hits() == {}


def test_a_fault_that_there_is_not_cannot_be_cleared(faulty: FaultySystem) -> None:
    faulty.fault("add", "s3", "fail")
    assert "There is: f1." in str(faulty.fault("clear", "f1", "f2", status=1).exception)
    assert faulty.hits() == {"f1": 0}


def test_a_start_with_a_file_of_faults(started: FaultySystem) -> None:
    assert started.at_start == "ProvisionedThroughputExceededException"
    said = started.system.log.read_text()
    assert "Faults are on: f1 (dynamodb on ItemsTable: throttle)" in said
    assert "Fault f1 has hit its first call: dynamodb PutItem by ApiFunction" in said


def test_faults_survive_a_kill_and_act_from_the_next_start_on(faulty: FaultySystem) -> None:
    faulty.fault("add", "dynamodb", "fail", "--operation", "PutItem")
    assert faulty.put("e") == "InternalServerError"
    faulty.system.kill()
    done = faulty.fault("add", "s3", "slow", "--delay", "50ms")
    assert "Small is not running: the fault acts when it is started next." in done.stderr
    faulty.system = faulty.start()
    assert faulty.put("e") == "InternalServerError"
    assert faulty.hits() == {"f1": 2, "f2": 0}
