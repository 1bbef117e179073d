"""CloudWatch's API: which operation does what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudworthy.local.model.operations import OperationError
from cloudworthy.local.observe.cloudwatch.alarm_operations import AlarmOperations
from cloudworthy.local.observe.cloudwatch.metric_operations import MetricOperations

XML_NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"


class CloudWatchOperations:
    """Carries out operations by name; an ``Operations`` of the model."""

    def __init__(self, metrics: MetricOperations, alarms: AlarmOperations) -> None:
        self._metrics = metrics.by_name
        self._alarms = alarms.by_name

    async def __call__(self, name: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry one operation out.

        Raises
        ------
        OperationError
        """
        try:
            if name in self._metrics:
                return self._metrics[name](parameters)
            if name in self._alarms:
                return await self._alarms[name](parameters)
        except (AttributeError, KeyError, TypeError) as error:
            # What a client library would have refused: a structure without a required member.
            message = f"The parameters of {name} are malformed: {error}"
            raise OperationError("ValidationError", message) from error
        message = f"{name} of CloudWatch is not available on this machine"
        raise OperationError("NotImplemented", message, 501)
