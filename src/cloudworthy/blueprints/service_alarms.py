"""What every system wakes somebody for: its functions, its table, its API."""

from collections.abc import Mapping

from aws_cdk import aws_dynamodb
from aws_cdk.aws_cloudwatch import ComparisonOperator, IMetric, TreatMissingData

from cloudworthy.constructs import metrics
from cloudworthy.constructs.alarms import AlarmProps, Alarms
from cloudworthy.constructs.rest_service_api import RestServiceApi
from cloudworthy.constructs.service_function import ServiceFunction

AT_LEAST = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
MORE_THAN = ComparisonOperator.GREATER_THAN_THRESHOLD


def watch(
    alarms: Alarms,
    alarm_id: str,
    description: str,
    metric: IMetric,
    threshold: float,
    *,
    periods: int = 1,
    comparison: ComparisonOperator = AT_LEAST,
) -> None:
    """Add an alarm on a metric that exists only while there is traffic: silence is no fault."""
    alarms.add(
        alarm_id,
        AlarmProps(
            description=description,
            metric=metric,
            threshold=threshold,
            missing_data=TreatMissingData.NOT_BREACHING,
            periods=periods,
            comparison=comparison,
        ),
    )


def watch_server_errors(alarms: Alarms, api: RestServiceApi) -> None:
    """A handler that catches its error and answers 500 never counts as a failed invocation.

    The gateway sees its answer all the same, so this is the alarm for errors of the service.
    """
    watch(alarms, "ServerErrors", "The API answered 5XX", metrics.server_errors(api), 1)


def watch_function(alarms: Alarms, name: str, function: ServiceFunction) -> None:
    """Add the alarms on errors, throttles and duration of one function."""
    watch_function_errors(alarms, name, function)
    watch_function_throttles(alarms, name, function)
    watch_function_duration(alarms, name, function)


def watch_authorizer(alarms: Alarms, api: RestServiceApi) -> None:
    """Add the alarms on the function that checks tokens, if the API asks one.

    None on its errors: refusing a token is one. When it cannot tell, the API answers 500.
    """
    if api.authorizer:
        watch_function_throttles(alarms, "Authorizer", api.authorizer.function)
        watch_function_duration(alarms, "Authorizer", api.authorizer.function)


def watch_function_duration(alarms: Alarms, name: str, function: ServiceFunction) -> None:
    """Add the alarm on invocations that come near to the timeout."""
    watch(
        alarms,
        f"{name}Duration",
        f"{name} takes more than 80 % of its timeout",
        metrics.function_duration(function),
        function.timeout_s * 800,
    )


def watch_function_errors(
    alarms: Alarms, name: str, function: ServiceFunction, *, periods: int = 1
) -> None:
    """Add the alarm on invocations that failed."""
    watch(
        alarms,
        f"{name}Errors",
        f"Invocations of {name} failed",
        metrics.function_errors(function),
        1,
        periods=periods,
    )


def watch_function_throttles(alarms: Alarms, name: str, function: ServiceFunction) -> None:
    """Add the alarm on invocations that were refused."""
    watch(
        alarms,
        f"{name}Throttles",
        f"{name} had no free concurrency",
        metrics.function_throttles(function),
        1,
    )


def watch_table(alarms: Alarms, table: aws_dynamodb.ITable, index: str | None = None) -> None:
    """Add the alarms on refused reads and writes of a table with provisioned capacity."""
    watched: dict[str, IMetric] = {
        "TableReadThrottles": metrics.throttled_reads(table),
        "TableWriteThrottles": metrics.throttled_writes(table),
        **(_of_index(table, index) if index else {}),
    }
    for alarm_id, metric in watched.items():
        watch(alarms, alarm_id, "DynamoDB refused requests for want of capacity", metric, 1)


def _of_index(table: aws_dynamodb.ITable, index: str) -> Mapping[str, IMetric]:
    return {
        "IndexReadThrottles": metrics.throttled_reads(table, index),
        "IndexWriteThrottles": metrics.throttled_writes(table, index),
    }
