"""The alarms of a deployment."""

from __future__ import annotations

from cloudworthy.local.model.errors import UnsupportedError
from cloudworthy.local.model.resources import Deployment, ProvisionedResource
from cloudworthy.local.observe.alarms.definition import Alarm
from cloudworthy.local.observe.alarms.parsing import InvalidAlarmError, parse_alarm

_TYPES = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")


def build_alarms(deployment: Deployment) -> list[Alarm]:
    """What the template's alarms say.

    Raises
    ------
    UnsupportedError
        One asks for what is not evaluated here, as a band of expected values.
    """
    return [_alarm(it) for kind in _TYPES for it in deployment.of_type(kind)]


def _alarm(resource: ProvisionedResource) -> Alarm:
    properties = {**resource.properties, "AlarmName": resource.physical_id}
    try:
        return parse_alarm(resource.type, properties, str(resource.attributes["Arn"]))
    except InvalidAlarmError as error:
        raise UnsupportedError(
            f"{resource.type}.{error.property_name}",
            resource.logical_id,
            found=error.found,
            supported=error.expected,
        ) from error
