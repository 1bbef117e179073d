"""A Lambda function of a service: own role, own log group, traced, JSON logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import (
    Duration,
    RemovalPolicy,
    aws_iam,
    aws_kms,
    aws_lambda,
    aws_lambda_destinations,
    aws_logs,
    aws_sns,
    aws_sqs,
)
from constructs import Construct

from cloudworthy.constructs.function_network import FunctionNetwork
from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.notice_key import USE_KEY
from cloudworthy.constructs.suppressions import (
    Pack,
    accept,
    in_packs,
    tolerate_redundant_depends_on,
)

RUNTIME: Final = aws_lambda.Runtime.PYTHON_3_13


@dataclass(frozen=True)
class FunctionPlatform:
    """What all functions of a system have in common."""

    code: aws_lambda.Code
    layers: Sequence[aws_lambda.ILayerVersion]
    architecture: aws_lambda.Architecture
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy
    environment: Mapping[str, str]


@dataclass(frozen=True)
class FailedEvents:
    """Where an event goes whose last try has failed: it is kept, and somebody is told.

    The topic is encrypted under the `key`, which a function that publishes has to use.
    """

    queue: aws_sqs.IQueue
    topic: aws_sns.ITopic
    key: aws_kms.IKey


@dataclass(frozen=True)
class ServiceFunctionProps:
    """What differs between one function of a system and another.

    A `role_name` has to differ from copy to copy of a stack.
    """

    handler: str
    description: str
    memory_mib: int = 256
    timeout_s: int = 30
    environment: Mapping[str, str] = field(default_factory=dict)
    retry_attempts: int = 2
    network: FunctionNetwork | None = None
    role_name: str | None = None
    reserved_concurrency: int | None = None
    failed_events: FailedEvents | None = None


class ServiceFunction(Construct):
    """A function whose role holds only what `allow` was told, plus its own logs and traces."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        props: ServiceFunctionProps,
        platform: FunctionPlatform,
    ) -> None:
        super().__init__(scope, construct_id)
        self.log_group: Final = log_group(
            self,
            "Logs",
            retention=platform.log_retention,
            removal_policy=platform.removal_policy,
        )
        self.role: Final = aws_iam.Role(
            self,
            "Role",
            role_name=props.role_name,
            assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        self.log_group.grant_write(self.role)
        if props.network is not None:
            props.network.allow_interfaces(self.role)
        self.function: Final = aws_lambda.Function(
            self,
            "Function",
            description=props.description,
            runtime=RUNTIME,
            architecture=platform.architecture,
            handler=props.handler,
            code=platform.code,
            layers=list(platform.layers),
            memory_size=props.memory_mib,
            timeout=Duration.seconds(props.timeout_s),
            environment={**platform.environment, **props.environment},
            role=self.role,
            log_group=self.log_group,
            logging_format=aws_lambda.LoggingFormat.JSON,
            tracing=aws_lambda.Tracing.ACTIVE,
            reserved_concurrent_executions=props.reserved_concurrency,
            retry_attempts=props.retry_attempts,
            dead_letter_queue=props.failed_events.queue if props.failed_events else None,
            on_failure=self._tell(props.failed_events) if props.failed_events else None,
            vpc=props.network.vpc if props.network else None,
            vpc_subnets=props.network.subnets if props.network else None,
            security_groups=[props.network.security_group] if props.network else None,
        )
        self.timeout_s: Final = props.timeout_s
        _accept_role_findings(self.role)
        if props.network is None:
            accept_outside_vpc(self.function)
        if props.reserved_concurrency is None:
            accept_unreserved_concurrency(self.function)
        accept_function_findings(self.function)
        if props.failed_events is None:
            _accept_asynchronous_findings(self.function)

    def allow(self, actions: Sequence[str], resources: Sequence[str]) -> None:
        """Let the function call these actions on these ARNs."""
        self.role.add_to_policy(
            aws_iam.PolicyStatement(actions=list(actions), resources=list(resources))
        )

    def _tell(self, failed: FailedEvents) -> aws_lambda.IDestination:
        """A destination by ARN: knowing the key, the CDK would grant a pattern of actions."""
        self.allow(USE_KEY, [failed.key.key_arn])
        topic = aws_sns.Topic.from_topic_arn(self, "FailureTopic", failed.topic.topic_arn)
        return aws_lambda_destinations.SnsDestination(topic)


def accept_inline_policy(role: aws_iam.Role) -> None:
    """Accept that a role's permissions are its own and cannot be attached elsewhere."""
    accept(
        role.node.find_child("DefaultPolicy"),
        "The policy belongs to this one role and must be attached to no other: it is written "
        "with it, changed with it and deleted with it.",
        *in_packs("IAMNoInlinePolicy"),
    )


def accept_function_findings(function: aws_lambda.IFunction) -> None:
    """Accept what no function of a public serverless API has."""
    tolerate_redundant_depends_on(function)
    accept(
        function,
        "The newest Python on which the tests run. The next one follows when they do.",
        "AwsSolutions-L1",
        "Serverless-LambdaLatestVersion",
    )
    accept(
        function,
        "Its environment holds names and switches, never a secret, and Lambda encrypts it with "
        "its own key: a customer key has nothing more to protect.",
        "CKV_AWS_173",
    )


def accept_unreserved_concurrency(function: aws_lambda.IFunction) -> None:
    """Accept that a function takes its concurrency from the account's pool."""
    accept(
        function,
        "Its load is limited where requests come in. Reserved concurrency takes from the "
        "account's pool, which is 10 in a new account, and would fail the deployment there.",
        *in_packs("LambdaConcurrency", Pack.NIST, Pack.HIPAA),
    )


def accept_outside_vpc(function: aws_lambda.IFunction) -> None:
    """Accept that a function has no address in a network of its own."""
    accept(
        function,
        "Calls AWS over public, TLS-only endpoints and holds no address in a private network. "
        "A VPC would add a NAT gateway to pay for and to fail, and no protection.",
        *in_packs("LambdaInsideVPC"),
    )


def _accept_role_findings(role: aws_iam.Role) -> None:
    accept_inline_policy(role)
    accept(
        role.node.find_child("DefaultPolicy"),
        "X-Ray has no resources to name: PutTraceSegments and PutTelemetryRecords accept only "
        "all of them.",
        "AwsSolutions-IAM5[Resource::*]",
    )


def _accept_asynchronous_findings(function: aws_lambda.Function) -> None:
    reason = (
        "Called by API Gateway, which waits for the answer and passes a failure on to the "
        "caller: there is no event that could be lost."
    )
    accept(function, reason, *in_packs("LambdaDLQ", Pack.SERVERLESS, Pack.NIST, Pack.HIPAA))
    accept(
        function.node.find_child("EventInvokeConfig"),
        reason,
        "Serverless-LambdaAsyncFailureDestination",
    )
