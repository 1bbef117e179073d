"""A REST API in front of a service's functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack, aws_apigateway, aws_lambda, aws_logs
from constructs import Construct, IDependable

from cloudworthy.constructs.access_log_format import access_log_format
from cloudworthy.constructs.gateway_errors import answer_errors
from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.suppressions import Pack, accept, in_packs

_ALLOWED_HEADERS: Final = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "X-Amzn-Trace-Id",
    "X-Api-Key",
]
_METHODS: Final = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"]


class RestAuth(StrEnum):
    """Who may call a REST API."""

    API_KEY = "api_key"
    NONE = "none"


@dataclass(frozen=True)
class Quota:
    """How many requests a key may make in a day."""

    requests_a_day: int


@dataclass(frozen=True)
class RestServiceApiProps:
    """What differs between one REST API and another."""

    description: str
    auth: RestAuth
    cors_origins: Sequence[str]
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy
    rate_per_s: int
    burst: int
    stage_name: str = "prod"
    plan_rate_per_s: int | None = None
    plan_burst: int | None = None
    quota: Quota | None = None
    depends_on: IDependable | None = None


class RestServiceApi(Construct):
    """A regional REST API with one stage: throttled, traced, logged, with CORS and API keys.

    Routes are added with `route`. Unless a route is opened by name, it asks for what the
    API's `auth` says.
    """

    def __init__(self, scope: Construct, construct_id: str, props: RestServiceApiProps) -> None:
        super().__init__(scope, construct_id)
        self._auth: Final = props.auth
        self.access_logs: Final = log_group(
            self, "AccessLogs", retention=props.log_retention, removal_policy=props.removal_policy
        )
        self.api: Final = aws_apigateway.RestApi(
            self,
            "Api",
            # Metrics are counted under this name: two copies of a stack must not share it.
            rest_api_name=Stack.of(self).stack_name,
            description=props.description,
            endpoint_types=[aws_apigateway.EndpointType.REGIONAL],
            cloud_watch_role=False,
            deploy_options=self._stage_options(props),
            default_cors_preflight_options=_cors_options(props.cors_origins),
        )
        # The CDK adds an output of its own; a system's outputs are the ones it names.
        self.api.node.try_remove_child("Endpoint")
        self.stage: Final = self.api.deployment_stage
        self.execution_logs: Final = self._own_execution_logs(props)
        if props.depends_on is not None:
            self.stage.node.add_dependency(props.depends_on)
        answer_errors(self, self.api, props.cors_origins)
        self.api_key: Final = self._add_key(props) if props.auth is RestAuth.API_KEY else None
        _accept_api_findings(self.api)
        _accept_stage_findings(self.stage)

    @property
    def url(self) -> str:
        """Address of the stage, with a slash at the end."""
        return self.api.url

    @property
    def domain_name(self) -> str:
        """Host of the API, for an origin in front of it."""
        stack = Stack.of(self)
        return f"{self.api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}"

    def route(
        self,
        path: str,
        function: aws_lambda.IFunction,
        methods: Sequence[str] = ("ANY",),
        *,
        opened: bool = False,
    ) -> None:
        """Send methods of a path to a function; `opened` ones ask for no key."""
        resource = self.api.root.resource_for_path(path)
        integration = aws_apigateway.LambdaIntegration(function, allow_test_invoke=False)
        for method in methods:
            added = resource.add_method(
                method,
                integration,
                api_key_required=self._auth is RestAuth.API_KEY and not opened,
                authorization_type=aws_apigateway.AuthorizationType.NONE,
            )
            _accept_method_findings(added, opened=opened or self._auth is RestAuth.NONE)

    def _stage_options(self, props: RestServiceApiProps) -> aws_apigateway.StageOptions:
        return aws_apigateway.StageOptions(
            stage_name=props.stage_name,
            throttling_rate_limit=props.rate_per_s,
            throttling_burst_limit=props.burst,
            metrics_enabled=True,
            logging_level=aws_apigateway.MethodLoggingLevel.INFO,
            data_trace_enabled=False,
            tracing_enabled=True,
            access_log_destination=aws_apigateway.LogGroupLogDestination(self.access_logs),
            access_log_format=access_log_format(),
        )

    def _own_execution_logs(self, props: RestServiceApiProps) -> aws_logs.LogGroup:
        """The group API Gateway would create itself, kept for ever and owned by nobody.

        Its name is fixed by API Gateway; it holds the API's id, so copies do not collide.

        Source: API Gateway developer guide, "Set up CloudWatch logging for REST APIs"
        (documented).
        """
        group = log_group(
            self,
            "ExecutionLogs",
            name=f"API-Gateway-Execution-Logs_{self.api.rest_api_id}/{props.stage_name}",
            retention=props.log_retention,
            removal_policy=props.removal_policy,
        )
        self.stage.node.add_dependency(group)
        return group

    def _add_key(self, props: RestServiceApiProps) -> aws_apigateway.IApiKey:
        key = aws_apigateway.ApiKey(self, "Key", description=f"Key of {props.description}")
        plan = aws_apigateway.UsagePlan(
            self,
            "UsagePlan",
            description=f"Callers of {props.description}",
            throttle=aws_apigateway.ThrottleSettings(
                rate_limit=props.plan_rate_per_s or props.rate_per_s,
                burst_limit=props.plan_burst or props.burst,
            ),
            quota=_quota_settings(props.quota),
        )
        plan.add_api_stage(api=self.api, stage=self.stage)
        plan.add_api_key(key)
        return key


def _cors_options(origins: Sequence[str]) -> aws_apigateway.CorsOptions:
    return aws_apigateway.CorsOptions(
        allow_origins=list(origins),
        allow_methods=_METHODS,
        allow_headers=_ALLOWED_HEADERS,
        max_age=Duration.hours(1),
    )


def _quota_settings(quota: Quota | None) -> aws_apigateway.QuotaSettings | None:
    if quota is None:
        return None
    return aws_apigateway.QuotaSettings(
        limit=quota.requests_a_day, period=aws_apigateway.Period.DAY
    )


def _accept_method_findings(method: aws_apigateway.Method, *, opened: bool) -> None:
    keyed = (
        "Callers are told apart by API key, which API Gateway checks against the usage plan on "
        "every request of this method. Sign-in of persons is another `auth` of the system."
    )
    open_to_all = (
        "Open on purpose: load balancers and monitors ask here without credentials, or the "
        "system was set to auth=none by name. Throttled like every other method."
    )
    accept(method, open_to_all if opened else keyed, "AwsSolutions-APIG4", "AwsSolutions-COG4")


def _accept_api_findings(api: aws_apigateway.RestApi) -> None:
    accept(
        api,
        "Requests are checked by the service, in one place and with an error that names the "
        "field and the reason, which a request validator of the gateway cannot give.",
        "AwsSolutions-APIG2",
    )


def _accept_stage_findings(stage: aws_apigateway.Stage) -> None:
    accept(
        stage,
        "A firewall is chosen for an account (Firewall Manager attaches it to stages) and costs "
        "more a month than the whole system. Requests are throttled and, by default, keyed; "
        "nothing of a request reaches an interpreter or a query language.",
        "AwsSolutions-APIG3",
        *in_packs("APIGWAssociatedWithWAF", Pack.NIST, Pack.PCI),
    )
    accept(
        stage,
        "No cache: an item that was changed must not be answered as it was before. So nothing "
        "is stored that would have to be encrypted.",
        *in_packs("APIGWCacheEnabledAndEncrypted"),
    )
    accept(
        stage,
        "A client certificate identifies the gateway to an HTTP backend. Here the backends are "
        "functions, whose own policies admit this API and no other caller.",
        *in_packs("APIGWSSLEnabled"),
    )
