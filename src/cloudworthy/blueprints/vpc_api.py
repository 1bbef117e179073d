"""vpc-api: a REST API whose function runs in private subnets."""

from pathlib import Path
from typing import Final

from aws_cdk import aws_s3
from constructs import Construct

from cloudworthy.blueprints.system_stack import SystemStack
from cloudworthy.blueprints.vpc_api_alarms import add_alarms
from cloudworthy.blueprints.vpc_api_settings import VpcApiSettings
from cloudworthy.constructs.access_logs import AccessLogs, AccessLogsProps
from cloudworthy.constructs.api_domain import ApiDomain
from cloudworthy.constructs.bucket import Bucket, BucketProps
from cloudworthy.constructs.dashboard import (
    Dashboard,
    function_graphs,
    rest_api_graphs,
    table_graphs,
)
from cloudworthy.constructs.network import Network, NetworkProps
from cloudworthy.constructs.rest_service_api import Quota, RestServiceApi, RestServiceApiProps
from cloudworthy.constructs.service_function import ServiceFunction, ServiceFunctionProps
from cloudworthy.constructs.table import ITEM_ACTIONS, Key, Table, TableProps


class VpcApiStack(SystemStack):
    """The stack of vpc-api."""

    def __init__(self, scope: Construct, project: Path, settings: VpcApiSettings) -> None:
        super().__init__(
            scope, project, settings.common, "An API inside a VPC: network, REST API and table"
        )
        self.settings: Final = settings
        self.network: Final = self._network()
        self.items: Final = self._items_table()
        self.assets: Final = self._assets_bucket()
        self.api_function: Final = self._api_function()
        self.api: Final = self._api()
        self.domain: Final = self._domain()
        self.alarms: Final = add_alarms(
            self,
            emails=self.common.alarm_emails,
            api=self.api,
            function=self.api_function,
            table=self.items.table,
        )
        self.dashboard: Final = self._dashboard()
        self.complete(self._outputs())

    def _network(self) -> Network:
        return Network(
            self,
            "Network",
            NetworkProps(
                cidr=self.settings.vpc_cidr,
                egress=self.settings.egress,
                log_retention=self.common.log_retention,
                removal_policy=self.common.removal_policy,
            ),
        )

    def _items_table(self) -> Table:
        return Table(
            self,
            "Items",
            TableProps(
                key=Key("id"),
                scaling=self.settings.capacity,
                stream=True,
                removal_policy=self.common.removal_policy,
            ),
        )

    def _assets_bucket(self) -> aws_s3.Bucket:
        logs = AccessLogs(self, "AccessLogs", AccessLogsProps(self.common.removal_policy))
        return Bucket(
            self,
            "Assets",
            BucketProps(
                removal_policy=self.common.removal_policy,
                access_logs=logs.bucket,
                access_log_prefix="assets/",
            ),
        ).bucket

    def _api_function(self) -> ServiceFunction:
        function = self.service_function(
            "ApiFunction",
            ServiceFunctionProps(
                handler="items.handlers.vpc_api.handler",
                description="Items: list, create, read, update, delete",
                memory_mib=512,
                environment={
                    "TABLE_NAME": self.items.table.table_name,
                },
                network=self.network.for_function(
                    "ApiFunctionGroup",
                    prefix_lists=[self.settings.dynamodb_prefix_list],
                    https_cidrs=self.settings.https_destinations,
                ),
            ),
        )
        function.allow(ITEM_ACTIONS, [self.items.arn])
        self.remember_creations(function)
        return function

    def _api(self) -> RestServiceApi:
        """Every method goes to the service, which knows what to say to the wrong ones."""
        api = self.rest_api(
            RestServiceApiProps(
                description=f"Items API of {self.common.stack_name}, inside a VPC",
                auth=self.settings.auth,
                rate_per_s=50,
                burst=100,
                plan_rate_per_s=100,
                plan_burst=200,
                quota=Quota(requests_a_day=10_000),
            ),
            self.settings.jwt,
        )
        for path in ("/", "/api/items", "/api/items/{id}", "/{proxy+}"):
            api.route(path, self.api_function.function)
        return api

    def _domain(self) -> ApiDomain | None:
        props = self.settings.domain
        return ApiDomain(self, "Domain", props, self.api.api) if props else None

    def _dashboard(self) -> Dashboard:
        return Dashboard(
            self,
            "Dashboard",
            [
                function_graphs({"Api": self.api_function}),
                table_graphs(self.items.table),
                rest_api_graphs(self.api),
            ],
        )

    def _outputs(self) -> dict[str, str]:
        outputs = {
            "APIGatewayURL": self.domain.url if self.domain else self.api.url,
            "DynamoDBTableName": self.items.table.table_name,
            "S3BucketName": self.assets.bucket_name,
        }
        if self.api.api_key is not None:
            outputs["APIKeyId"] = self.api.api_key.key_id
        return outputs
