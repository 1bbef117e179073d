"""storage-api: objects in a bucket, behind an HTTP API that asks for a token."""

from pathlib import Path
from typing import Final

from aws_cdk import aws_s3
from aws_cdk.aws_apigatewayv2 import HttpMethod, IHttpRouteAuthorizer
from aws_cdk.aws_s3 import HttpMethods
from constructs import Construct

from cloudworthy.blueprints.storage_api_settings import StorageApiSettings
from cloudworthy.blueprints.storage_api_watch import (
    add_alarms,
    add_authorizer_alarm,
    add_dashboard,
    add_queries,
)
from cloudworthy.blueprints.system_stack import SystemStack
from cloudworthy.constructs.access_logs import AccessLogs, AccessLogsProps
from cloudworthy.constructs.alarms import Alarms
from cloudworthy.constructs.bucket import Bucket, BucketProps, accept_any_object
from cloudworthy.constructs.dead_letter_queue import DeadLetterQueue
from cloudworthy.constructs.http_authorizers import HttpAuth, iam_authorizer, jwt_authorizer
from cloudworthy.constructs.http_service_api import HttpServiceApi, HttpServiceApiProps
from cloudworthy.constructs.notice_key import NoticeKey
from cloudworthy.constructs.secret import TokenSecret
from cloudworthy.constructs.service_function import (
    FailedEvents,
    ServiceFunction,
    ServiceFunctionProps,
)
from cloudworthy.constructs.token_authorizer import TokenAuthorizer


class StorageApiStack(SystemStack):
    """The stack of storage-api."""

    def __init__(self, scope: Construct, project: Path, settings: StorageApiSettings) -> None:
        super().__init__(
            scope, project, settings.common, "Secure object storage behind an HTTP API"
        )
        self.settings: Final = settings
        policy = self.common.removal_policy
        self.objects: Final = self._objects_bucket()
        self.secret: Final = TokenSecret(
            self, "Secret", f"Token of the callers of {self.common.stack_name}", policy
        )
        self.notice_key: Final = NoticeKey(self, "NoticeKey", policy).key
        self.alarms: Final = Alarms(self, "Alarms", self.common.alarm_emails, self.notice_key)
        self.dead_letters: Final = DeadLetterQueue(self, "DeadLetters", policy)
        self.api_function: Final = self._api_function()
        self.token_authorizer: Final = self._token_authorizer()
        self.api: Final = self._api()
        self._watch()
        self.complete(
            {
                "ApiEndpoint": self.api.url,
                "BucketName": self.objects.bucket_name,
                "SecretArn": self.secret.arn,
                "LambdaFunctionName": self.api_function.function.function_name,
                "SNSTopicArn": self.alarms.topic.topic_arn,
            }
        )

    def _objects_bucket(self) -> aws_s3.Bucket:
        common = self.common
        logs = AccessLogs(self, "AccessLogs", AccessLogsProps(common.removal_policy))
        return Bucket(
            self,
            "Objects",
            BucketProps(
                removal_policy=common.removal_policy,
                objects_expire_days=90,
                old_versions_expire_days=30,
                unfinished_uploads_expire_days=7,
                # Pages send and fetch large objects by presigned URL, past the API.
                cors_origins=common.cors_origins,
                cors_methods=(HttpMethods.GET, HttpMethods.HEAD, HttpMethods.PUT),
                access_logs=logs.bucket,
                access_log_prefix="objects/",
            ),
        ).bucket

    def _api_function(self) -> ServiceFunction:
        function = self.service_function(
            "ApiFunction",
            ServiceFunctionProps(
                handler="objects.handlers.api.handler",
                description="Objects: write, read, list, delete",
                environment={
                    "BUCKET_NAME": self.objects.bucket_name,
                    "SECRET_ARN": self.secret.arn,
                },
                reserved_concurrency=self.settings.reserved_concurrency,
                failed_events=FailedEvents(
                    self.dead_letters.queue, self.alarms.topic, self.notice_key
                ),
            ),
        )
        function.allow(["s3:ListBucket"], [self.objects.bucket_arn])
        function.allow(
            ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            [self.objects.arn_for_objects("*")],
        )
        accept_any_object(
            function.role,
            self.objects,
            "Callers choose the keys of their objects; the bucket holds nothing else.",
        )
        function.allow(["secretsmanager:GetSecretValue"], [self.secret.arn])
        return function

    def _api(self) -> HttpServiceApi:
        api = HttpServiceApi(
            self,
            "Api",
            HttpServiceApiProps(
                description=f"Objects API of {self.common.stack_name}",
                authorizer=self._authorizer(),
                rate_per_s=50,
                burst=100,
            ),
            self.api_platform,
        )
        api.route("/api/{proxy+}", self.api_function.function)
        api.route("/api/health", self.api_function.function, [HttpMethod.GET], opened=True)
        return api

    def _authorizer(self) -> IHttpRouteAuthorizer | None:
        if self.token_authorizer:
            return self.token_authorizer.authorizer
        if self.settings.jwt:
            return jwt_authorizer(self.settings.jwt)
        return iam_authorizer() if self.settings.auth is HttpAuth.IAM else None

    def _token_authorizer(self) -> TokenAuthorizer | None:
        if self.settings.auth is not HttpAuth.TOKEN:
            return None
        return TokenAuthorizer(self, "Authorizer", self.secret, self.platform)

    def _watch(self) -> None:
        function = self.api_function
        add_alarms(self.alarms, self.api, function, self.dead_letters.queue)
        if self.token_authorizer:
            add_authorizer_alarm(self.alarms, self.token_authorizer.function)
        add_dashboard(self, self.api, function)
        add_queries(self, function)
