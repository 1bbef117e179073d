"""A dashboard of a system: one row of graphs for each of its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration, aws_cloudwatch, aws_dynamodb
from aws_cdk.aws_cloudwatch import IMetric, Metric
from constructs import Construct

from cloudworthy.constructs import metrics
from cloudworthy.constructs.rest_service_api import RestServiceApi
from cloudworthy.constructs.service_function import ServiceFunction

_COLUMNS: Final = 24  # of CloudWatch's grid


@dataclass(frozen=True)
class Graph:
    """Metrics that are looked at together."""

    title: str
    metrics: Sequence[IMetric]


class Dashboard(Construct):
    """A dashboard whose name is CloudFormation's, so that copies do not collide."""

    def __init__(
        self, scope: Construct, construct_id: str, rows: Sequence[Sequence[Graph]]
    ) -> None:
        super().__init__(scope, construct_id)
        self.dashboard: Final = aws_cloudwatch.Dashboard(
            self, "Dashboard", default_interval=Duration.hours(3)
        )
        for graphs in rows:
            self.dashboard.add_widgets(*_widgets(graphs))


def function_graphs(functions: Mapping[str, ServiceFunction]) -> list[Graph]:
    """Invocations, errors, duration and concurrency, one line a function."""
    graphs = {
        "Invocations": metrics.function_invocations,
        "Errors": metrics.function_errors,
        "Duration (p99, ms)": metrics.function_duration,
        "Concurrent executions": metrics.function_concurrency,
    }
    return [
        Graph(title, [_named(metric(function), name) for name, function in functions.items()])
        for title, metric in graphs.items()
    ]


def table_graphs(table: aws_dynamodb.ITable) -> list[Graph]:
    """Consumed capacity, and requests refused for want of it."""
    capacity = [metrics.consumed_reads(table), metrics.consumed_writes(table)]
    throttled = [metrics.throttled_reads(table), metrics.throttled_writes(table)]
    return [Graph("DynamoDB capacity", capacity), Graph("DynamoDB throttles", throttled)]


def rest_api_graphs(api: RestServiceApi) -> list[Graph]:
    """Requests, errors and latency of an API."""
    errors = [metrics.client_errors(api), metrics.server_errors(api)]
    return [
        Graph("API requests", [metrics.requests(api)]),
        Graph("API errors", errors),
        Graph("API latency (p95, ms)", [metrics.latency(api), metrics.integration_latency(api)]),
    ]


def _named(metric: Metric, name: str) -> Metric:
    return metric.with_(label=name)


def _widgets(graphs: Sequence[Graph]) -> list[aws_cloudwatch.GraphWidget]:
    width = _COLUMNS // len(graphs)
    return [
        aws_cloudwatch.GraphWidget(title=graph.title, left=list(graph.metrics), width=width)
        for graph in graphs
    ]
