"""A REST API in front of a service's functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from aws_cdk import Duration, Stack, aws_apigateway, aws_lambda, aws_logs
from constructs import Construct, IDependable

from cloudworthy.constructs.access_log_format import access_log_format
from cloudworthy.constructs.api_platform import SIGNATURE_HEADERS, ApiPlatform
from cloudworthy.constructs.gateway_errors import answer_errors
from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.rest_authorizers import JwtAuthorizer, RestAuth
from cloudworthy.constructs.suppressions import Pack, accept, in_packs

_ALLOWED_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "X-Amzn-Trace-Id",
    "X-Api-Key",
)
_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE")


_SMALLEST_CACHE_GIB: Final = "0.5"
_NOT_CACHED: Final = (
    "No cache: an item that was changed must not be answered as it was before. So nothing "
    "is stored that would have to be encrypted."
)
_CACHED: Final = (
    "Reads are cached, and what is cached is encrypted. Other methods are not: an answer to a "
    "write must come from the service."
)


_AUTHORIZATION: Final = {
    RestAuth.API_KEY: aws_apigateway.AuthorizationType.NONE,
    RestAuth.IAM: aws_apigateway.AuthorizationType.IAM,
    RestAuth.JWT: aws_apigateway.AuthorizationType.CUSTOM,
    RestAuth.NONE: aws_apigateway.AuthorizationType.NONE,
}
_WITHOUT_USER_POOL: Final = {
    RestAuth.API_KEY: (
        "Callers are told apart by API key, which API Gateway checks against the usage plan on "
        "every request of this method. Sign-in of persons is another `auth` of the system."
    ),
    RestAuth.IAM: (
        "Callers sign their requests and need a policy that lets them call this API. Sign-in of "
        "persons is another `auth` of the system."
    ),
    RestAuth.JWT: (
        "Tokens, those of a user pool as well, are checked by a function: other than the gateway "
        "it takes only tokens that were made for this API."
    ),
    RestAuth.NONE: (
        "Open on purpose: load balancers and monitors ask here without credentials, or the "
        "system was set to auth=none by name. Throttled like every other method."
    ),
}


class _MethodOptions(TypedDict):
    throttling_rate_limit: int
    throttling_burst_limit: int
    metrics_enabled: bool
    logging_level: aws_apigateway.MethodLoggingLevel
    data_trace_enabled: bool


@dataclass(frozen=True)
class Quota:
    """How many requests a key may make in a day."""

    requests_a_day: int


@dataclass(frozen=True)
class ResponseCache:
    """Answers of GET methods that the gateway keeps, by path, and what they depend on.

    Each path names every parameter of the request that changes its answer: requests that agree
    in these get the same one. A write does not make the gateway forget.
    """

    ttl_s: int
    parameters: Mapping[str, Sequence[str]]

    def request_parameters(self, path: str, method: str) -> dict[str, bool]:
        """The parameters of a method, in API Gateway's words, and whether each is required."""
        names = self.parameters.get(path, ()) if method == "GET" else ()
        return {f"method.request.{name}": name.startswith("path.") for name in names}


@dataclass(frozen=True)
class RestServiceApiProps:
    """What differs between one REST API and another."""

    description: str
    auth: RestAuth
    rate_per_s: int
    burst: int
    cors_methods: Sequence[str] = _METHODS
    stage_name: str = "prod"
    plan_rate_per_s: int | None = None
    plan_burst: int | None = None
    quota: Quota | None = None
    cache: ResponseCache | None = None


class RestServiceApi(Construct):
    """A regional REST API with one stage: throttled, traced, logged, with CORS.

    Routes are added with `route`. Unless a route is opened by name, it asks for what the
    API's `auth` says: with ``jwt`` it asks the `authorizer`, and with ``api_key`` there are a
    key and a usage plan. The stage waits for `log_role`, without which it could not log.

    Raises
    ------
    ValueError
        There is an authorizer and nobody to ask it, or nobody to ask.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        props: RestServiceApiProps,
        platform: ApiPlatform,
        log_role: IDependable | None = None,
        authorizer: JwtAuthorizer | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        if (props.auth is RestAuth.JWT) != (authorizer is not None):
            raise ValueError(f"{self.node.path}: auth={props.auth} and authorizer={authorizer}")
        self._auth: Final = props.auth
        self.authorizer: Final = authorizer
        self._cache: Final = props.cache
        self.access_logs: Final = log_group(
            self,
            "AccessLogs",
            retention=platform.log_retention,
            removal_policy=platform.removal_policy,
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
            default_cors_preflight_options=_cors_options(props, platform),
        )
        # The CDK adds an output of its own; a system's outputs are the ones it names.
        self.api.node.try_remove_child("Endpoint")
        self.stage: Final = self.api.deployment_stage
        self.execution_logs: Final = self._own_execution_logs(props.stage_name, platform)
        if log_role is not None:
            self.stage.node.add_dependency(log_role)
        answer_errors(self, self.api, platform.cors_origins, props.auth)
        self.api_key: Final = self._add_key(props) if props.auth is RestAuth.API_KEY else None
        _accept_api_findings(self.api)
        _accept_stage_findings(self.stage, props.cache)

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
        """Send methods of a path to a function; `opened` ones ask for nothing."""
        resource = self.api.root.resource_for_path(path)
        auth = RestAuth.NONE if opened else self._auth
        asked = None if opened else self.authorizer
        for method in methods:
            cached_by = self._cache.request_parameters(path, method) if self._cache else {}
            added = resource.add_method(
                method,
                _integration(function, cached_by),
                request_parameters=cached_by or None,
                api_key_required=auth is RestAuth.API_KEY,
                authorization_type=_AUTHORIZATION[auth],
                authorizer=asked.authorizer if asked else None,
            )
            _accept_method_findings(added, auth)

    def _stage_options(self, props: RestServiceApiProps) -> aws_apigateway.StageOptions:
        cache = props.cache
        return aws_apigateway.StageOptions(
            stage_name=props.stage_name,
            **_method_options(props),
            tracing_enabled=True,
            access_log_destination=aws_apigateway.LogGroupLogDestination(self.access_logs),
            access_log_format=access_log_format(),
            cache_cluster_enabled=True if cache else None,
            cache_cluster_size=_SMALLEST_CACHE_GIB if cache else None,
            method_options=_cached_methods(props, cache) if cache else None,
        )

    def _own_execution_logs(self, stage_name: str, platform: ApiPlatform) -> aws_logs.LogGroup:
        """The group API Gateway would create itself, kept for ever and owned by nobody.

        Its name is fixed by API Gateway; it holds the API's id, so copies do not collide.

        Source: API Gateway developer guide, "Set up CloudWatch logging for REST APIs"
        (documented).
        """
        group = log_group(
            self,
            "ExecutionLogs",
            name=f"API-Gateway-Execution-Logs_{self.api.rest_api_id}/{stage_name}",
            retention=platform.log_retention,
            removal_policy=platform.removal_policy,
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


def _method_options(props: RestServiceApiProps) -> _MethodOptions:
    return {
        "throttling_rate_limit": props.rate_per_s,
        "throttling_burst_limit": props.burst,
        "metrics_enabled": True,
        "logging_level": aws_apigateway.MethodLoggingLevel.INFO,
        "data_trace_enabled": False,
    }


def _cached_methods(
    props: RestServiceApiProps, cache: ResponseCache
) -> dict[str, aws_apigateway.MethodDeploymentOptions]:
    """Settings of the methods with a cache; they take nothing over from those of the stage."""
    options = aws_apigateway.MethodDeploymentOptions(
        **_method_options(props),
        caching_enabled=True,
        cache_data_encrypted=True,
        cache_ttl=Duration.seconds(cache.ttl_s),
    )
    return {f"{path}/GET": options for path in cache.parameters}


def _integration(
    function: aws_lambda.IFunction, cached_by: Mapping[str, bool]
) -> aws_apigateway.LambdaIntegration:
    return aws_apigateway.LambdaIntegration(
        function, allow_test_invoke=False, cache_key_parameters=list(cached_by) or None
    )


def _cors_options(props: RestServiceApiProps, platform: ApiPlatform) -> aws_apigateway.CorsOptions:
    signed = props.auth is RestAuth.IAM
    return aws_apigateway.CorsOptions(
        allow_origins=list(platform.cors_origins),
        allow_methods=list(props.cors_methods),
        allow_headers=[*_ALLOWED_HEADERS, *(SIGNATURE_HEADERS if signed else ())],
        max_age=Duration.hours(1),
    )


def _quota_settings(quota: Quota | None) -> aws_apigateway.QuotaSettings | None:
    if quota is None:
        return None
    return aws_apigateway.QuotaSettings(
        limit=quota.requests_a_day, period=aws_apigateway.Period.DAY
    )


def _accept_method_findings(method: aws_apigateway.Method, auth: RestAuth) -> None:
    rules = ["AwsSolutions-COG4"]
    if auth in (RestAuth.API_KEY, RestAuth.NONE):
        rules.insert(0, "AwsSolutions-APIG4")
    accept(method, _WITHOUT_USER_POOL[auth], *rules)


def _accept_api_findings(api: aws_apigateway.RestApi) -> None:
    accept(
        api,
        "Requests are checked by the service, in one place and with an error that names the "
        "field and the reason, which a request validator of the gateway cannot give.",
        "AwsSolutions-APIG2",
    )


def _accept_stage_findings(stage: aws_apigateway.Stage, cache: ResponseCache | None) -> None:
    accept(
        stage,
        "A firewall is chosen for an account (Firewall Manager attaches it to stages) and costs "
        "more a month than the whole system. Requests are throttled and, by default, keyed; "
        "nothing of a request reaches an interpreter or a query language.",
        "AwsSolutions-APIG3",
        *in_packs("APIGWAssociatedWithWAF", Pack.NIST, Pack.PCI),
    )
    accept(stage, _CACHED if cache else _NOT_CACHED, *in_packs("APIGWCacheEnabledAndEncrypted"))
    accept(
        stage,
        "A client certificate identifies the gateway to an HTTP backend. Here the backends are "
        "functions, whose own policies admit this API and no other caller.",
        *in_packs("APIGWSSLEnabled"),
    )
