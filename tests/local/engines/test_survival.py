"""What was acknowledged is kept, whatever is killed and when."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.endpoint.served import REGION, REPOSITORY, Served, client_for, make_table, served
from local.engines.load import writing

LOCATION = {"LocationConstraint": REGION}


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as system:
        yield system


def put_item(client: Any, name: str) -> object:
    return client.put_item(TableName="load", Item={"pk": {"S": name}, "v": {"S": name * 20}})


def put_object(client: Any, name: str) -> object:
    return client.put_object(Bucket="load", Key=name, Body=name.encode() * 100)


def stored_items(client: Any) -> set[str]:
    pages = client.get_paginator("scan").paginate(TableName="load", ConsistentRead=True)
    return {item["pk"]["S"] for page in pages for item in page["Items"]}


def stored_objects(client: Any) -> set[str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="load")
    return {found["Key"] for page in pages for found in page.get("Contents", [])}


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_items_survive_kill_9_of_dynoxide_and_default_retries_hide_it(aws: Served) -> None:
    make_table(aws.client("dynamodb"), "load")
    with writing(lambda: aws.client("dynamodb", aws.role("writer")), put_item) as load:
        for kills in range(1, 4):
            load.wait_for(50)
            kill(aws.dynamodb.pid)
            load.wait_for(20)
            assert aws.dynamodb.restarts == kills
    assert load.failures == []
    assert load.acknowledged <= stored_items(aws.client("dynamodb"))


def test_objects_survive_kill_9_of_moto_and_default_retries_hide_it(aws: Served) -> None:
    aws.client("s3").create_bucket(Bucket="load", CreateBucketConfiguration=LOCATION)
    with writing(lambda: aws.client("s3", aws.role("writer")), put_object) as load:
        for kills in range(1, 3):
            load.wait_for(60)
            kill(aws.services.pid)
            load.wait_for(20)
            assert aws.services.restarts == kills
    assert load.failures == []
    s3 = aws.client("s3")
    assert load.acknowledged <= stored_objects(s3)
    name = max(load.acknowledged)
    assert s3.get_object(Bucket="load", Key=name)["Body"].read() == name.encode() * 100


def test_a_call_during_the_restart_waits_for_it(aws: Served) -> None:
    make_table(aws.client("dynamodb"), "load")
    for _ in range(5):
        kill(aws.dynamodb.pid)
        aws.client("dynamodb").put_item(TableName="load", Item={"pk": {"S": "waited"}})
    assert stored_items(aws.client("dynamodb")) == {"waited"}


@contextmanager
def runtime(state: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-m", "local.engines.runtime_process", str(state)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=REPOSITORY,
    )
    try:
        assert process.stdout is not None
        yield process, [int(number) for number in process.stdout.readline().split()]
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_everything_survives_kill_9_of_the_whole_runtime_under_load(tmp_path: Path) -> None:
    with runtime(tmp_path) as (process, (port, *engines)):
        make_table(client_for(port, "dynamodb"), "load")
        client_for(port, "s3").create_bucket(Bucket="load", CreateBucketConfiguration=LOCATION)
        with (
            writing(lambda: client_for(port, "dynamodb"), put_item, writers=2) as items,
            writing(lambda: client_for(port, "s3"), put_object, writers=2) as objects,
        ):
            items.wait_for(100)
            objects.wait_for(100)
            process.kill()
    ends_s = time.monotonic() + 10
    while not all(gone(pid) for pid in engines):
        assert time.monotonic() < ends_s, "an engine outlived the runtime"
        time.sleep(0.02)
    with runtime(tmp_path) as (_, (port, *_engines)):
        assert items.acknowledged <= stored_items(client_for(port, "dynamodb"))
        assert objects.acknowledged <= stored_objects(client_for(port, "s3"))


def test_a_message_that_moved_to_its_dead_letter_queue_does_not_come_back(aws: Served) -> None:
    """It moves when a receive finds nothing else, which looks like a call without an effect."""
    sqs = aws.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": queue_arn(sqs, dead), "maxReceiveCount": 1}
    url = sqs.create_queue(QueueName="load", Attributes={"RedrivePolicy": json.dumps(redrive)})[
        "QueueUrl"
    ]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    (message,) = sqs.receive_message(QueueUrl=dead)["Messages"]
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
    kill(aws.services.pid)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert "Messages" not in sqs.receive_message(QueueUrl=dead)


def queue_arn(sqs: Any, url: str) -> str:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return str(attributes["QueueArn"])
