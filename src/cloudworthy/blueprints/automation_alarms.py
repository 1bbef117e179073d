"""What automation wakes somebody for."""

from collections.abc import Sequence
from typing import Final

from constructs import Construct

from cloudworthy.blueprints.service_alarms import (
    MORE_THAN,
    watch,
    watch_authorizer,
    watch_function_throttles,
    watch_server_errors,
)
from cloudworthy.constructs import metrics
from cloudworthy.constructs.alarms import Alarms
from cloudworthy.constructs.failure_metrics import failure_percentage
from cloudworthy.constructs.rest_service_api import RestServiceApi
from cloudworthy.constructs.service_function import ServiceFunction

_TOLERATED_PERCENT: Final = 5


def add_alarms(
    scope: Construct, emails: Sequence[str], api: RestServiceApi, function: ServiceFunction
) -> Alarms:
    """Add the alarms of automation."""
    alarms = Alarms(scope, "Alarms", emails)
    watch(
        alarms,
        "ErrorRate",
        "More than 5 % of the invocations failed",
        failure_percentage(function, metrics.server_errors(api)),
        _TOLERATED_PERCENT,
        periods=2,
        comparison=MORE_THAN,
    )
    watch_function_throttles(alarms, "Api", function)
    watch_authorizer(alarms, api)
    if api.authorizer:
        # A request that the authorizer fails on is an invocation of no function in the rate.
        watch_server_errors(alarms, api)
    return alarms
