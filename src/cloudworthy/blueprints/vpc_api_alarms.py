"""What vpc-api wakes somebody for."""

from collections.abc import Sequence

from aws_cdk import aws_dynamodb
from constructs import Construct

from cloudworthy.blueprints.service_alarms import (
    MORE_THAN,
    watch,
    watch_authorizer,
    watch_function_errors,
    watch_function_throttles,
    watch_server_errors,
    watch_table,
)
from cloudworthy.constructs import metrics
from cloudworthy.constructs.alarms import Alarms
from cloudworthy.constructs.rest_service_api import RestServiceApi
from cloudworthy.constructs.service_function import ServiceFunction


def add_alarms(
    scope: Construct,
    *,
    emails: Sequence[str],
    api: RestServiceApi,
    function: ServiceFunction,
    table: aws_dynamodb.ITable,
) -> Alarms:
    """Add the alarms of vpc-api."""
    alarms = Alarms(scope, "Alarms", emails)
    watch_server_errors(alarms, api)
    watch_authorizer(alarms, api)
    watch_function_errors(alarms, "Api", function, periods=2)
    watch_function_throttles(alarms, "Api", function)
    watch(
        alarms,
        "ApiDuration",
        "Api takes more than 25 of its 30 seconds",
        metrics.function_duration(function),
        25_000,
        periods=3,
        comparison=MORE_THAN,
    )
    watch_table(alarms, table)
    return alarms
