"""CloudWatch of one stack: its metrics, its alarms, and the e-mail they send."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from cloudworthy.local.endpoint.dynamodb_metrics import DynamoDbMetrics
from cloudworthy.local.endpoint.own_call import query_call, signed_for
from cloudworthy.local.endpoint.protocols import rpc_handler
from cloudworthy.local.endpoint.publications import EmailSubscriptions, publications
from cloudworthy.local.endpoint.queue_metrics import QueueMetrics
from cloudworthy.local.endpoint.watching import AnsweredCall
from cloudworthy.local.local_aws import LocalAws
from cloudworthy.local.model.arns import arn_of
from cloudworthy.local.model.backends import BackendUnavailableError
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.records import LogSink, MetricDatum
from cloudworthy.local.observe.alarms.definition import Alarm
from cloudworthy.local.observe.alarms.evaluator import ActionFailedError, AlarmEvaluator
from cloudworthy.local.observe.alarms.notice import notification_messages
from cloudworthy.local.observe.alarms.store import ALARMS_FILE, AlarmStore
from cloudworthy.local.observe.cloudwatch.alarm_operations import AlarmOperations
from cloudworthy.local.observe.cloudwatch.metric_operations import MetricOperations
from cloudworthy.local.observe.cloudwatch.operations import XML_NAMESPACE, CloudWatchOperations
from cloudworthy.local.observe.mail.mailbox import MAILBOX, Mailbox
from cloudworthy.local.observe.mail.notification import Notification, Subscription, mail_of
from cloudworthy.local.observe.metrics.clock import MINUTE_S, MetricClock, minute_of
from cloudworthy.local.observe.metrics.emf import EmbeddedMetricLog
from cloudworthy.local.observe.metrics.store import MetricStore

_log = logging.getLogger(__name__)

METRICS_FILE = "metrics.sqlite"


class Monitoring:
    """Takes metrics in, answers CloudWatch's API, evaluates alarms and delivers e-mail.

    Parameters
    ----------
    directory
        The state directory of the stack.
    metric_clock
        By which metrics are kept and alarms evaluated.
    """

    def __init__(
        self,
        directory: Path,
        aws: LocalAws,
        clock: Clock,
        metric_clock: MetricClock,
        *,
        account: str,
        region: str,
    ) -> None:
        self._clock = metric_clock
        self.metrics = MetricStore(directory / METRICS_FILE, self._clock)
        self._alarms = AlarmStore(directory / ALARMS_FILE, self._clock.now_s())
        self._evaluator = AlarmEvaluator(
            self.metrics,
            self._alarms,
            self._clock,
            AlarmActions(aws, region),
            arn_prefix=arn_of("cloudwatch", region, account, "alarm:"),
        )
        self._queues = QueueMetrics(aws.services.send, region, self._clock)
        operations = CloudWatchOperations(
            MetricOperations(self.metrics, self._clock), AlarmOperations(self._evaluator)
        )
        aws.serve("monitoring", rpc_handler(operations, XML_NAMESPACE))
        aws.watch("dynamodb", DynamoDbMetrics(self.metrics))
        postman = Postman(
            Mailbox(directory / MAILBOX), EmailSubscriptions(aws.services.send, region), clock
        )
        aws.watch("sns", postman.see)
        aws.watch("sns", self._count_publications)
        self._task: asyncio.Task[None] | None = None

    def log(self, logs: LogSink) -> LogSink:
        """Logs whose embedded metrics are kept."""
        return EmbeddedMetricLog(logs, self.metrics)

    def update(self, alarms: Iterable[Alarm]) -> None:
        """Evaluate these alarms from now on."""
        self._evaluator.update(alarms)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Evaluate no more; metrics are still taken in."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def close(self) -> None:
        """Close the files, once nobody calls any more."""
        self.metrics.close()
        self._alarms.close()

    async def _run(self) -> None:
        while True:
            await self._clock.next_minute()
            try:
                await self._measure_queues()
                await self._evaluator.evaluate()
            except Exception:  # noqa: BLE001 - one fault must not be the end of all alarms
                _log.exception("alarms could not be evaluated")

    async def _measure_queues(self) -> None:
        """Put what the queues hold under the minute that has just ended."""
        at_s = minute_of(self._clock.now_s()) - MINUTE_S
        try:
            measured = await self._queues.measure()
        except BackendUnavailableError:
            return
        for datum in measured:
            self.metrics.put_at(datum, at_s)

    async def _count_publications(self, call: AnsweredCall) -> None:
        """Source: Amazon SNS developer guide, "Metrics for Amazon SNS" (documented)."""
        for it in publications(call):
            dimensions = (("TopicName", it.topic_arn.rpartition(":")[2]),)
            size = float(len(it.messages.get("default", "").encode()))
            for name, value, unit in (
                ("NumberOfMessagesPublished", 1.0, "Count"),
                ("PublishSize", size, "Bytes"),
            ):
                self.metrics.put(MetricDatum("AWS/SNS", name, dimensions, value, unit))


class AlarmActions:
    """Carries out the actions of alarms by calls of the AWS API.

    Source of who calls: CloudWatch user guide, "Notifying users on alarm changes" and "Invoke a
    Lambda function from an alarm" (documented).
    """

    def __init__(self, aws: LocalAws, region: str) -> None:
        self._aws = aws
        self._region = region

    async def publish(self, topic_arn: str, subject: str, message: str, email: str) -> None:
        """Publish to a topic, with another text for those who read it as e-mail."""
        parameters = {
            "TopicArn": topic_arn,
            "Subject": subject,
            "MessageStructure": "json",
            "Message": notification_messages(message, email),
        }
        request = query_call("sns", self._region, "Publish", parameters)
        alarm_arn = str(json.loads(message).get("AlarmArn", ""))
        caller = Principal("cloudwatch.amazonaws.com", "", source_arn=alarm_arn)
        _check(await self._aws.call(request, caller))

    async def invoke(self, function_arn: str, event: bytes) -> None:
        target = f"/2015-03-31/functions/{quote(function_arn, safe='')}/invocations"
        headers = [
            *signed_for("lambda", self._region),
            ("X-Amz-Invocation-Type", "Event"),
            ("Content-Length", str(len(event))),
        ]
        alarm_arn = str(json.loads(event).get("alarmArn", ""))
        caller = Principal("lambda.alarms.cloudwatch.amazonaws.com", "", source_arn=alarm_arn)
        _check(await self._aws.call(Request("POST", target, headers, event), caller))


class Postman:
    """Puts what is published to topics into the mailbox, for each subscriber by e-mail.

    On AWS a subscriber must confirm first; here nobody could click on the link.
    """

    def __init__(self, mailbox: Mailbox, subscriptions: EmailSubscriptions, clock: Clock) -> None:
        self._mailbox = mailbox
        self._subscriptions = subscriptions
        self._clock = clock

    async def see(self, call: AnsweredCall) -> None:
        """Deliver what a call published."""
        for it in publications(call):
            notification = Notification(it.topic_arn, it.message_id, it.messages, it.subject)
            for found in await self._subscriptions.of(it.topic_arn):
                subscription = Subscription(found.arn, found.protocol, found.endpoint)
                self._mailbox.deliver(mail_of(notification, subscription, self._clock.now()))


def _check(response: Response) -> None:
    if response.status >= 500:
        raise BackendUnavailableError(response.body.decode(errors="replace"))
    if response.status >= 400:
        raise ActionFailedError(response.body.decode(errors="replace"))
