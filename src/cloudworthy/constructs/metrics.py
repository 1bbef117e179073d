"""Metrics that alarms and dashboards are made of."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration, aws_dynamodb
from aws_cdk.aws_cloudwatch import Metric

from cloudworthy.constructs.rest_service_api import RestServiceApi
from cloudworthy.constructs.service_function import ServiceFunction

PERIOD: Final = Duration.minutes(5)


def function_invocations(function: ServiceFunction) -> Metric:
    """Invocations that were started."""
    return function.function.metric_invocations(period=PERIOD, statistic="Sum")


def function_concurrency(function: ServiceFunction) -> Metric:
    """The most invocations that ran at once.

    Source: Lambda developer guide, "Types of metrics for Lambda functions" (documented).
    """
    return function.function.metric("ConcurrentExecutions", period=PERIOD, statistic="Maximum")


def function_errors(function: ServiceFunction) -> Metric:
    """Invocations that ended in an error the function did not catch."""
    return function.function.metric_errors(period=PERIOD, statistic="Sum")


def function_throttles(function: ServiceFunction) -> Metric:
    """Invocations that found no free concurrency."""
    return function.function.metric_throttles(period=PERIOD, statistic="Sum")


def function_duration(function: ServiceFunction) -> Metric:
    """How long the slow invocations take, in milliseconds."""
    return function.function.metric_duration(period=PERIOD, statistic="p99")


def requests(api: RestServiceApi) -> Metric:
    """Requests that callers made."""
    return _of_api(api, "Count", "Sum")


def client_errors(api: RestServiceApi) -> Metric:
    """Answers with a status of 400 to 499."""
    return _of_api(api, "4XXError", "Sum")


def server_errors(api: RestServiceApi) -> Metric:
    """Answers with a status of 500 or more, caught by a handler or not."""
    return _of_api(api, "5XXError", "Sum")


def latency(api: RestServiceApi) -> Metric:
    """How long callers wait, in milliseconds."""
    return _of_api(api, "Latency", "p95")


def integration_latency(api: RestServiceApi) -> Metric:
    """How long the functions behind the gateway take, in milliseconds."""
    return _of_api(api, "IntegrationLatency", "p95")


def consumed_reads(table: aws_dynamodb.ITable) -> Metric:
    """Read capacity units that a table used."""
    return _of_table(table, "ConsumedReadCapacityUnits", None)


def consumed_writes(table: aws_dynamodb.ITable) -> Metric:
    """Write capacity units that a table used."""
    return _of_table(table, "ConsumedWriteCapacityUnits", None)


def throttled_reads(table: aws_dynamodb.ITable, index: str | None = None) -> Metric:
    """Reads that a table or one of its indexes refused for want of capacity."""
    return _of_table(table, "ReadThrottleEvents", index)


def throttled_writes(table: aws_dynamodb.ITable, index: str | None = None) -> Metric:
    """Writes that a table or one of its indexes refused for want of capacity."""
    return _of_table(table, "WriteThrottleEvents", index)


def _of_api(api: RestServiceApi, name: str, statistic: str) -> Metric:
    """A metric of the API's stage.

    Source: API Gateway developer guide, "Amazon API Gateway dimensions and metrics"
    (documented).
    """
    dimensions = {"ApiName": api.api.rest_api_name, "Stage": api.stage.stage_name}
    return _metric("AWS/ApiGateway", name, dimensions, statistic)


def _of_table(table: aws_dynamodb.ITable, name: str, index: str | None) -> Metric:
    """A metric of a table, or of an index of it.

    Source: DynamoDB developer guide, "DynamoDB Metrics and dimensions" (documented).
    """
    dimensions = {"TableName": table.table_name}
    if index is not None:
        dimensions["GlobalSecondaryIndexName"] = index
    return _metric("AWS/DynamoDB", name, dimensions, "Sum")


def _metric(namespace: str, name: str, dimensions: Mapping[str, str], statistic: str) -> Metric:
    return Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dict(dimensions),
        statistic=statistic,
        period=PERIOD,
    )
