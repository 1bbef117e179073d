"""Asynchronous events of a running stack, and a function that is packaged through a bucket."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from running_system import RunningSystem, launch_system, start_system, wait_until
from small_app import write_code

WORKER = """
    import pathlib, time
    HERE = pathlib.Path({directory!r})
    def handler(event, context):
        with (HERE / "runs.txt").open("a") as runs:
            runs.write(context.aws_request_id + "\\n")
        while not (HERE / "gate").exists():
            time.sleep(0.02)
        raise ValueError("the gate is open")
"""
RESOURCES = {
    "Queue": {"Type": "AWS::SQS::Queue"},
    "MaySend": {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "MaySend",
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": "sqs:SendMessage",
                    "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                },
            },
        },
    },
    "Events": {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "Worker"},
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Queue", "Arn"]}}},
        },
    },
    "Bucket": {"Type": "AWS::S3::Bucket"},
    "Upload": {
        "Type": "Custom::CDKBucketDeployment",
        "Properties": {
            "ServiceToken": "handler",
            "SourceBucketNames": ["assets"],
            "SourceObjectKeys": ["packaged.zip"],
            "DestinationBucketName": {"Ref": "Bucket"},
            "Extract": False,
        },
    },
    "Delivered": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "delivered",
            "Code": {
                "S3Bucket": {"Ref": "Bucket"},
                "S3Key": {"Fn::Select": [0, {"Fn::GetAtt": ["Upload", "SourceObjectKeys"]}]},
            },
            "Handler": "index.handler",
            "Runtime": "python3.11",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        },
    },
    "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": "delivered"}},
    "Live": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "FunctionName": {"Ref": "Delivered"},
            "Name": "live",
            "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
        },
    },
}


APP = """
import os, pathlib, sys
sys.path.insert(0, {tests!r})
from small_app import write_assembly
from system.test_asynchronous import RESOURCES
code = {{name: pathlib.Path(name.lower()).resolve() for name in ("Worker", "Packaged")}}
write_assembly(pathlib.Path(os.environ["CDK_OUTDIR"]), code, RESOURCES)
"""
UP = ("--app", f"{sys.executable} app.py")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where an app is, with its code; what its functions write is beside it."""
    directory = tmp_path_factory.mktemp("asynchronous")
    app = directory / "app"
    worker = app / "worker"
    worker.mkdir(parents=True)
    (worker / "index.py").write_text(dedent(WORKER).format(directory=str(directory)))
    write_code(app / "packaged", "first")
    (app / "app.py").write_text(APP.format(tests=str(Path(__file__).parents[1])))
    return directory


def worker_of(system: RunningSystem) -> str:
    functions = system.client("lambda").list_functions()["Functions"]
    return next(str(it["FunctionName"]) for it in functions if "Worker" in it["FunctionName"])


def message_of(system: RunningSystem) -> dict[str, Any]:
    """The next message of the only queue there is."""
    client = system.client("sqs")
    (url,) = client.list_queues()["QueueUrls"]
    (message,) = client.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    body = json.loads(message["Body"])
    assert isinstance(body, dict)
    return body


def test_an_event_that_ran_at_a_kill_runs_again(directory: Path) -> None:
    runs = directory / "runs.txt"
    system = launch_system(directory, *UP, cwd=directory / "app")
    try:
        response = system.client("lambda").invoke(
            FunctionName=worker_of(system), InvocationType="Event", Payload=b'{"n": 1}'
        )
        wait_until(runs.exists)
    finally:
        system.kill()
    assert response["StatusCode"] == 202
    request_id = response["ResponseMetadata"]["RequestId"]
    (directory / "gate").touch()
    with start_system(directory, *UP, cwd=directory / "app") as again:
        record = message_of(again)
    assert runs.read_text().splitlines() == [request_id] * 2
    assert record["requestContext"]["requestId"] == request_id
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestPayload"] == {"n": 1}


def test_code_from_a_bucket_is_live_when_its_source_is_edited(directory: Path) -> None:
    with start_system(directory, *UP, cwd=directory / "app") as system:
        client = system.client("lambda")

        def answer(**parameters: str) -> tuple[str, object]:
            response = client.invoke(FunctionName="delivered", **parameters)
            return response["ExecutedVersion"], json.loads(response["Payload"].read())

        assert answer() == ("$LATEST", "first")
        assert answer(Qualifier="live") == ("1", "first")
        write_code(directory / "app" / "packaged", "second")
        wait_until(lambda: answer(Qualifier="live") == ("1", "second"))
        assert answer() == ("$LATEST", "second")
