"""moto after a kill and after a clean restart: the same in every detail."""

from __future__ import annotations

import json
import os
import pickle
import signal
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from select import select
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cloudworthy.local.endpoint.own_call import json_call
from cloudworthy.local.engines.supervised import EngineStartError
from local.endpoint.served import ACCOUNT, REGION, Served, served

FORM = "application/x-www-form-urlencoded"
LOCATION = {"LocationConstraint": REGION}
Probe = Callable[[], Any]


def plain(answer: dict[str, Any]) -> str:
    """An answer without what every answer has anew."""
    answer.pop("ResponseMetadata", None)
    answer.pop("Body", None)
    return json.dumps(answer, default=repr, sort_keys=True)


def fill_s3(aws: Served) -> list[Probe]:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="filled", CreateBucketConfiguration=LOCATION)
    s3.put_bucket_versioning(Bucket="filled", VersioningConfiguration={"Status": "Enabled"})
    for number in range(3):
        s3.put_object(
            Bucket="filled", Key="v", Body=b"%d" % number, Metadata={"a_b": "c"}, Tagging="t=1"
        )
    s3.put_object(Bucket="filled", Key="deleted", Body=b"x")
    s3.delete_object(Bucket="filled", Key="deleted")
    # What callers write must not be taken for the name of an operation.
    s3.put_object(Bucket="filled", Key="form", Body=b"Action=GetReport", ContentType=FORM)
    s3.put_object(Bucket="filled", Key="reports/operation/List.json", Body=b"listed")
    s3.put_object(Bucket="filled", Key="operation/ReceiveMessage", Body=b"received")
    upload = s3.create_multipart_upload(Bucket="filled", Key="parts")["UploadId"]
    part = {"Bucket": "filled", "Key": "parts", "UploadId": upload}
    s3.upload_part(**part, PartNumber=1, Body=b"part")

    def versions() -> list[tuple[str, bytes, str]]:
        found = []
        for version in s3.list_object_versions(Bucket="filled", Prefix="v")["Versions"]:
            answer = s3.get_object(Bucket="filled", Key="v", VersionId=version["VersionId"])
            found.append((version["VersionId"], answer["Body"].read(), plain(answer)))
        return found

    def bodies() -> list[bytes]:
        keys = [it["Key"] for it in s3.list_objects_v2(Bucket="filled")["Contents"]]
        return [s3.get_object(Bucket="filled", Key=key)["Body"].read() for key in keys]

    assert bodies() == [b"Action=GetReport", b"received", b"listed", b"2"]
    return [
        versions,
        bodies,
        lambda: plain(s3.list_object_versions(Bucket="filled")),
        lambda: plain(s3.get_object_tagging(Bucket="filled", Key="v")),
        lambda: plain(s3.list_parts(**part)),
        lambda: plain(s3.list_buckets()),
    ]


def fill_secrets(aws: Served) -> list[Probe]:
    secrets = aws.client("secretsmanager")
    secrets.create_secret(Name="token", SecretString="first")
    secrets.put_secret_value(SecretId="token", SecretString="second")
    password = secrets.get_random_password(PasswordLength=40)["RandomPassword"]
    secrets.create_secret(Name="password", SecretString=password)
    return [
        lambda: plain(secrets.get_secret_value(SecretId="token")),
        lambda: plain(secrets.get_secret_value(SecretId="token", VersionStage="AWSPREVIOUS")),
        lambda: secrets.get_secret_value(SecretId="password")["SecretString"],
        lambda: plain(secrets.describe_secret(SecretId="token")),
    ]


def fill_messages(aws: Served) -> list[Probe]:
    sqs, sns = aws.client("sqs"), aws.client("sns")
    url = sqs.create_queue(QueueName="work", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    for body in ("first", "second", "a text with&Action=DeleteQueue&in it"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    received = sqs.receive_message(QueueUrl=url)["Messages"][0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    held = sqs.receive_message(QueueUrl=url)["Messages"][0]
    topic = sns.create_topic(Name="news")["TopicArn"]
    queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="someone@example.com")
    sns.publish(TopicArn=topic, Message="published")

    def extend() -> int:
        """The receipt handle is still good."""
        answer = sqs.change_message_visibility(
            QueueUrl=url, ReceiptHandle=held["ReceiptHandle"], VisibilityTimeout=600
        )
        return int(answer["ResponseMetadata"]["HTTPStatusCode"])

    return [
        extend,
        lambda: plain(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])),
        lambda: plain(sns.list_subscriptions()),
        lambda: plain(sns.get_topic_attributes(TopicArn=topic)),
    ]


def fill_keys(aws: Served) -> list[Probe]:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    cipher = kms.encrypt(KeyId=key, Plaintext=b"plain")["CiphertextBlob"]
    signing = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    return [
        lambda: kms.decrypt(CiphertextBlob=cipher)["Plaintext"],
        lambda: kms.get_public_key(KeyId=signing)["PublicKey"],
        lambda: plain(kms.describe_key(KeyId=key)),
        lambda: plain(kms.list_keys()),
    ]


def fill_schedules(aws: Served) -> list[Probe]:
    """REST with JSON: the name is the end of the path, and the text names no operation."""
    scheduler = aws.client("scheduler")
    scheduler.create_schedule(
        Name="hourly",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f",
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r",
            "Input": "a text with&Action=DeleteSchedule&in it",
        },
    )
    return [lambda: plain(scheduler.get_schedule(Name="hourly"))]


def fill_the_rest(aws: Served) -> list[Probe]:
    ssm, events, logs = aws.client("ssm"), aws.client("events"), aws.client("logs")
    ssm.put_parameter(Name="/app/one", Value="1", Type="SecureString")
    ssm.put_parameter(Name="/app/one", Value="2", Type="SecureString", Overwrite=True)
    events.put_rule(Name="every", ScheduleExpression="rate(1 minute)")
    logs.create_log_group(logGroupName="/group")
    logs.put_retention_policy(logGroupName="/group", retentionInDays=7)
    pools = aws.client("cognito-idp")
    pool = pools.create_user_pool(PoolName="people")["UserPool"]["Id"]
    pools.create_user_pool_client(UserPoolId=pool, ClientName="page", GenerateSecret=True)
    states = aws.client("stepfunctions")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    states.create_state_machine(
        name="machine", definition=definition, roleArn=f"arn:aws:iam::{ACCOUNT}:role/states"
    )
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="alarm",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="m",
        Namespace="n",
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )
    return [
        lambda: plain(ssm.get_parameter_history(Name="/app/one")),
        lambda: plain(events.list_rules()),
        lambda: plain(logs.describe_log_groups()),
        lambda: plain(pools.list_user_pool_clients(UserPoolId=pool)),
        lambda: plain(states.list_state_machines()),
        lambda: plain(cloudwatch.describe_alarms()),
    ]


FILLERS = [fill_s3, fill_secrets, fill_messages, fill_keys, fill_schedules, fill_the_rest]


def test_a_kill_and_a_clean_restart_change_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as aws:
        probes = [probe for fill in FILLERS for probe in fill(aws)]
        before = [probe() for probe in probes]
        for _ in range(2):
            assert aws.services.pid is not None
            os.kill(aws.services.pid, signal.SIGKILL)
            assert [probe() for probe in probes] == before
        # A clean stop writes a snapshot, from which the next start takes everything.
        aws.run(aws.services.stop())
        snapshot = tmp_path / "moto" / "snapshot.pickle"
        assert snapshot.exists()
        aws.run(aws.services.start())
        assert [probe() for probe in probes] == before
        assert "Traceback" not in (tmp_path / "moto.log").read_text()


def test_the_journal_is_shortened_while_requests_go_on(tmp_path: Path) -> None:
    with served(tmp_path) as aws:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="many", CreateBucketConfiguration=LOCATION)
        for number in range(700):
            s3.put_object(Bucket="many", Key=str(number), Body=b"x" * 100)
        snapshot, ends_s = tmp_path / "moto" / "snapshot.pickle", time.monotonic() + 20
        while not snapshot.exists():
            assert time.monotonic() < ends_s
            time.sleep(0.05)
        s3.put_object(Bucket="many", Key="after", Body=b"x")
        assert aws.services.pid is not None
        os.kill(aws.services.pid, signal.SIGKILL)
        keys = s3.get_paginator("list_objects_v2").paginate(Bucket="many")
        assert sum(page["KeyCount"] for page in keys) == 701


def test_waiting_for_messages_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    with served(tmp_path) as aws:
        impatient = Config(read_timeout=10, retries={"max_attempts": 0})
        sqs, s3 = aws.client("sqs", config=impatient), aws.client("s3", config=impatient)
        url = sqs.create_queue(
            QueueName="slow", Attributes={"ReceiveMessageWaitTimeSeconds": "20"}
        )["QueueUrl"]
        receive = json_call("sqs", REGION, "AmazonSQS.ReceiveMessage", {"QueueUrl": url})
        with closing(HTTPConnection("127.0.0.1", aws.port, timeout=10)) as waiting:
            waiting.request("POST", "/", receive.body, dict(receive.headers))
            s3.list_buckets()
            assert select([waiting.sock], [], [], 0) == ([], [], [])
            sqs.send_message(QueueUrl=url, MessageBody="here")
            # Both ends give up before the queue's own wait would be over.
            assert b"here" in waiting.getresponse().read()
        assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)


def test_moto_cannot_reach_the_network(tmp_path: Path) -> None:
    with served(tmp_path) as aws:
        sns = aws.client("sns")
        topic = sns.create_topic(Name="out")["TopicArn"]
        url = f"http://127.0.0.1:{aws.port}/called"
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
        aws.calls.records.clear()
        with pytest.raises(ClientError, match="moto may not use the network"):
            sns.publish(TopicArn=topic, Message="m")
        assert all(record.service == "sns" for record in aws.calls.records)


def test_state_of_other_versions_is_refused_in_one_sentence(tmp_path: Path) -> None:
    directory = tmp_path / "moto"
    directory.mkdir()
    (directory / "snapshot.pickle").write_bytes(pickle.dumps(("moto 1, Python 3.13", 1, 1)))
    with (
        pytest.raises(EngineStartError, match="found state written by moto 1, ") as caught,
        served(tmp_path),
    ):
        pass
    assert "cloudworthy destroy" in str(caught.value)
