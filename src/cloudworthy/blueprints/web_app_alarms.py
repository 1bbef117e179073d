"""What web-app wakes somebody for."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_dynamodb
from constructs import Construct

from cloudworthy.blueprints.service_alarms import (
    watch,
    watch_authorizer,
    watch_function,
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
    functions: Mapping[str, ServiceFunction],
    table: aws_dynamodb.ITable,
    index: str,
) -> Alarms:
    """Add the alarms of web-app."""
    alarms = Alarms(scope, "Alarms", emails)
    watch_server_errors(alarms, api)
    watch_authorizer(alarms, api)
    watch(
        alarms,
        "Latency",
        "One request in twenty takes 3 seconds or more",
        metrics.latency(api),
        3_000,
        periods=3,
    )
    for name, function in functions.items():
        watch_function(alarms, name, function)
    watch_table(alarms, table, index)
    return alarms
