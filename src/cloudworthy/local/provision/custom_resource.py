"""Custom resources that a function of the stack carries out."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cloudworthy.local.model.functions import InvocationResult
from cloudworthy.local.model.resources import (
    Asset,
    ProvisionedResource,
    Stack,
    TemplateResource,
    TemplateValue,
)
from cloudworthy.local.provision.engines import ProvisionError
from cloudworthy.local.provision.names import HEXADECIMAL
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted
from cloudworthy.local.provision.response_url import ResponseUrl
from cloudworthy.local.provision.stack_functions import StackFunctions
from cloudworthy.local.template.pseudo import stack_arn

CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"
ON_EVENT = "USER_ON_EVENT_FUNCTION_ARN"
IS_COMPLETE = "USER_IS_COMPLETE_FUNCTION_ARN"
"""Variables in the environment of the function that the CDK's provider framework brings."""

_PATIENCE_S = 120.0
"""AWS waits for an hour. A function that forgot to answer shall not hold a start up so long."""

_log = logging.getLogger(__name__)

Answer = Mapping[str, Any]


class InvokedType(ResourceType):
    """``Custom::X``: its function gets CloudFormation's event and answers to ``ResponseURL``.

    Where the function is the CDK's provider framework, the runtime does the framework's work:
    the handler's result is the answer.

    Source: CloudFormation user guide, "Custom resource reference" (documented); aws-cdk-lib,
    custom-resources, provider framework (documented by its code).
    """

    in_engine = True

    def __init__(self, name: str) -> None:
        super().__init__(name, honoured="ServiceTimeout ServiceToken", replaced_by="ServiceToken")

    def check_names(self, resource: TemplateResource) -> None:
        """Any property is the function's own."""

    def provisional_id(self, wanted: Wanted) -> str:
        return f"{wanted.logical_id}-{wanted.token(8, HEXADECIMAL)}"

    def create(self, wanted: Wanted) -> Made:
        properties = wanted.properties
        answer, assets = _Request("Create", wanted.logical_id, self.name, properties).send(
            wanted.site
        )
        return _made(answer, assets, self.provisional_id(wanted))

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        """Another physical id in the answer makes the old resource one that was replaced."""
        request = _Request(
            "Update",
            wanted.logical_id,
            self.name,
            wanted.properties,
            physical_id=existing.physical_id,
            old_properties=existing.properties,
        )
        answer, assets = request.send(wanted.site)
        return _made(answer, assets, existing.physical_id)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        """A failure does not hold the stack up, as in CloudFormation's own clean-up."""
        if site.functions is None:
            return
        request = _Request(
            "Delete",
            existing.logical_id,
            self.name,
            existing.properties,
            physical_id=existing.physical_id,
        )
        assets = {
            key: Asset(key, Path(it["path"]), it["packaging"])
            for key, it in existing.data.get("assets", {}).items()
        }
        try:
            request.send(site, assets)
        except Exception as error:  # noqa: BLE001 - whatever its function did
            _log.warning("%s (%s) was not deleted: %s", self.name, existing.logical_id, error)


def _made(answer: Answer, assets: Mapping[str, Asset], physical_id: str) -> Made:
    kept = {key: {**asdict(it), "path": str(it.path)} for key, it in assets.items()}
    data = answer.get("Data") or {}
    return Made(str(answer.get("PhysicalResourceId") or physical_id), data, {"assets": kept})


class _Request:
    """One request of CloudFormation to a custom resource's provider."""

    def __init__(
        self,
        request_type: str,
        logical_id: str,
        resource_type: str,
        properties: Mapping[str, TemplateValue],
        *,
        physical_id: str = "",
        old_properties: Mapping[str, TemplateValue] | None = None,
    ) -> None:
        self._where = f"{resource_type} ({logical_id})"
        self._request_type = request_type
        self._token = str(properties["ServiceToken"])
        self._patience_s = float(properties.get("ServiceTimeout") or _PATIENCE_S)
        self._event: dict[str, TemplateValue] = {
            "RequestType": request_type,
            "RequestId": str(uuid.uuid4()),
            "ServiceToken": self._token,
            "ResourceType": resource_type,
            "LogicalResourceId": logical_id,
            "ResourceProperties": _as_strings(properties),
        }
        if physical_id:
            self._event["PhysicalResourceId"] = physical_id
        if old_properties is not None:
            self._event["OldResourceProperties"] = _as_strings(old_properties)

    def send(
        self, site: Site, assets: Mapping[str, Asset] | None = None
    ) -> tuple[Answer, dict[str, Asset]]:
        """The provider's answer, and the assets that its function is made of.

        Raises
        ------
        ProvisionError
            It failed, or did not answer.
        """
        functions, provider = self._provider(site)
        stack = Stack(site.stack_name, site.account, site.region, {}, {})
        self._event["StackId"] = stack_arn(stack)
        variables = (provider.properties.get("Environment") or {}).get("Variables") or {}
        if ON_EVENT not in variables:
            answer = self._by_url(functions, provider, assets or {})
            return answer, functions.assets_of(provider)
        handler = functions.find(variables[ON_EVENT])
        if handler is None:
            raise self._failure(f"no function {variables[ON_EVENT]}", "one of this stack")
        return self._by_result(functions, handler, assets or {}), functions.assets_of(handler)

    def _provider(self, site: Site) -> tuple[StackFunctions, ProvisionedResource]:
        provider = site.functions.find(self._token) if site.functions else None
        if site.functions is None or provider is None:
            raise self._failure(f"the ServiceToken {self._token}", "a function of this stack")
        return site.functions, provider

    def _by_url(
        self, functions: StackFunctions, function: ProvisionedResource, assets: Mapping[str, Asset]
    ) -> Answer:
        with ResponseUrl() as url:
            result = functions.invoke(function, {**self._event, "ResponseURL": url.text}, assets)
            if result.function_error and not url.is_answered:
                raise self._failed(function, _reason(result))
            answer = url.answer(self._patience_s)
        if answer is None:
            raise self._failure(
                f"no answer from {function.logical_id} within {self._patience_s:g} s",
                "a JSON document put to the ResponseURL of its event",
            )
        if answer.get("Status") != "SUCCESS":
            raise self._failed(function, str(answer.get("Reason") or "no reason given"))
        return answer

    def _by_result(
        self, functions: StackFunctions, function: ProvisionedResource, assets: Mapping[str, Asset]
    ) -> Answer:
        result = functions.invoke(function, {**self._event, "ResponseURL": "..."}, assets)
        if result.function_error:
            raise self._failed(function, _reason(result))
        answer = _document(result)
        if self._request_type == "Create":
            answer.setdefault("PhysicalResourceId", self._event["RequestId"])
        return answer

    def _failed(self, function: ProvisionedResource, reason: str) -> ProvisionError:
        return self._failure(
            f"{self._request_type} failed in {function.logical_id}: {reason}", "success"
        )

    def _failure(self, found: str, expected: str) -> ProvisionError:
        return ProvisionError(
            f"{self._where}: found {found}, expected {expected}. What was made before is kept: "
            "correct the function, whose log group says more, and start again."
        )


def _document(result: InvocationResult) -> dict[str, Any]:
    document = json.loads(result.payload or b"null")
    return document if isinstance(document, dict) else {}


def _reason(result: InvocationResult) -> str:
    return str(_document(result).get("errorMessage") or result.function_error)


def _as_strings(value: TemplateValue) -> TemplateValue:
    """Properties as CloudFormation sends them: every scalar is a string."""
    if isinstance(value, Mapping):
        return {key: _as_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_strings(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
