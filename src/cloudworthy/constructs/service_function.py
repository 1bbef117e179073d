"""A Lambda function of a service: own role, own log group, traced, JSON logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import Duration, RemovalPolicy, aws_iam, aws_lambda, aws_logs
from constructs import Construct

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
        self.log_group: Final = aws_logs.LogGroup(
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

    def allow(self, actions: Sequence[str], resources: Sequence[str]) -> None:
        """Let the function call these actions on these ARNs."""
        self.role.add_to_policy(
            aws_iam.PolicyStatement(actions=list(actions), resources=list(resources))
        )
