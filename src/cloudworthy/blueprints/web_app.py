"""web-app: a page, a REST API and a table."""

from pathlib import Path
from typing import Final

from aws_cdk import CfnOutput, Environment, Stack, aws_lambda
from constructs import Construct

from cloudworthy.blueprints.web_app_alarms import add_alarms
from cloudworthy.blueprints.web_app_settings import SYSTEM, WebAppSettings
from cloudworthy.constructs.access_logs import AccessLogs, AccessLogsProps
from cloudworthy.constructs.api_account import ApiAccount
from cloudworthy.constructs.auto_delete import tag_auto_delete
from cloudworthy.constructs.dependency_layer import DependencyLayer, DependencyLayerProps
from cloudworthy.constructs.rest_service_api import RestServiceApi, RestServiceApiProps
from cloudworthy.constructs.service_function import ServiceFunction, ServiceFunctionProps
from cloudworthy.constructs.static_site import ApiOrigin, StaticSite, StaticSiteProps
from cloudworthy.constructs.system import AccountRole
from cloudworthy.constructs.table import Index, Key, Table, TableProps
from cloudworthy.constructs.tags import tag_all

STATUS_INDEX: Final = "StatusIndex"
_NOT_CODE: Final = ["requirements.*", "*.md", "**/__pycache__", "**/*.pyc"]


class WebAppStack(Stack):
    """The stack of web-app; `project` is the directory that holds services/ and web/."""

    def __init__(self, scope: Construct, project: Path, settings: WebAppSettings) -> None:
        common = settings.common
        super().__init__(
            scope,
            SYSTEM,
            stack_name=common.stack_name,
            description="A serverless web application: page, REST API and table",
            env=Environment(region=common.region),
            termination_protection=common.retains_data,
        )
        self.settings: Final = settings
        self._project: Final = project
        self._code: Final = aws_lambda.Code.from_asset(str(project / "services"), exclude=_NOT_CODE)
        self._layer: Final = self._dependencies()
        self.items: Final = self._items_table()
        self.idempotency: Final = self._idempotency_table()
        self.api_function: Final = self._api_function()
        self.api: Final = self._api()
        self.site: Final = self._site()
        self.health_function: Final = self._health_function()
        self._route()
        self.alarms: Final = add_alarms(
            self,
            emails=common.alarm_emails,
            api=self.api,
            functions={"Api": self.api_function, "Health": self.health_function},
            table=self.items.table,
            index=STATUS_INDEX,
        )
        self._outputs()
        tag_all(self, common.tags)
        tag_auto_delete(self, common.tags)

    def _dependencies(self) -> aws_lambda.ILayerVersion:
        return DependencyLayer(
            self,
            "Dependencies",
            DependencyLayerProps(
                lock=self._project / "services" / "requirements.txt",
                architecture=self.settings.common.architecture.of_lambda,
                cache=self._project / "build" / "layers",
            ),
        ).layer

    def _items_table(self) -> Table:
        return Table(
            self,
            "Items",
            TableProps(
                key=Key("item_id", "created_at"),
                indexes=(Index(STATUS_INDEX, Key("status", "created_at")),),
                scaling=self.settings.capacity,
                stream=True,
                removal_policy=self.settings.common.removal_policy,
            ),
        )

    def _idempotency_table(self) -> Table:
        return Table(
            self,
            "Idempotency",
            TableProps(
                key=Key("id"),
                ttl_attribute="expires_at",
                removal_policy=self.settings.common.removal_policy,
            ),
        )

    def _api_function(self) -> ServiceFunction:
        function = self._function(
            "ApiFunction",
            handler="items.handlers.api.handler",
            description="Items: list, create, read, update, delete",
            memory_mib=256,
            timeout_s=30,
            environment={
                "STATUS_INDEX_NAME": STATUS_INDEX,
                "IDEMPOTENCY_TABLE_NAME": self.idempotency.table.table_name,
            },
        )
        function.allow(
            [
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
                "dynamodb:Scan",
            ],
            [self.items.arn],
        )
        function.allow(["dynamodb:Query"], [self.items.index_arn(STATUS_INDEX)])
        function.allow(["dynamodb:GetItem", "dynamodb:PutItem"], [self.idempotency.arn])
        return function

    def _health_function(self) -> ServiceFunction:
        bucket = self.site.bucket
        function = self._function(
            "HealthFunction",
            handler="health.handler.handler",
            description="Health: do the table and the bucket answer",
            memory_mib=128,
            timeout_s=5,
            environment={"BUCKET_NAME": bucket.bucket_name},
        )
        function.allow(["dynamodb:DescribeTable"], [self.items.arn])
        function.allow(["s3:ListBucket"], [bucket.bucket_arn])
        return function

    def _function(
        self,
        construct_id: str,
        *,
        handler: str,
        description: str,
        memory_mib: int,
        timeout_s: int,
        environment: dict[str, str],
    ) -> ServiceFunction:
        common = self.settings.common
        return ServiceFunction(
            self,
            construct_id,
            ServiceFunctionProps(
                handler=handler,
                description=description,
                code=self._code,
                layers=(self._layer,),
                memory_mib=memory_mib,
                timeout_s=timeout_s,
                architecture=common.architecture.of_lambda,
                log_retention=common.log_retention,
                removal_policy=common.removal_policy,
                environment={
                    "TABLE_NAME": self.items.table.table_name,
                    "CORS_ORIGINS": ",".join(common.cors_origins),
                    "SYSTEM": common.system,
                    "ENVIRONMENT": common.stage.value,
                    "LOG_LEVEL": "INFO",
                    "POWERTOOLS_SERVICE_NAME": common.system,
                    "POWERTOOLS_METRICS_NAMESPACE": "Cloudworthy",
                    **environment,
                },
            ),
        )

    def _api(self) -> RestServiceApi:
        common = self.settings.common
        creates_role = common.api_account_role is AccountRole.CREATE
        return RestServiceApi(
            self,
            "Api",
            RestServiceApiProps(
                description=f"Items API of {common.stack_name}",
                auth=self.settings.auth,
                cors_origins=common.cors_origins,
                log_retention=common.log_retention,
                removal_policy=common.removal_policy,
                rate_per_s=50,
                burst=100,
                depends_on=ApiAccount(self, "ApiAccount") if creates_role else None,
            ),
        )

    def _route(self) -> None:
        """Every method goes to the service, which knows what to say to the wrong ones."""
        for path in ("/", "/items", "/items/{id}", "/{proxy+}"):
            self.api.route(path, self.api_function.function)
        self.api.route("/health", self.health_function.function, opened=True)

    def _site(self) -> StaticSite:
        common = self.settings.common
        logs = AccessLogs(self, "AccessLogs", AccessLogsProps(common.removal_policy))
        return StaticSite(
            self,
            "Site",
            StaticSiteProps(
                source=self._project / "web",
                api=ApiOrigin(
                    domain_name=self.api.domain_name,
                    origin_path=f"/{self.api.stage.stage_name}",
                    path_patterns=("/items", "/items/*", "/health"),
                ),
                access_logs=logs.bucket,
                log_retention=common.log_retention,
                removal_policy=common.removal_policy,
                cors_origins=common.cors_origins,
                domain=self.settings.domain,
            ),
        )

    def _outputs(self) -> None:
        outputs = {
            "ApiEndpoint": self.api.url,
            "BucketName": self.site.bucket.bucket_name,
            "TableName": self.items.table.table_name,
            "LambdaFunctionName": self.api_function.function.function_name,
            "LogGroupName": self.api_function.log_group.log_group_name,
            "SiteUrl": self.site.url,
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
