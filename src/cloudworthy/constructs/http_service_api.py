"""An HTTP API in front of a service's functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import ArnFormat, Duration, Stack, aws_lambda
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from cloudworthy.constructs.access_log_format import HTTP_ACCESS_LOG_FIELDS, access_log_format
from cloudworthy.constructs.api_platform import SIGNATURE_HEADERS, ApiPlatform
from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.suppressions import accept

_Method = apigatewayv2.CorsHttpMethod
_CORS_METHODS: Final = (_Method.GET, _Method.HEAD, _Method.POST, _Method.PUT, _Method.DELETE)
_CORS_HEADERS: Final = ("Authorization", "Content-Type", "If-Match", "If-None-Match")
_EXPOSED_HEADERS: Final = ("Allow", "Apigw-Requestid", "ETag", "Location")


@dataclass(frozen=True)
class HttpServiceApiProps:
    """What differs between one HTTP API and another; with no `authorizer` it is open to all."""

    description: str
    authorizer: apigatewayv2.IHttpRouteAuthorizer | None
    rate_per_s: int
    burst: int
    cors_methods: Sequence[apigatewayv2.CorsHttpMethod] = _CORS_METHODS


class HttpServiceApi(Construct):
    """An HTTP API with its default stage: deployed by itself, throttled, logged, with CORS.

    Routes are added with `route`. Unless a route is opened by name, it asks the `authorizer`.
    """

    def __init__(
        self, scope: Construct, construct_id: str, props: HttpServiceApiProps, platform: ApiPlatform
    ) -> None:
        super().__init__(scope, construct_id)
        self._is_open: Final = props.authorizer is None
        self._integrations: Final[dict[str, HttpLambdaIntegration]] = {}
        self.access_logs: Final = log_group(
            self,
            "AccessLogs",
            retention=platform.log_retention,
            removal_policy=platform.removal_policy,
        )
        self.api: Final = apigatewayv2.HttpApi(
            self,
            "Api",
            api_name=Stack.of(self).stack_name,
            description=props.description,
            create_default_stage=False,
            default_authorizer=props.authorizer,
            cors_preflight=_cors_options(props, platform),
        )
        self.stage: Final = self._add_stage(props)

    @property
    def url(self) -> str:
        """Address of the API, without a slash at the end."""
        return self.api.api_endpoint

    def route(
        self,
        path: str,
        function: aws_lambda.IFunction,
        methods: Sequence[apigatewayv2.HttpMethod] = (apigatewayv2.HttpMethod.ANY,),
        *,
        opened: bool = False,
    ) -> None:
        """Send methods of a path to a function; `opened` ones ask nobody.

        ``ANY`` takes the preflight too, and the authorizer would refuse it: browsers send no
        credentials with one. So it gets an open route of its own beside ``ANY``.

        Source: API Gateway developer guide, "Configure CORS for HTTP APIs" (documented for
        ``$default``; reported for ``ANY``).
        """
        opened = opened or self._is_open
        self._add(path, function, methods, opened=opened)
        if apigatewayv2.HttpMethod.ANY in methods and not opened:
            self._add(path, function, [apigatewayv2.HttpMethod.OPTIONS], opened=True)

    def _add(
        self,
        path: str,
        function: aws_lambda.IFunction,
        methods: Sequence[apigatewayv2.HttpMethod],
        *,
        opened: bool,
    ) -> None:
        added = self.api.add_routes(
            path=path,
            methods=list(methods),
            integration=self._integration(function),
            authorizer=apigatewayv2.HttpNoneAuthorizer() if opened else None,
        )
        if opened:
            for route in added:
                _accept_open_route(route)

    def _integration(self, function: aws_lambda.IFunction) -> HttpLambdaIntegration:
        """The integration of a function: one, however many routes lead to it."""
        path = function.node.path
        if path not in self._integrations:
            self._integrations[path] = HttpLambdaIntegration(
                "Function",
                function,
                payload_format_version=apigatewayv2.PayloadFormatVersion.VERSION_2_0,
            )
        return self._integrations[path]

    def _add_stage(self, props: HttpServiceApiProps) -> apigatewayv2.HttpStage:
        stage = apigatewayv2.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            auto_deploy=True,
            detailed_metrics_enabled=True,
            throttle=apigatewayv2.ThrottleSettings(
                rate_limit=props.rate_per_s, burst_limit=props.burst
            ),
        )
        resource = stage.node.default_child
        if not isinstance(resource, apigatewayv2.CfnStage):
            raise TypeError(f"{stage.node.path}: found no CloudFormation stage")
        # The construct takes these settings as an interface, which Python cannot fill in.
        resource.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=self._access_logs_arn(),
            format=access_log_format(HTTP_ACCESS_LOG_FIELDS).to_string(),
        )
        return stage

    def _access_logs_arn(self) -> str:
        """The group's ARN as API Gateway keeps it: its attribute `Arn` has ``:*`` at the end."""
        return Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=self.access_logs.log_group_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )


def _cors_options(
    props: HttpServiceApiProps, platform: ApiPlatform
) -> apigatewayv2.CorsPreflightOptions:
    signed = isinstance(props.authorizer, HttpIamAuthorizer)
    return apigatewayv2.CorsPreflightOptions(
        allow_origins=list(platform.cors_origins),
        allow_methods=list(props.cors_methods),
        allow_headers=[*_CORS_HEADERS, *(SIGNATURE_HEADERS if signed else ())],
        expose_headers=list(_EXPOSED_HEADERS),
        max_age=Duration.hours(1),
    )


def _accept_open_route(route: apigatewayv2.HttpRoute) -> None:
    accept(
        route,
        "Open on purpose: monitors ask for the health without credentials, browsers send none "
        "with a preflight, or the system was set to auth=none by name. Throttled like every "
        "other route.",
        "AwsSolutions-APIG4",
    )
