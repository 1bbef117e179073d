"""What CloudWatch knows of queues: how many messages wait, measured each minute."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, fromstring

from cloudworthy.local.endpoint.own_call import query_call
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Handler
from cloudworthy.local.model.records import MetricDatum

_NAMESPACE = "AWS/SQS"
_METRICS = {
    "ApproximateNumberOfMessages": "ApproximateNumberOfMessagesVisible",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}
_VISIBLE = "ApproximateNumberOfMessages"


class QueueMetrics:
    """Asks the engine about its queues.

    Parameters
    ----------
    call
        Carries out a call of the AWS API.
    clock
        The clock of the metrics, for the age of messages.

    Source: Amazon SQS developer guide, "Available CloudWatch metrics" (documented).
    """

    def __init__(self, call: Handler, region: str, clock: Clock) -> None:
        self._call = call
        self._region = region
        self._clock = clock
        self._not_empty_since_s: dict[str, float] = {}

    async def measure(self) -> list[MetricDatum]:
        """The metrics of every queue as it is now."""
        listed = await self._ask("ListQueues", {})
        urls = [it.text or "" for it in listed.iter() if _name(it) == "QueueUrl"]
        data: list[MetricDatum] = []
        for url in urls:
            parameters = {"QueueUrl": url, "AttributeName.1": "All"}
            data += self._of_queue(url, await self._ask("GetQueueAttributes", parameters))
        return data

    def _of_queue(self, url: str, answer: Element) -> list[MetricDatum]:
        attributes = {}
        for attribute in answer.iter():
            if _name(attribute) == "Attribute":
                parts = {_name(it): it.text or "" for it in attribute}
                attributes[parts.get("Name", "")] = parts.get("Value", "")
        dimensions = (("QueueName", url.rpartition("/")[2]),)
        data = [
            MetricDatum(_NAMESPACE, metric, dimensions, float(attributes[name]), "Count")
            for name, metric in _METRICS.items()
            if name in attributes
        ]
        age_s = self._age_s(url, empty=attributes.get(_VISIBLE, "0") == "0")
        name = "ApproximateAgeOfOldestMessage"
        return [*data, MetricDatum(_NAMESPACE, name, dimensions, age_s, "Seconds")]

    def _age_s(self, url: str, *, empty: bool) -> float:
        """For how long the queue has not been seen empty; the engine does not tell the age.

        Source: assumed. Where messages come and go all the time it is more than on AWS.
        """
        now_s = self._clock.monotonic_s()
        if empty:
            self._not_empty_since_s.pop(url, None)
            return 0.0
        return now_s - self._not_empty_since_s.setdefault(url, now_s)

    async def _ask(self, action: str, parameters: dict[str, str]) -> Element:
        """The answer; one without content when the engine does not answer in this protocol."""
        response = await self._call(query_call("sqs", self._region, action, parameters))
        if response.status != 200:
            return Element("none")
        try:
            return fromstring(response.body)  # noqa: S314 - it comes from the engine
        except ParseError:
            return Element("none")


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
