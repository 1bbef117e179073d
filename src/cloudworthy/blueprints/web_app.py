"""web-app: a page, a REST API and a table."""

from pathlib import Path
from typing import Final

from constructs import Construct

from cloudworthy.blueprints.system_stack import SystemStack
from cloudworthy.blueprints.web_app_alarms import add_alarms
from cloudworthy.blueprints.web_app_settings import WebAppSettings
from cloudworthy.constructs.access_logs import AccessLogs, AccessLogsProps
from cloudworthy.constructs.rest_authorizers import RestAuth
from cloudworthy.constructs.rest_service_api import RestServiceApi, RestServiceApiProps
from cloudworthy.constructs.service_function import ServiceFunction, ServiceFunctionProps
from cloudworthy.constructs.static_site import ApiOrigin, StaticSite, StaticSiteProps
from cloudworthy.constructs.table import ITEM_ACTIONS, Index, Key, Table, TableProps

STATUS_INDEX: Final = "StatusIndex"


class WebAppStack(SystemStack):
    """The stack of web-app."""

    def __init__(self, scope: Construct, project: Path, settings: WebAppSettings) -> None:
        super().__init__(
            scope,
            project,
            settings.common,
            "A serverless web application: page, REST API and table",
        )
        self.settings: Final = settings
        self.items: Final = self._items_table()
        self.api_function: Final = self._api_function()
        self.api: Final = self._api()
        self.site: Final = self._site()
        self.health_function: Final = self._health_function()
        self._route()
        self.alarms: Final = add_alarms(
            self,
            emails=self.common.alarm_emails,
            api=self.api,
            functions={"Api": self.api_function, "Health": self.health_function},
            table=self.items.table,
            index=STATUS_INDEX,
        )
        self.complete(
            {
                "ApiEndpoint": self.api.url,
                "BucketName": self.site.bucket.bucket_name,
                "TableName": self.items.table.table_name,
                "LambdaFunctionName": self.api_function.function.function_name,
                "LogGroupName": self.api_function.log_group.log_group_name,
                "SiteUrl": self.site.url,
            }
        )

    def _items_table(self) -> Table:
        return Table(
            self,
            "Items",
            TableProps(
                key=Key("item_id", "created_at"),
                indexes=(Index(STATUS_INDEX, Key("status", "created_at")),),
                scaling=self.settings.capacity,
                stream=True,
                removal_policy=self.common.removal_policy,
            ),
        )

    def _api_function(self) -> ServiceFunction:
        function = self.service_function(
            "ApiFunction",
            ServiceFunctionProps(
                handler="items.handlers.api.handler",
                description="Items: list, create, read, update, delete",
                environment={
                    "TABLE_NAME": self.items.table.table_name,
                    "STATUS_INDEX_NAME": STATUS_INDEX,
                },
            ),
        )
        function.allow(ITEM_ACTIONS, [self.items.arn])
        function.allow(["dynamodb:Query"], [self.items.index_arn(STATUS_INDEX)])
        self.remember_creations(function)
        return function

    def _health_function(self) -> ServiceFunction:
        bucket = self.site.bucket
        function = self.service_function(
            "HealthFunction",
            ServiceFunctionProps(
                handler="health.handler.handler",
                description="Health: do the table and the bucket answer",
                memory_mib=128,
                timeout_s=5,
                environment={
                    "TABLE_NAME": self.items.table.table_name,
                    "BUCKET_NAME": bucket.bucket_name,
                },
            ),
        )
        function.allow(["dynamodb:DescribeTable"], [self.items.arn])
        function.allow(["s3:ListBucket"], [bucket.bucket_arn])
        return function

    def _api(self) -> RestServiceApi:
        return self.rest_api(
            RestServiceApiProps(
                description=f"Items API of {self.common.stack_name}",
                auth=self.settings.auth,
                rate_per_s=50,
                burst=100,
            ),
            self.settings.jwt,
        )

    def _route(self) -> None:
        """Every method goes to the service, which knows what to say to the wrong ones."""
        for path in ("/", "/items", "/items/{id}", "/{proxy+}"):
            self.api.route(path, self.api_function.function)
        self.api.route("/health", self.health_function.function, opened=True)

    def _page_configuration(self) -> dict[str, str] | None:
        """What the page has to know; its own ``config.json`` says that the API wants a key."""
        settings = self.settings
        if settings.auth is RestAuth.API_KEY:
            return None
        configuration = {"auth": settings.auth.value}
        if settings.jwt and settings.sign_in:
            configuration |= {
                "issuer": settings.jwt.issuer,
                "clientId": settings.sign_in.client_id,
                "scope": settings.sign_in.scope,
            }
        return configuration

    def _site(self) -> StaticSite:
        common, sign_in = self.common, self.settings.sign_in
        logs = AccessLogs(self, "AccessLogs", AccessLogsProps(common.removal_policy))
        return StaticSite(
            self,
            "Site",
            StaticSiteProps(
                source=self.project / "web",
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
                configuration=self._page_configuration(),
                connects_to=sign_in.origins if sign_in else (),
            ),
        )
