"""A function whose role lacks a permission: refused, only recorded, and listed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from running_system import CLOUDWORTHY, RunningSystem, start_system, wait_until

WORKER = """
    import boto3

    def handler(event, context):
        queues = boto3.client("sqs")
        url = queues.get_queue_url(QueueName="work")["QueueUrl"]
        try:
            return queues.send_message(QueueUrl=url, MessageBody="x")["MessageId"]
        except queues.exceptions.ClientError as error:
            return error.response["Error"]
"""
QUEUE_ARN = {"Fn::GetAtt": ["Queue", "Arn"]}
RESOURCES = {
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "work"}},
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
                        "Action": ["sqs:GetQueueUrl", "sqs:DeleteMessage"],
                        "Resource": QUEUE_ARN,
                    },
                    {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"},
                ],
            },
        },
    },
}
APP = """
import os, pathlib, sys
sys.path.insert(0, {tests!r})
from small_app import write_assembly
from system.test_permissions import RESOURCES
code = {{"Worker": pathlib.Path("worker").resolve()}}
write_assembly(pathlib.Path(os.environ["CDK_OUTDIR"]), code, RESOURCES)
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("permissions")
    worker = directory / "app" / "worker"
    worker.mkdir(parents=True)
    (worker / "index.py").write_text(dedent(WORKER))
    (directory / "app" / "app.py").write_text(APP.format(tests=str(Path(__file__).parents[1])))
    return directory


def start(directory: Path, mode: str) -> Any:
    app = ("--app", f"{sys.executable} app.py")
    return start_system(directory, *app, "--iam", mode, cwd=directory / "app")


def answer_of(system: RunningSystem) -> Any:
    client = system.client("lambda")
    (function,) = client.list_functions()["Functions"]
    return json.load(client.invoke(FunctionName=function["FunctionName"])["Payload"])


def listed(system: RunningSystem) -> dict[str, Any]:
    command = [
        str(CLOUDWORTHY),
        "iam",
        "--since-start",
        "--json",
        "--state",
        str(system.state.parent),
    ]
    (found,) = json.loads(subprocess.check_output(command))
    assert isinstance(found, dict)
    return found


QUEUE = "arn:aws:sqs:us-east-1:000000000000:work"


def put_policy(system: RunningSystem) -> None:
    """Let everybody send to the queue, as a program may do while the stack runs."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    queues = system.client("sqs")
    url = queues.get_queue_url(QueueName="work")["QueueUrl"]
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def permission(action: str, reason: str = "") -> dict[str, str]:
    return {"action": action, "resource": QUEUE, "name": "Queue", "reason": reason}


def test_an_audit_lets_it_through_and_says_what_it_would_have_refused(directory: Path) -> None:
    with start(directory, "audit") as system:
        answer = answer_of(system)
        wait_until(lambda: bool(listed(system)["denied"]))
        found = listed(system)
    assert isinstance(answer, str)
    assert found["denied"] == [permission("sqs:SendMessage", "identity-based policy")]
    assert found["smallest_policy"]["Statement"] == [
        {"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": ["*"]},
        {
            "Effect": "Allow",
            "Action": ["sqs:GetQueueUrl", "sqs:SendMessage"],
            "Resource": [QUEUE],
        },
    ]


def test_a_call_without_a_permission_is_refused_in_the_words_of_aws(directory: Path) -> None:
    with start(directory, "enforce") as system:
        error = answer_of(system)
        wait_until(lambda: bool(listed(system)["denied"]))
        found = listed(system)
        log = system.log.read_text()
        # It stays: no test after this one finds the queue without it.
        put_policy(system)
        assert isinstance(answer_of(system), str)
    assert error["Code"] == "AccessDenied"
    assert error["Message"].endswith(
        f"is not authorized to perform: sqs:sendmessage on resource: {QUEUE} "
        "because no identity-based policy allows the sqs:sendmessage action"
    )
    assert error["Message"].startswith("User: arn:aws:sts::000000000000:assumed-role/Small-Role-")
    assert found["function"] == "Small/Worker"
    assert found["used"] == [permission("sqs:GetQueueUrl")]
    assert found["unused"] == [permission("sqs:DeleteMessage")]
    (by_lambda,) = found["used_by_lambda"]
    assert (by_lambda["action"], by_lambda["resource"]) == ("logs:PutLogEvents", "*")
    assert found["denied"] == [permission("sqs:SendMessage", "identity-based policy")]
    assert found["wildcards"] == [by_lambda]
    assert found["missing"] == [
        {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [QUEUE]}
    ]
    assert "sqs:SendMessage" not in json.dumps(found["smallest_policy"])
    assert "IAM: enforced" in log
    assert f'{{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"{QUEUE}"}}' in log
