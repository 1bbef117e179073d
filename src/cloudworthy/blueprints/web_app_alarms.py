"""What web-app wakes somebody for."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_dynamodb
from aws_cdk.aws_cloudwatch import IMetric, TreatMissingData
from constructs import Construct

from cloudworthy.constructs import metrics
from cloudworthy.constructs.alarms import AlarmProps, Alarms
from cloudworthy.constructs.rest_service_api import RestServiceApi
from cloudworthy.constructs.service_function import ServiceFunction

# Each of these metrics exists only while there is traffic: silence is not a fault.
_SILENCE_IS_FINE = TreatMissingData.NOT_BREACHING


def add_alarms(
    scope: Construct,
    *,
    emails: Sequence[str],
    api: RestServiceApi,
    functions: Mapping[str, ServiceFunction],
    table: aws_dynamodb.ITable,
    index: str,
) -> Alarms:
    """Add the alarms of web-app."""
    alarms = Alarms(scope, "Alarms", emails)
    _watch_api(alarms, api)
    for name, function in functions.items():
        _watch_function(alarms, name, function)
    _watch_table(alarms, table, index)
    return alarms


def _watch_api(alarms: Alarms, api: RestServiceApi) -> None:
    """A handler that catches its error and answers 500 never counts as a failed invocation.

    The gateway sees its answer all the same, so this is the alarm for errors of the service.
    """
    _add(alarms, "ServerErrors", "The API answered 5XX", metrics.server_errors(api), 1)
    _add(
        alarms,
        "Latency",
        "One request in twenty takes 3 seconds or more",
        metrics.latency(api),
        3_000,
        periods=3,
    )


def _watch_function(alarms: Alarms, name: str, function: ServiceFunction) -> None:
    slow_ms = function.timeout_s * 800
    _add(
        alarms,
        f"{name}Errors",
        f"Invocations of {name} failed",
        metrics.function_errors(function),
        1,
    )
    _add(
        alarms,
        f"{name}Throttles",
        f"{name} had no free concurrency",
        metrics.function_throttles(function),
        1,
    )
    _add(
        alarms,
        f"{name}Duration",
        f"{name} takes more than 80 % of its timeout",
        metrics.function_duration(function),
        slow_ms,
    )


def _watch_table(alarms: Alarms, table: aws_dynamodb.ITable, index: str) -> None:
    watched: dict[str, IMetric] = {
        "TableReadThrottles": metrics.throttled_reads(table),
        "TableWriteThrottles": metrics.throttled_writes(table),
        "IndexReadThrottles": metrics.throttled_reads(table, index),
        "IndexWriteThrottles": metrics.throttled_writes(table, index),
    }
    for alarm_id, metric in watched.items():
        _add(alarms, alarm_id, "DynamoDB refused requests for want of capacity", metric, 1)


def _add(
    alarms: Alarms,
    alarm_id: str,
    description: str,
    metric: IMetric,
    threshold: float,
    *,
    periods: int = 1,
) -> None:
    alarms.add(
        alarm_id,
        AlarmProps(
            description=description,
            metric=metric,
            threshold=threshold,
            missing_data=_SILENCE_IS_FINE,
            periods=periods,
        ),
    )
