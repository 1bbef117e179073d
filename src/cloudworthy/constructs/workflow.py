"""A Step Functions workflow: traced, with every step in a log of its own."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import RemovalPolicy, aws_iam, aws_logs, aws_stepfunctions
from constructs import Construct

from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.service_function import ServiceFunction, accept_inline_policy
from cloudworthy.constructs.suppressions import accept, tolerate_redundant_depends_on


@dataclass(frozen=True)
class WorkflowProps:
    """What a workflow does, and how long its log is kept."""

    definition: aws_stepfunctions.IChainable
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy


class Workflow(Construct):
    """A state machine whose role holds what its own steps need."""

    def __init__(self, scope: Construct, construct_id: str, props: WorkflowProps) -> None:
        super().__init__(scope, construct_id)
        self.log_group: Final = log_group(
            self, "Logs", retention=props.log_retention, removal_policy=props.removal_policy
        )
        role = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("states.amazonaws.com")
        )
        self.state_machine: Final = aws_stepfunctions.StateMachine(
            self,
            "StateMachine",
            definition_body=aws_stepfunctions.DefinitionBody.from_chainable(props.definition),
            role=role,
            tracing_enabled=True,
            logs=aws_stepfunctions.LogOptions(
                destination=self.log_group, level=aws_stepfunctions.LogLevel.ALL
            ),
            removal_policy=props.removal_policy,
        )
        tolerate_redundant_depends_on(self.state_machine)
        accept_inline_policy(role)
        accept(
            role.node.find_child("DefaultPolicy"),
            "Delivery of logs and traces has no resources to name: CloudWatch Logs and X-Ray "
            "accept only all of them.",
            "AwsSolutions-IAM5[Resource::*]",
        )

    def may_be_started_by(self, function: ServiceFunction) -> None:
        """Let a function start the workflow; it finds the ARN in ``WORKFLOW_ARN``."""
        function.allow(["states:StartExecution"], [self.state_machine.state_machine_arn])
        function.function.add_environment("WORKFLOW_ARN", self.state_machine.state_machine_arn)
