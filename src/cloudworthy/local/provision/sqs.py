"""Queues and their policies, in the services engine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from cloudworthy.local.model.arns import url_suffix_of
from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.engines import AwsClient, unless
from cloudworthy.local.provision.properties import as_tags, flag
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted

_DEFAULTS = {
    "DelaySeconds": "0",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
}
"""Attributes that can be changed, with the value each goes back to.

Source: CloudFormation template reference, AWS::SQS::Queue (documented).
"""

_FIFO_DEFAULTS = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}

_GONE = ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")


class QueueType(ResourceType):
    """``AWS::SQS::Queue``; ``Ref`` is its URL, as it is on AWS whatever the local port.

    Source of Ref, GetAtt and replacement: CloudFormation template reference (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::SQS::Queue",
            honoured="ContentBasedDeduplication DeduplicationScope DelaySeconds FifoQueue "
            "FifoThroughputLimit KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod "
            "QueueName ReceiveMessageWaitTimeSeconds RedrivePolicy Tags VisibilityTimeout",
            inert="KmsDataKeyReusePeriodSeconds RedriveAllowPolicy SqsManagedSseEnabled",
            replaced_by="FifoQueue QueueName",
            keeps_data="the messages in the queue",
        )

    def provisional_id(self, wanted: Wanted) -> str:
        site = wanted.site
        return (
            f"https://sqs.{site.region}.{url_suffix_of(site.region)}/{site.account}/{_name(wanted)}"
        )

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("sqs")
        fifo = {"FifoQueue": "true"} if _is_fifo(wanted) else {}
        client.create_queue(QueueName=_name(wanted), Attributes=fifo)
        return self._configure(client, self.provisional_id(wanted), wanted)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        return self._configure(wanted.site.engines.client("sqs"), existing.physical_id, wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        with unless(*_GONE):
            site.engines.client("sqs").delete_queue(QueueUrl=existing.physical_id)

    def _configure(self, client: AwsClient, url: str, wanted: Wanted) -> Made:
        client.set_queue_attributes(QueueUrl=url, Attributes=_attributes(wanted))
        _set_tags(client, url, as_tags(wanted.properties.get("Tags")))
        name = url.rpartition("/")[2]
        arn = wanted.site.arn("sqs", name)
        return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


def _is_fifo(wanted: Wanted) -> bool:
    return flag(wanted.properties.get("FifoQueue"))


def _name(wanted: Wanted) -> str:
    """The queue's name; one that the runtime gives has the ending that a FIFO queue needs."""
    ending = ".fifo" if _is_fifo(wanted) else ""
    return wanted.name("QueueName", longest=80 - len(ending)).removesuffix(ending) + ending


def _attributes(wanted: Wanted) -> dict[str, str]:
    defaults = _DEFAULTS | (_FIFO_DEFAULTS if _is_fifo(wanted) else {})
    attributes = {
        name: _as_attribute(wanted.properties.get(name, default))
        for name, default in defaults.items()
    }
    return attributes | {"RedrivePolicy": _as_attribute(wanted.properties.get("RedrivePolicy", ""))}


def _as_attribute(value: TemplateValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, Mapping) else str(value)


def _set_tags(client: AwsClient, url: str, tags: Mapping[str, str]) -> None:
    there = client.list_queue_tags(QueueUrl=url).get("Tags", {})
    gone = sorted(there.keys() - tags.keys())
    if gone:
        client.untag_queue(QueueUrl=url, TagKeys=gone)
    if tags and tags != there:
        client.tag_queue(QueueUrl=url, Tags=dict(tags))


class QueuePolicyType(ResourceType):
    """``AWS::SQS::QueuePolicy``: the same document on each of its queues."""

    in_engine = True

    def __init__(self) -> None:
        super().__init__("AWS::SQS::QueuePolicy", honoured="PolicyDocument Queues")

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.name("", longest=128)

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("sqs")
        policy = json.dumps(wanted.properties["PolicyDocument"])
        _set_policy(client, wanted.properties["Queues"], policy)
        physical_id = self.provisional_id(wanted)
        return Made(physical_id, {"Id": physical_id})

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        left = set(existing.properties["Queues"]) - set(wanted.properties["Queues"])
        _set_policy(wanted.site.engines.client("sqs"), sorted(left), "")
        return self.create(wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        _set_policy(site.engines.client("sqs"), existing.properties["Queues"], "")


def _set_policy(client: AwsClient, urls: Iterable[str], policy: str) -> None:
    for url in urls:
        with unless(*_GONE):
            client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


TYPES = (QueueType(), QueuePolicyType())
