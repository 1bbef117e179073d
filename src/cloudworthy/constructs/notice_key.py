"""A key for a topic that alarms publish to.

CloudWatch cannot publish under the key that SNS keeps for the account, as nobody can give it
the right to use that one. Under a key of the system's own it can.
"""

from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack, aws_iam, aws_kms
from constructs import Construct

# What a publisher to an encrypted topic calls, by way of SNS.
# Source: SNS developer guide, "Managing Amazon SNS encryption keys and costs" (documented).
USE_KEY: Final = ("kms:Decrypt", "kms:GenerateDataKey")


class NoticeKey(Construct):
    """A key with yearly rotation that the alarms of this account may use."""

    def __init__(self, scope: Construct, construct_id: str, removal_policy: RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        self.key: Final = aws_kms.Key(
            self,
            "Key",
            description=f"Messages of the topic of {Stack.of(self).stack_name}",
            enable_key_rotation=True,
            pending_window=Duration.days(7),
            removal_policy=removal_policy,
        )
        self.key.add_to_resource_policy(_alarms_may_use(Stack.of(self)))


def _alarms_may_use(stack: Stack) -> aws_iam.PolicyStatement:
    """What CloudWatch needs to publish the message of an alarm.

    Source: CloudWatch user guide, "Notifying users on alarm changes" (documented).
    """
    return aws_iam.PolicyStatement(
        sid="AlarmsOfThisAccount",
        actions=list(USE_KEY),
        principals=[aws_iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        resources=["*"],
        conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
    )
