"""What storage-api wakes somebody for, and where that somebody looks then."""

from typing import Final

from aws_cdk import aws_sqs
from aws_cdk.aws_cloudwatch import Metric
from constructs import Construct

from cloudworthy.blueprints.service_alarms import MORE_THAN, watch, watch_function_errors
from cloudworthy.constructs import http_api_metrics, metrics
from cloudworthy.constructs.alarms import Alarms
from cloudworthy.constructs.dashboard import Dashboard, Graph, function_graphs
from cloudworthy.constructs.failure_metrics import failures
from cloudworthy.constructs.http_service_api import HttpServiceApi
from cloudworthy.constructs.saved_queries import SavedQueries
from cloudworthy.constructs.service_function import ServiceFunction

_SLOW_MS: Final = 20_000
_NEWEST_FIRST: Final = ("sort @timestamp desc", "limit 100")

QUERIES: Final = {
    "errors": (
        "fields @timestamp, request_id, xray_trace_id, message, exception.type",
        "filter level = 'ERROR'",
        *_NEWEST_FIRST,
    ),
    "slowest requests": (
        "filter type = 'platform.report'",
        "fields @timestamp, record.requestId, record.metrics.durationMs as duration_ms",
        "sort duration_ms desc",
        "limit 25",
    ),
    "cold starts": (
        "filter type = 'platform.report' and ispresent(record.metrics.initDurationMs)",
        "stats count() as cold_starts, avg(record.metrics.initDurationMs) as init_ms by bin(1h)",
    ),
    "memory in use": (
        "filter type = 'platform.report'",
        "stats max(record.metrics.maxMemoryUsedMB) as used_mib by bin(1h)",
    ),
}


def add_alarms(
    alarms: Alarms, api: HttpServiceApi, function: ServiceFunction, failed: aws_sqs.IQueue
) -> None:
    """Add the alarms of the API's function and of its dead-letter queue."""
    watch(
        alarms,
        "Errors",
        "More than 5 requests or events failed",
        failures(function, http_api_metrics.server_errors(api)),
        5,
        comparison=MORE_THAN,
    )
    watch(
        alarms,
        "Duration",
        "Invocations take more than 20 seconds on average",
        metrics.function_duration(function).with_(statistic="Average"),
        _SLOW_MS,
        comparison=MORE_THAN,
    )
    watch(
        alarms,
        "Throttles",
        "More than 10 invocations found no free concurrency",
        metrics.function_throttles(function),
        10,
        comparison=MORE_THAN,
    )
    watch(
        alarms,
        "DeadLetters",
        "Events wait in the dead-letter queue",
        _waiting(failed),
        0,
        comparison=MORE_THAN,
    )


def add_authorizer_alarm(alarms: Alarms, authorizer: ServiceFunction) -> None:
    """Add the alarm on a token that could not be looked at: nobody gets in then."""
    watch_function_errors(alarms, "Authorizer", authorizer)


def add_dashboard(scope: Construct, api: HttpServiceApi, function: ServiceFunction) -> Dashboard:
    """Add the dashboard of storage-api."""
    return Dashboard(scope, "Dashboard", [function_graphs({"api": function}), _api_graphs(api)])


def add_queries(scope: Construct, function: ServiceFunction) -> SavedQueries:
    """Add questions to the function's log."""
    return SavedQueries(scope, "Queries", [function.log_group], QUERIES)


def _api_graphs(api: HttpServiceApi) -> list[Graph]:
    errors = [http_api_metrics.client_errors(api), http_api_metrics.server_errors(api)]
    return [
        Graph("API requests", [http_api_metrics.requests(api)]),
        Graph("API errors", errors),
        Graph("API latency (p95, ms)", [http_api_metrics.latency(api)]),
    ]


def _waiting(queue: aws_sqs.IQueue) -> Metric:
    return queue.metric_approximate_number_of_messages_visible(
        period=metrics.PERIOD, statistic="Maximum"
    )
