"""``Custom::AWS``: calls of AWS that the CDK's ``AwsCustomResource`` makes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.api_shapes import as_shape
from cloudworthy.local.provision.engines import ProvisionError, error_code
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted
from cloudworthy.local.provision.sdk_names import find_operation, find_service
from cloudworthy.local.template.pending import pending_in

_PHYSICAL_ID = "PHYSICAL:RESOURCEID:"
"""Stands in parameters for the resource's physical id."""

Call = Mapping[str, Any]


class SdkCallType(ResourceType):
    """One call for each of create, update and delete; each may be absent.

    Source: aws-cdk-lib, custom-resource-handlers, aws-custom-resource-handler (documented by
    its code).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "Custom::AWS",
            honoured="Create Delete Update",
            inert="InstallLatestAwsSdk ServiceTimeout ServiceToken",
        )

    def check_names(self, resource: Any) -> None:  # noqa: ANN401 - as its parent's
        """A resource type of one's own may carry further properties."""

    def check(self, wanted: Wanted) -> None:
        for name in ("Create", "Update", "Delete"):
            call = _call(wanted.properties, name)
            if call is not None:
                _refuse_elsewhere(call, wanted, name)

    def provisional_id(self, wanted: Wanted) -> str:
        calls = [_call(wanted.properties, name) for name in ("Create", "Update", "Delete")]
        given = (it.get("physicalResourceId", {}).get("id") for it in calls if it)
        return next((str(it) for it in given if it), wanted.logical_id)

    def create(self, wanted: Wanted) -> Made:
        return self._perform(wanted, "Create", self.provisional_id(wanted), {})

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        call = _call(wanted.properties, "Update")
        given = (call or {}).get("physicalResourceId", {}).get("id")
        return self._perform(
            wanted, "Update", str(given or existing.physical_id), existing.attributes
        )

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        call = _call(existing.properties, "Delete")
        if call is not None:
            _send(call, existing.physical_id, site)

    def _perform(
        self,
        wanted: Wanted,
        request_type: str,
        physical_id: str,
        attributes: Mapping[str, TemplateValue],
    ) -> Made:
        """Without a call nothing changes."""
        call = _call(wanted.properties, request_type)
        if call is None:
            return Made(physical_id, attributes)
        answer = _send(call, physical_id, wanted.site)
        path = call.get("physicalResourceId", {}).get("responsePath")
        if path:
            physical_id = str(answer.get(path, physical_id))
        return Made(physical_id, _chosen(answer, call))


def _call(properties: Mapping[str, TemplateValue], request_type: str) -> Call | None:
    value = properties.get(request_type)
    if value is None:
        return None
    call: Call = json.loads(value) if isinstance(value, str) else value
    return call


def _refuse_elsewhere(call: Call, wanted: Wanted, request_type: str) -> None:
    """Refuse what is not one of the stack's region, or not one of AWS's services."""
    region = call.get("region")
    if region not in (None, wanted.site.region) and not any(pending_in(region)):
        raise wanted.unsupported(
            f"{request_type}.region", str(region), f"{wanted.site.region}, the stack's region"
        )
    if find_service(call["service"]) is None:
        raise wanted.unsupported(
            f"{request_type}.service", call["service"], "a service that the AWS SDK has"
        )


def _send(call: Call, physical_id: str, site: Site) -> dict[str, TemplateValue]:
    """The answer, flat: ``Parameter.Value``; empty for an error that is to be ignored."""
    client = site.engines.client(str(find_service(call["service"])))
    model = client.meta.service_model
    operation = find_operation(call["action"], list(model.operation_names))
    if operation is None:
        name = model.service_name
        raise ProvisionError(
            f"Custom::AWS: found the action {call['action']}, expected an operation of {name}. "
            "Correct its name."
        )
    shape = model.operation_model(operation).input_shape
    given = _with_physical_id(call.get("parameters") or {}, physical_id)
    parameters = as_shape(given, shape) if shape else {}
    try:
        answer = client._make_api_call(operation, parameters)
        return dict(_flat(answer))
    except Exception as error:
        ignored = call.get("ignoreErrorCodesMatching")
        if not ignored or not re.search(ignored, error_code(error)):
            raise
        return {}


def _with_physical_id(value: TemplateValue, physical_id: str) -> TemplateValue:
    if isinstance(value, Mapping):
        return {key: _with_physical_id(item, physical_id) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_physical_id(item, physical_id) for item in value]
    return physical_id if value == _PHYSICAL_ID else value


def _flat(value: TemplateValue, path: str = "") -> Iterator[tuple[str, TemplateValue]]:
    if isinstance(value, Mapping | list):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in items:
            yield from _flat(item, f"{path}.{key}" if path else str(key))
    elif hasattr(value, "read"):
        yield path, value.read().decode("utf-8", "replace")
    elif isinstance(value, bytes):
        yield path, value.decode("utf-8", "replace")
    else:
        yield path, value.isoformat() if isinstance(value, datetime) else value


def _chosen(answer: Mapping[str, TemplateValue], call: Call) -> dict[str, TemplateValue]:
    """What ``outputPaths`` lets through; without them, all but what the SDK adds itself."""
    one = [call["outputPath"]] if "outputPath" in call else None
    paths = call.get("outputPaths") or one
    kept = {key: it for key, it in answer.items() if not key.startswith("ResponseMetadata.")}
    if not paths:
        return kept
    return {key: it for key, it in kept.items() if key.startswith(tuple(paths))}
