"""A Lambda function of a service: own role, own log group, traced, JSON logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import Duration, RemovalPolicy, aws_iam, aws_lambda, aws_logs
from constructs import Construct

from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.suppressions import (
    Pack,
    accept,
    in_packs,
    tolerate_redundant_depends_on,
)

RUNTIME: Final = aws_lambda.Runtime.PYTHON_3_13


@dataclass(frozen=True)
class ServiceFunctionProps:
    """What differs between one function of a service and another."""

    handler: str
    code: aws_lambda.Code
    memory_mib: int
    timeout_s: int
    architecture: aws_lambda.Architecture
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy
    layers: Sequence[aws_lambda.ILayerVersion] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    retry_attempts: int = 2
    description: str | None = None


class ServiceFunction(Construct):
    """A function whose role holds only what `allow` was told, plus its own logs and traces."""

    def __init__(self, scope: Construct, construct_id: str, props: ServiceFunctionProps) -> None:
        super().__init__(scope, construct_id)
        self.log_group: Final = log_group(
            self, "Logs", retention=props.log_retention, removal_policy=props.removal_policy
        )
        self.role: Final = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com")
        )
        self.log_group.grant_write(self.role)
        self.function: Final = aws_lambda.Function(
            self,
            "Function",
            description=props.description,
            runtime=RUNTIME,
            architecture=props.architecture,
            handler=props.handler,
            code=props.code,
            layers=list(props.layers),
            memory_size=props.memory_mib,
            timeout=Duration.seconds(props.timeout_s),
            environment=dict(props.environment),
            role=self.role,
            log_group=self.log_group,
            logging_format=aws_lambda.LoggingFormat.JSON,
            tracing=aws_lambda.Tracing.ACTIVE,
            retry_attempts=props.retry_attempts,
        )
        self.timeout_s: Final = props.timeout_s
        _accept_role_findings(self.role)
        accept_function_findings(self.function)
        _accept_asynchronous_findings(self.function)

    def allow(self, actions: Sequence[str], resources: Sequence[str]) -> None:
        """Let the function call these actions on these ARNs."""
        self.role.add_to_policy(
            aws_iam.PolicyStatement(actions=list(actions), resources=list(resources))
        )


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
        "Calls AWS over public, TLS-only endpoints and holds no address in a private network. "
        "A VPC would add a NAT gateway to pay for and to fail, and no protection.",
        *in_packs("LambdaInsideVPC"),
    )
    accept(
        function,
        "Its load is limited where requests come in. Reserved concurrency takes from the "
        "account's pool, which is 10 in a new account, and would fail the deployment there.",
        *in_packs("LambdaConcurrency", Pack.NIST, Pack.HIPAA),
    )
    accept(
        function,
        "The newest Python on which the tests run. The next one follows when they do.",
        "AwsSolutions-L1",
        "Serverless-LambdaLatestVersion",
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
