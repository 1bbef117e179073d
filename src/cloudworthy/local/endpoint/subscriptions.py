"""Who subscribed to a topic, as the engine knows it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import fromstring

from cloudworthy.local.endpoint.own_call import query_call
from cloudworthy.local.model.backends import BackendUnavailableError
from cloudworthy.local.model.http import Handler


@dataclass(frozen=True, slots=True)
class Subscription:
    arn: str
    protocol: str
    """``email``, ``email-json``, ``sqs``, ..."""
    endpoint: str


async def subscriptions_of(
    topic_arn: str, call: Handler, region: str
) -> AsyncIterator[Subscription]:
    """All of a topic, on whatever page of the answer they are; none of one that is not there.

    ``call`` carries out a call of the AWS API.

    Raises
    ------
    BackendUnavailableError
        It is not known who they are.
    """
    parameters = {"TopicArn": topic_arn}
    while True:
        response = await call(query_call("sns", region, "ListSubscriptionsByTopic", parameters))
        if response.status >= 500:
            raise BackendUnavailableError(f"the subscriptions of {topic_arn} are not known")
        if response.status != 200:
            return
        token = ""
        for parts in _elements(response.body):
            token = parts.get("NextToken") or token
            if "SubscriptionArn" in parts:
                arn, protocol = parts["SubscriptionArn"], parts.get("Protocol", "")
                yield Subscription(arn, protocol, parts.get("Endpoint", ""))
        if not token:
            return
        parameters = {"TopicArn": topic_arn, "NextToken": token}


def _elements(body: bytes) -> Iterator[Mapping[str, str]]:
    """The texts of each element's children, by their names."""
    for element in fromstring(body).iter():  # noqa: S314 - it comes from the engine
        yield {it.tag.rpartition("}")[2]: it.text or "" for it in element}
