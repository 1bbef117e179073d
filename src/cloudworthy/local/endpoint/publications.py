"""Messages published to topics, and who gets a topic's messages by e-mail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl
from xml.etree.ElementTree import fromstring

from cloudworthy.local.endpoint.subscriptions import Subscription, subscriptions_of
from cloudworthy.local.endpoint.watching import AnsweredCall
from cloudworthy.local.model.http import Handler

_MESSAGE_ID = re.compile(rb"<MessageId>([^<]+)</MessageId>")
_ENTRY = "PublishBatchRequestEntries.member."
_BY_EMAIL = frozenset({"email", "email-json"})


@dataclass(frozen=True, slots=True)
class Publication:
    """A message that SNS took; ``messages`` are by protocol, ``default`` among them."""

    topic_arn: str
    message_id: str
    subject: str
    messages: Mapping[str, str]


def topic_of(action: str, form: Mapping[str, str]) -> str:
    """The topic that a message is published to; empty where it goes to a phone.

    A request may name more than one: the engine goes by them in this order, and who publishes
    has to be allowed to do so to each.
    """
    if action == "PublishBatch":
        return form.get("TopicArn", "")
    if form.get("PhoneNumber"):
        return ""
    return form.get("TargetArn") or form.get("TopicArn") or ""


def publications(call: AnsweredCall) -> Iterator[Publication]:
    """What a call of Publish or PublishBatch published.

    Source: Amazon SNS API reference, "Publish" and "PublishBatch" (documented).
    """
    if call.response.status != 200 or call.operation.name not in {"Publish", "PublishBatch"}:
        return
    form = dict(parse_qsl(call.request.body.decode(), keep_blank_values=True))
    topic_arn = topic_of(call.operation.name, form)
    message_ids = [it.decode() for it in _MESSAGE_ID.findall(call.response.body)]
    entries = [form] if call.operation.name == "Publish" else list(_accepted(form, call))
    for entry, message_id in zip(entries, message_ids, strict=False):
        yield Publication(topic_arn, message_id, entry.get("Subject", ""), _messages(entry))


def _accepted(form: Mapping[str, str], call: AnsweredCall) -> Iterator[Mapping[str, str]]:
    """The entries of a batch that succeeded, in the order of the answer."""
    entries: dict[str, dict[str, str]] = {}
    for name, value in form.items():
        if name.startswith(_ENTRY):
            number, _, field = name.removeprefix(_ENTRY).partition(".")
            entries.setdefault(number, {})[field] = value
    by_id = {it.get("Id", ""): it for it in entries.values()}
    answer = fromstring(call.response.body)  # noqa: S314 - it comes from the engine
    for member in answer.iter():
        parts = {it.tag.rpartition("}")[2]: it.text or "" for it in member}
        if "MessageId" in parts and parts.get("Id") in by_id:
            yield by_id[parts["Id"]]


def _messages(entry: Mapping[str, str]) -> Mapping[str, str]:
    message = entry.get("Message", "")
    if entry.get("MessageStructure") != "json":
        return {"default": message}
    structured: dict[str, str] = json.loads(message)
    return structured


class EmailSubscriptions:
    """Asks the engine who subscribed to a topic by e-mail.

    Parameters
    ----------
    call
        Carries out a call of the AWS API.
    """

    def __init__(self, call: Handler, region: str) -> None:
        self._call = call
        self._region = region

    async def of(self, topic_arn: str) -> list[Subscription]:
        """All of a topic."""
        found = subscriptions_of(topic_arn, self._call, self._region)
        return [it async for it in found if it.protocol in _BY_EMAIL]
