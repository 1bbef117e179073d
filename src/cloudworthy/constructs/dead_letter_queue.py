"""The queue that keeps what could not be handled."""

from typing import Final

from aws_cdk import Duration, RemovalPolicy, aws_sqs
from constructs import Construct

from cloudworthy.constructs.suppressions import accept

# As long as SQS keeps a message at all.
_KEPT: Final = Duration.days(14)


class DeadLetterQueue(Construct):
    """An encrypted queue, reached over TLS only, that keeps messages for two weeks."""

    def __init__(self, scope: Construct, construct_id: str, removal_policy: RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        self.queue: Final = aws_sqs.Queue(
            self,
            "Queue",
            encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=_KEPT,
            removal_policy=removal_policy,
        )
        accept(
            self.queue,
            "This is the dead-letter queue: an alarm says when it is not empty, and a person "
            "reads it.",
            "AwsSolutions-SQS3",
            "Serverless-SQSRedrivePolicy",
        )
        accept(
            self.queue,
            "Encrypted at rest with the keys that SQS manages (SSE-SQS), which the rule does not "
            "count. A customer key would cost more a month than the queue.",
            "CKV_AWS_27",
        )
