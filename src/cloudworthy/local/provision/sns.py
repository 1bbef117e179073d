"""Topics, their policies and subscriptions, in the services engine."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.engines import AwsClient, unless
from cloudworthy.local.provision.names import HEXADECIMAL, uuid_text
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted

_TOPIC_ATTRIBUTES = {
    "DisplayName": "",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
    "ContentBasedDeduplication": "false",
}
"""Attributes that can be changed, with the value each goes back to."""

_PROTOCOLS = ("email", "email-json", "sqs")
_SUBSCRIPTION_ATTRIBUTES = {
    "RawMessageDelivery": "false",
    "FilterPolicyScope": "MessageAttributes",
    "FilterPolicy": "{}",
}
"""As ``_TOPIC_ATTRIBUTES``. A policy is read in its scope, which therefore comes first.

Source: Amazon SNS developer guide, "Use SetSubscriptionAttributes with an AWS SDK or CLI" (how a
policy is removed) and "Amazon SNS subscription filter policy scope" (documented).
"""


def _as_attribute(value: TemplateValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


class TopicType(ResourceType):
    """``AWS::SNS::Topic``.

    Source of Ref, GetAtt and replacement: CloudFormation template reference (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::SNS::Topic",
            honoured="ContentBasedDeduplication DisplayName FifoTopic KmsMasterKeyId "
            "SignatureVersion Subscription Tags TopicName",
            inert="DataProtectionPolicy DeliveryStatusLogging FifoThroughputScope TracingConfig",
            replaced_by="FifoTopic TopicName",
        )

    def check(self, wanted: Wanted) -> None:
        for subscription in wanted.properties.get("Subscription") or ():
            _check_protocol(wanted, subscription["Protocol"])

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.site.arn("sns", self._name(wanted))

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("sns")
        fifo = {"FifoTopic": "true"} if self._is_fifo(wanted) else {}
        arn = client.create_topic(Name=self._name(wanted), Attributes=fifo)["TopicArn"]
        return self._configure(client, arn, wanted)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        client = wanted.site.engines.client("sns")
        subscriptions = wanted.properties.get("Subscription") or ()
        for before in existing.properties.get("Subscription") or ():
            if before not in subscriptions:
                _unsubscribe(client, existing.physical_id, before)
        return self._configure(client, existing.physical_id, wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        with unless("NotFound", "NotFoundException"):
            site.engines.client("sns").delete_topic(TopicArn=existing.physical_id)

    def _is_fifo(self, wanted: Wanted) -> bool:
        return wanted.text("FifoTopic").lower() == "true"

    def _name(self, wanted: Wanted) -> str:
        name = wanted.name("TopicName", longest=251)
        return f"{name}.fifo" if self._is_fifo(wanted) and not name.endswith(".fifo") else name

    def _configure(self, client: AwsClient, arn: str, wanted: Wanted) -> Made:
        there = client.get_topic_attributes(TopicArn=arn)["Attributes"]
        for name, default in _TOPIC_ATTRIBUTES.items():
            value = _as_attribute(wanted.properties.get(name, default))
            if value != there.get(name, default):
                client.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
        _set_tags(client, arn, wanted.properties.get("Tags") or [])
        for subscription in wanted.properties.get("Subscription") or ():
            client.subscribe(
                TopicArn=arn,
                Protocol=subscription["Protocol"],
                Endpoint=subscription["Endpoint"],
            )
        return Made(arn, {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]})


def _set_tags(client: AwsClient, arn: str, tags: list[Mapping[str, str]]) -> None:
    there = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    gone = {it["Key"] for it in there} - {it["Key"] for it in tags}
    if gone:
        client.untag_resource(ResourceArn=arn, TagKeys=sorted(gone))
    if tags and tags != there:
        client.tag_resource(ResourceArn=arn, Tags=tags)


def _check_protocol(wanted: Wanted, protocol: TemplateValue) -> None:
    if protocol not in _PROTOCOLS:
        raise wanted.unsupported("Protocol", str(protocol), f"one of {', '.join(_PROTOCOLS)}")


class TopicPolicyType(ResourceType):
    """``AWS::SNS::TopicPolicy``: the same document on each of its topics."""

    in_engine = True

    def __init__(self) -> None:
        super().__init__("AWS::SNS::TopicPolicy", honoured="PolicyDocument Topics")

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.name("", longest=128)

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("sns")
        policy = json.dumps(wanted.properties["PolicyDocument"])
        for arn in wanted.properties["Topics"]:
            client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        physical_id = self.provisional_id(wanted)
        return Made(physical_id, {"Id": physical_id})

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:  # noqa: ARG002
        return self.create(wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        """A topic always has a policy: this one stays until the topic goes or gets another."""


class SubscriptionType(ResourceType):
    """``AWS::SNS::Subscription``.

    What goes out by e-mail is put into the stack's mailbox: no mail leaves the machine, and
    nobody needs to confirm.
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::SNS::Subscription",
            honoured="Endpoint FilterPolicy FilterPolicyScope Protocol RawMessageDelivery TopicArn",
            inert="DeliveryPolicy Region SubscriptionRoleArn",
            replaced_by="Endpoint Protocol TopicArn",
        )

    def check(self, wanted: Wanted) -> None:
        protocol = wanted.properties.get("Protocol")
        _check_protocol(wanted, protocol)
        if protocol in {"email", "email-json"} and "FilterPolicy" in wanted.properties:
            raise wanted.unsupported("FilterPolicy", "a filter of e-mail", "one without a filter")

    def provisional_id(self, wanted: Wanted) -> str:
        return f"{wanted.text('TopicArn')}:{uuid_text(wanted.token(32, HEXADECIMAL))}"

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("sns")
        arn = client.subscribe(
            TopicArn=wanted.text("TopicArn"),
            Protocol=wanted.text("Protocol"),
            Endpoint=wanted.text("Endpoint"),
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return self._configure(client, arn, wanted)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        client = wanted.site.engines.client("sns")
        return self._configure(client, existing.physical_id, wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        client = site.engines.client("sns")
        _unsubscribe(client, existing.properties["TopicArn"], existing.properties)

    def _configure(self, client: AwsClient, arn: str, wanted: Wanted) -> Made:
        there = client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        for name, default in _SUBSCRIPTION_ATTRIBUTES.items():
            value = _as_attribute(wanted.properties.get(name, default))
            if value == there.get(name, default):
                continue
            client.set_subscription_attributes(
                SubscriptionArn=arn, AttributeName=name, AttributeValue=value
            )
            if name == "FilterPolicyScope":
                # The same policy means something else now.
                there.pop("FilterPolicy", None)
        return Made(arn, {"Arn": arn})


def _unsubscribe(client: AwsClient, topic_arn: str, wanted: Mapping[str, TemplateValue]) -> None:
    """End the subscriptions with this protocol and endpoint."""
    with unless("NotFound", "NotFoundException", "InvalidParameter"):
        pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        for page in pages:
            for found in page["Subscriptions"]:
                if _is_subscription(found, wanted):
                    client.unsubscribe(SubscriptionArn=found["SubscriptionArn"])


def _is_subscription(found: Mapping[str, str], properties: Mapping[str, TemplateValue]) -> bool:
    return all(found.get(name) == properties.get(name) for name in ("Endpoint", "Protocol"))


TYPES = (TopicType(), TopicPolicyType(), SubscriptionType())
