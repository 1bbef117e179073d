"""Metrics of an HTTP API.

Source: API Gateway developer guide, "Working with metrics for HTTP APIs" (documented).
"""

from aws_cdk.aws_cloudwatch import Metric

from cloudworthy.constructs.http_service_api import HttpServiceApi
from cloudworthy.constructs.metrics import PERIOD


def requests(api: HttpServiceApi) -> Metric:
    """Requests that callers made."""
    return _of_stage(api, "Count", "Sum")


def client_errors(api: HttpServiceApi) -> Metric:
    """Answers with a status of 400 to 499."""
    return _of_stage(api, "4xx", "Sum")


def server_errors(api: HttpServiceApi) -> Metric:
    """Answers with a status of 500 or more, caught by a handler or not."""
    return _of_stage(api, "5xx", "Sum")


def latency(api: HttpServiceApi) -> Metric:
    """How long callers wait, in milliseconds."""
    return _of_stage(api, "Latency", "p95")


def _of_stage(api: HttpServiceApi, name: str, statistic: str) -> Metric:
    return Metric(
        namespace="AWS/ApiGateway",
        metric_name=name,
        dimensions_map={"ApiId": api.api.api_id, "Stage": api.stage.stage_name},
        statistic=statistic,
        period=PERIOD,
    )
