"""Alarms of a system: each with its missing-data treatment, each told to one topic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import (
    ArnFormat,
    Stack,
    aws_cloudwatch,
    aws_cloudwatch_actions,
    aws_iam,
    aws_kms,
    aws_sns,
    aws_sns_subscriptions,
)
from aws_cdk.aws_cloudwatch import ComparisonOperator, TreatMissingData
from constructs import Construct

from cloudworthy.constructs.suppressions import accept, in_packs


@dataclass(frozen=True)
class AlarmProps:
    """When an alarm fires. There is no default for missing data: each alarm chooses."""

    description: str
    metric: aws_cloudwatch.IMetric
    threshold: float
    missing_data: TreatMissingData
    periods: int = 1
    comparison: ComparisonOperator = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD


class Alarms(Construct):
    """A topic and the alarms that notify it, when they fire and when they are over.

    A topic that carries more than alarms is encrypted under a `key`; its policy has to let
    CloudWatch use it (`NoticeKey`).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        emails: Sequence[str],
        key: aws_kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic: Final = aws_sns.Topic(self, "Topic", enforce_ssl=True, master_key=key)
        if key is None:
            _accept_without_key(self.topic)
        self.topic.add_to_resource_policy(_alarms_may_publish(self.topic))
        for email in emails:
            mail = self.topic.add_subscription(aws_sns_subscriptions.EmailSubscription(email))
            accept(
                mail,
                "SNS repeats the delivery of e-mail by itself; the state of the alarm stays in "
                "CloudWatch whether or not the mail arrives.",
                "Serverless-SNSRedrivePolicy",
            )
        self._action: Final = aws_cloudwatch_actions.SnsAction(self.topic)

    def add(self, alarm_id: str, props: AlarmProps) -> aws_cloudwatch.Alarm:
        """Add one alarm."""
        alarm = aws_cloudwatch.Alarm(
            self,
            alarm_id,
            alarm_description=props.description,
            metric=props.metric,
            threshold=props.threshold,
            evaluation_periods=props.periods,
            treat_missing_data=props.missing_data,
            comparison_operator=props.comparison,
        )
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)
        return alarm


def _accept_without_key(topic: aws_sns.Topic) -> None:
    accept(
        topic,
        "Its messages name a metric and a threshold, never an item, and leave AWS as e-mail. "
        "SNS encrypts its disks; CloudWatch cannot publish under the AWS-managed key, and a "
        "customer key is a monthly charge for nothing to hide.",
        *in_packs("SNSEncryptedKMS"),
    )


def _alarms_may_publish(topic: aws_sns.Topic) -> aws_iam.PolicyStatement:
    """What a topic's default policy grants, and a policy of one's own takes away.

    Source: CloudWatch user guide, "Notifying users on alarm changes" (documented).
    """
    stack = Stack.of(topic)
    alarms = stack.format_arn(
        service="cloudwatch",
        resource="alarm",
        resource_name="*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return aws_iam.PolicyStatement(
        sid="AlarmsOfThisAccount",
        actions=["sns:Publish"],
        principals=[aws_iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        resources=[topic.topic_arn],
        conditions={
            "StringEquals": {"aws:SourceAccount": stack.account},
            "ArnLike": {"aws:SourceArn": alarms},
        },
    )
