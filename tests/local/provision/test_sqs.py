from __future__ import annotations

import json
from typing import Any

from local.provision.engine_children import Bench, actions, resource

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    ],
}  # fmt: skip


def queue(**properties: Any) -> dict[str, Any]:
    return resource("AWS::SQS::Queue", **properties)


def attributes(bench: Bench, url: str) -> dict[str, str]:
    found = bench.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return dict(found["Attributes"])


async def test_a_queue_with_a_policy(bench: Bench) -> None:
    template = {
        "Queue": queue(
            KmsMasterKeyId="alias/own",
            MessageRetentionPeriod=1209600,
            SqsManagedSseEnabled=True,
            Tags=[{"Key": "a", "Value": "1"}],
        ),
        "Policy": resource(
            "AWS::SQS::QueuePolicy", PolicyDocument=POLICY, Queues=[{"Ref": "Queue"}]
        ),
    }
    made = (await bench.apply(template)).resources
    url = made["Queue"].physical_id
    name = url.rpartition("/")[2]
    assert url == f"https://sqs.us-east-1.amazonaws.com/000000000000/{name}"
    assert name.startswith(f"{bench.stack_name}-Queue-")
    assert made["Queue"].attributes == {
        "Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}",
        "QueueName": name,
        "QueueUrl": url,
    }
    assert attributes(bench, url)["MessageRetentionPeriod"] == "1209600"
    assert attributes(bench, url)["KmsMasterKeyId"] == "alias/own"
    assert json.loads(attributes(bench, url)["Policy"]) == POLICY
    sqs = bench.client("sqs")
    assert sqs.send_message(QueueUrl=url, MessageBody="it works")["MessageId"]
    template = {"Queue": queue(VisibilityTimeout="60", Tags=[{"Key": "b", "Value": "2"}])}
    assert actions(bench.plan(template)) == {"Queue": "update", "Policy": "delete"}
    await bench.apply(template)
    changed = attributes(bench, url)
    assert (changed["VisibilityTimeout"], changed["MessageRetentionPeriod"]) == ("60", "345600")
    assert not {"KmsMasterKeyId", "Policy"} & changed.keys()
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"b": "2"}
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "it works"


async def test_messages_that_fail_go_to_the_dead_letter_queue(bench: Bench) -> None:
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Failed", "Arn"]}, "maxReceiveCount": 1}
    template = {"Failed": queue(), "Queue": queue(RedrivePolicy=redrive, VisibilityTimeout=0)}
    made = (await bench.apply(template)).resources
    sqs, url = bench.client("sqs"), made["Queue"].physical_id
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    while sqs.receive_message(QueueUrl=url).get("Messages"):
        pass
    (message,) = sqs.receive_message(QueueUrl=made["Failed"].physical_id)["Messages"]
    assert message["Body"] == "poison"
    await bench.apply({"Failed": queue(), "Queue": queue()})
    assert "RedrivePolicy" not in attributes(bench, url)


async def test_a_fifo_queue_has_its_ending(bench: Bench) -> None:
    fifo = queue(FifoQueue=True, ContentBasedDeduplication=True)
    url = (await bench.apply({"Queue": fifo})).resources["Queue"].physical_id
    assert url.endswith(".fifo")
    assert attributes(bench, url)["ContentBasedDeduplication"] == "true"


async def test_another_name_is_another_queue_and_loses_messages(bench: Bench) -> None:
    await bench.apply({"Queue": queue()})
    plan = bench.plan({"Queue": queue(QueueName=f"{bench.stack_name}-jobs")})
    assert actions(plan) == {"Queue": "replace"}
    (change,) = plan.changes
    assert change.loses == "the messages in the queue"


async def test_destroying_takes_the_queue_away(bench: Bench) -> None:
    template = {
        "Queue": queue(),
        "Policy": resource(
            "AWS::SQS::QueuePolicy", PolicyDocument=POLICY, Queues=[{"Ref": "Queue"}]
        ),
    }
    url = (await bench.apply(template)).resources["Queue"].physical_id
    await bench.apply({"Other": queue()})
    urls = bench.client("sqs").list_queues().get("QueueUrls", [])
    assert not [each for each in urls if each.endswith(url.rpartition("/")[2])]
