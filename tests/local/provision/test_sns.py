from __future__ import annotations

import json
from typing import Any

import pytest

from cloudworthy.local.model.errors import UnsupportedError
from local.provision.engine_children import Bench, actions, resource

MAIL = resource(
    "AWS::SNS::Subscription", Protocol="email", Endpoint="a@example.com", TopicArn={"Ref": "Topic"}
)
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    ],
}  # fmt: skip


def topic(**properties: Any) -> dict[str, Any]:
    return resource("AWS::SNS::Topic", **properties)


async def test_a_topic_with_policy_and_subscription(bench: Bench) -> None:
    template = {
        "Topic": topic(DisplayName="Alarms", Tags=[{"Key": "a", "Value": "1"}]),
        "Policy": resource(
            "AWS::SNS::TopicPolicy", PolicyDocument=POLICY, Topics=[{"Ref": "Topic"}]
        ),
        "Mail": MAIL,
    }
    made = (await bench.apply(template)).resources
    arn = made["Topic"].physical_id
    assert arn.startswith(f"arn:aws:sns:us-east-1:000000000000:{bench.stack_name}-Topic-")
    assert made["Topic"].attributes == {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]}
    assert made["Mail"].physical_id.startswith(f"{arn}:")
    sns = bench.client("sns")
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "Alarms"
    assert sns.publish(TopicArn=arn, Message="it works")["MessageId"]
    template["Topic"] = topic(Tags=[{"Key": "b", "Value": "2"}])
    assert actions(bench.plan(template))["Topic"] == "update"
    await bench.apply(template)
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == ""
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


async def test_a_new_address_is_a_new_subscription(bench: Bench) -> None:
    first = (await bench.apply({"Topic": topic(), "Mail": MAIL})).resources["Mail"]
    other = {**MAIL, "Properties": {**MAIL["Properties"], "Endpoint": "b@example.com"}}
    plan = bench.plan({"Topic": topic(), "Mail": other})
    assert actions(plan) == {"Topic": "unchanged", "Mail": "replace"}
    made = (await bench.deployer().apply(plan)).resources
    assert made["Mail"].physical_id != first.physical_id
    found = bench.client("sns").list_subscriptions_by_topic(TopicArn=made["Topic"].physical_id)
    assert [it["Endpoint"] for it in found["Subscriptions"]] == ["b@example.com"]


async def test_a_fifo_topic_has_its_ending(bench: Bench) -> None:
    fifo = topic(FifoTopic=True, ContentBasedDeduplication=True)
    arn = (await bench.apply({"Topic": fifo})).resources["Topic"].physical_id
    assert arn.endswith(".fifo")
    attributes = bench.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["ContentBasedDeduplication"] == "true"


async def test_subscriptions_inside_of_the_topic(bench: Bench) -> None:
    inner = topic(Subscription=[{"Protocol": "email", "Endpoint": "a@example.com"}])
    arn = (await bench.apply({"Topic": inner})).resources["Topic"].physical_id
    found = bench.client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert [it["Protocol"] for it in found] == ["email"]


async def test_an_inline_subscription_that_is_taken_out_ends(bench: Bench) -> None:
    first, second = ({"Protocol": "email", "Endpoint": f"{it}@example.com"} for it in "ab")
    made = await bench.apply({"Topic": topic(Subscription=[first, second])})
    await bench.apply({"Topic": topic(Subscription=[second])})
    arn = made.resources["Topic"].physical_id
    listed = bench.client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert [it["Endpoint"] for it in listed] == ["b@example.com"]


async def test_a_filter_of_mail_is_refused(bench: Bench) -> None:
    mail = resource(
        "AWS::SNS::Subscription",
        Protocol="email",
        Endpoint="a@example.com",
        TopicArn={"Ref": "Topic"},
        FilterPolicy={"kind": ["x"]},
    )
    with pytest.raises(UnsupportedError, match=r"FilterPolicy \(Mail\)"):
        await bench.apply({"Topic": topic(), "Mail": mail})


def queue_subscription(**properties: Any) -> dict[str, Any]:
    return resource(
        "AWS::SNS::Subscription",
        Protocol="sqs",
        Endpoint={"Fn::GetAtt": ["Queue", "Arn"]},
        TopicArn={"Ref": "Topic"},
        **properties,
    )


async def test_what_is_taken_out_of_a_subscription_goes_back_to_what_it_is_without(
    bench: Bench,
) -> None:
    queue = resource("AWS::SQS::Queue")
    sns, sqs = bench.client("sns"), bench.client("sqs")

    async def received(subscription: dict[str, Any]) -> list[str]:
        """What the queue gets of two messages, one of each kind."""
        template = {"Topic": topic(), "Queue": queue, "Subscription": subscription}
        made = (await bench.apply(template)).resources
        for kind in ("new", "old"):
            sns.publish(TopicArn=made["Topic"].physical_id, Message=f'{{"kind": "{kind}"}}')
        url = made["Queue"].physical_id
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return sorted(json.loads(it["Body"]).get("kind", "wrapped") for it in found)

    policy = {"kind": ["new"]}
    body = {"FilterPolicy": policy, "FilterPolicyScope": "MessageBody"}
    assert await received(queue_subscription(**body, RawMessageDelivery=True)) == ["new"]
    assert await received(queue_subscription(**body)) == ["wrapped"]
    assert await received(queue_subscription(FilterPolicy=policy)) == []
    assert await received(queue_subscription()) == ["wrapped", "wrapped"]
