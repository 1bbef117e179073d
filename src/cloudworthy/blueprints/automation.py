"""automation: items behind a REST API, the code deployed from a bucket of the stack."""

from functools import cached_property
from pathlib import Path
from typing import Final

from aws_cdk import Aws, RemovalPolicy, aws_lambda
from constructs import Construct

from cloudworthy.blueprints.automation_alarms import add_alarms
from cloudworthy.blueprints.automation_settings import AutomationSettings
from cloudworthy.blueprints.system_stack import NOT_CODE, SystemStack
from cloudworthy.constructs.access_logs import AccessLogs, AccessLogsProps
from cloudworthy.constructs.bucket import Bucket, BucketProps
from cloudworthy.constructs.bucket_upload import BucketUpload, BucketUploadProps
from cloudworthy.constructs.jwt import JwtSettings
from cloudworthy.constructs.rest_authorizers import JwtAuthorizer
from cloudworthy.constructs.rest_service_api import RestServiceApi, RestServiceApiProps
from cloudworthy.constructs.service_function import ServiceFunction, ServiceFunctionProps
from cloudworthy.constructs.table import Key, Table, TableProps


class AutomationStack(SystemStack):
    """The stack of automation."""

    def __init__(self, scope: Construct, project: Path, settings: AutomationSettings) -> None:
        super().__init__(
            scope, project, settings.common, "Items in a table, code packaged through S3"
        )
        self.settings: Final = settings
        self.items: Final = Table(
            self, "Items", TableProps(key=Key("id"), removal_policy=self.common.removal_policy)
        )
        self.api_function: Final = self._api_function()
        self.api: Final = self._api()
        self.alarms: Final = add_alarms(self, self.common.alarm_emails, self.api, self.api_function)
        self.complete(
            {
                "ApiEndpoint": self.api.url,
                "TableName": self.items.table.table_name,
                "FunctionName": self.api_function.function.function_name,
            }
        )

    @cached_property
    def artifacts(self) -> BucketUpload:
        """The archive of the code in the deployment bucket, beside those of earlier ones.

        What is in the bucket can be made again from the code, so it goes with the stack in
        every stage.
        """
        logs = AccessLogs(self, "AccessLogs", AccessLogsProps(self.common.removal_policy))
        bucket = Bucket(
            self,
            "Artifacts",
            BucketProps(
                removal_policy=RemovalPolicy.DESTROY,
                access_logs=logs.bucket,
                access_log_prefix="artifacts/",
            ),
        )
        return BucketUpload(
            self,
            "Upload",
            BucketUploadProps(
                source=self.project / "services",
                exclude=NOT_CODE,
                bucket=bucket.bucket,
                log_retention=self.common.log_retention,
            ),
        )

    @cached_property
    def code(self) -> aws_lambda.Code:
        """The code of all services, from the deployment bucket."""
        return self.artifacts.as_code()

    def jwt_authorizer(self, jwt: JwtSettings) -> JwtAuthorizer:
        """Its code comes from the deployment bucket, too."""
        authorizer = super().jwt_authorizer(jwt)
        authorizer.function.function.node.add_dependency(self.artifacts.deployment)
        return authorizer

    def _api_function(self) -> ServiceFunction:
        function = self.service_function(
            "ApiFunction",
            ServiceFunctionProps(
                handler="items.handlers.automation.handler",
                description="Items: list, create, read",
                environment={
                    "TABLE_NAME": self.items.table.table_name,
                },
                role_name=f"{Aws.STACK_NAME}-{Aws.REGION}-api",
            ),
        )
        function.function.node.add_dependency(self.artifacts.deployment)
        function.allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"], [self.items.arn])
        self.remember_creations(function)
        return function

    def _api(self) -> RestServiceApi:
        api = self.rest_api(
            RestServiceApiProps(
                description=f"Items API of {self.common.stack_name}",
                auth=self.settings.auth,
                cors_methods=("GET", "POST", "OPTIONS"),
                rate_per_s=50,
                burst=100,
            ),
            self.settings.jwt,
        )
        # A path of several segments: two variables cannot stand beside each other.
        for path in ("/", "/{id}", "/{id}/{proxy+}"):
            api.route(path, self.api_function.function)
        return api
