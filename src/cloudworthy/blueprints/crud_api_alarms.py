"""What crud-api wakes somebody for."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_dynamodb
from constructs import Construct

from cloudworthy.blueprints.service_alarms import (
    watch_authorizer,
    watch_function,
    watch_server_errors,
    watch_table,
)
from cloudworthy.constructs.alarms import Alarms
from cloudworthy.constructs.rest_service_api import RestServiceApi
from cloudworthy.constructs.service_function import ServiceFunction


def add_alarms(
    scope: Construct,
    *,
    emails: Sequence[str],
    api: RestServiceApi,
    functions: Mapping[str, ServiceFunction],
    provisioned_table: aws_dynamodb.ITable | None,
) -> Alarms:
    """Add the alarms of crud-api; a table that is billed by request has no capacity to lack."""
    alarms = Alarms(scope, "Alarms", emails)
    watch_server_errors(alarms, api)
    watch_authorizer(alarms, api)
    for name, function in functions.items():
        watch_function(alarms, name, function)
    if provisioned_table is not None:
        watch_table(alarms, provisioned_table)
    return alarms
