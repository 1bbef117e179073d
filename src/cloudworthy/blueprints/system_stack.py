"""What the stacks of all systems have in common."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from aws_cdk import CfnOutput, Environment, Fn, Stack, aws_lambda
from constructs import Construct

from cloudworthy.constructs.api_account import ApiAccount
from cloudworthy.constructs.api_platform import ApiPlatform
from cloudworthy.constructs.auto_delete import tag_auto_delete
from cloudworthy.constructs.dependency_layer import DependencyLayer, DependencyLayerProps
from cloudworthy.constructs.jwt import JwtSettings
from cloudworthy.constructs.rest_authorizers import JwtAuthorizer
from cloudworthy.constructs.rest_service_api import RestServiceApi, RestServiceApiProps
from cloudworthy.constructs.service_function import (
    FunctionPlatform,
    ServiceFunction,
    ServiceFunctionProps,
)
from cloudworthy.constructs.system import AccountRole, SystemSettings
from cloudworthy.constructs.table import Key, Table, TableProps
from cloudworthy.constructs.tags import tag_all

NOT_CODE: Final = ["requirements.*", "*.md", "**/__pycache__", "**/*.pyc"]


class SystemStack(Stack):
    """The stack of one system; `project` is the directory that holds services/ and web/.

    A system builds its parts in its constructor and calls `complete` at the end of it.
    """

    def __init__(
        self, scope: Construct, project: Path, common: SystemSettings, description: str
    ) -> None:
        super().__init__(
            scope,
            common.system,
            stack_name=common.stack_name,
            description=description,
            env=Environment(account=common.account, region=common.region),
            termination_protection=common.retains_data,
        )
        self.common: Final = common
        self.project: Final = project

    @property
    def availability_zones(self) -> list[str]:
        """Zones by number: synth needs no account, and looks nothing up where one is set."""
        return [Fn.select(number, Fn.get_azs()) for number in range(2)]

    @cached_property
    def code(self) -> aws_lambda.Code:
        """The code of all services, without what the layer holds."""
        return aws_lambda.Code.from_asset(str(self.project / "services"), exclude=NOT_CODE)

    @cached_property
    def layer(self) -> aws_lambda.ILayerVersion:
        """The layer with the dependencies of the services, one for all functions."""
        return DependencyLayer(self, "Dependencies", self._dependencies("requirements.txt")).layer

    def _dependencies(self, lock: str) -> DependencyLayerProps:
        return DependencyLayerProps(
            lock=self.project / "services" / lock,
            architecture=self.common.architecture.of_lambda,
            cache=self.project / "build" / "layers",
        )

    @cached_property
    def platform(self) -> FunctionPlatform:
        """What every function of the system is built on."""
        common = self.common
        return FunctionPlatform(
            code=self.code,
            layers=(self.layer,),
            architecture=common.architecture.of_lambda,
            log_retention=common.log_retention,
            removal_policy=common.removal_policy,
            environment={
                "CORS_ORIGINS": ",".join(common.cors_origins),
                "LOG_LEVEL": "INFO",
                "POWERTOOLS_SERVICE_NAME": common.system,
                "POWERTOOLS_METRICS_NAMESPACE": "Cloudworthy",
            },
        )

    def service_function(self, construct_id: str, props: ServiceFunctionProps) -> ServiceFunction:
        """Add a function on the system's platform."""
        return ServiceFunction(self, construct_id, props, self.platform)

    def remember_creations(self, function: ServiceFunction) -> None:
        """Let a function that creates items answer a repeated ``Idempotency-Key`` the same."""
        table = self._idempotency
        function.function.add_environment("IDEMPOTENCY_TABLE_NAME", table.table.table_name)
        function.allow(["dynamodb:GetItem", "dynamodb:PutItem"], [table.arn])

    @cached_property
    def _idempotency(self) -> Table:
        """The table in which creating functions remember the keys of their callers."""
        return Table(
            self,
            "Idempotency",
            TableProps(
                key=Key("id"),
                ttl_attribute="expires_at",
                removal_policy=self.common.removal_policy,
            ),
        )

    @property
    def api_platform(self) -> ApiPlatform:
        """What an API of the system is built on."""
        return ApiPlatform(
            cors_origins=self.common.cors_origins,
            log_retention=self.common.log_retention,
            removal_policy=self.common.removal_policy,
        )

    def rest_api(self, props: RestServiceApiProps, jwt: JwtSettings | None) -> RestServiceApi:
        """Add the system's REST API, and the log role of the account unless there is one."""
        creates_role = self.common.api_account_role is AccountRole.CREATE
        log_role = ApiAccount(self, "ApiAccount") if creates_role else None
        authorizer = self.jwt_authorizer(jwt) if jwt else None
        return RestServiceApi(self, "Api", props, self.api_platform, log_role, authorizer)

    def jwt_authorizer(self, jwt: JwtSettings) -> JwtAuthorizer:
        """The function that checks tokens; it is in no VPC: it has to reach the issuer."""
        dependencies = self._dependencies("requirements.authorizer.txt")
        return JwtAuthorizer(self, "Authorizer", jwt, self.platform, dependencies)

    def complete(self, outputs: Mapping[str, str]) -> None:
        """Name the outputs and tag everything: the last step of a system's constructor."""
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
        tag_all(self, self.common.tags)
        tag_auto_delete(self, self.common.tags)
