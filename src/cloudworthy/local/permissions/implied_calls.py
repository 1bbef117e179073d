"""The calls of KMS that services make in a caller's name, because of what a call is about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cloudworthy.local.endpoint.authorization.key_uses import (
    KEY_RULES,
    KeyRule,
    encryption_context,
    given_key,
    rule_of,
)
from cloudworthy.local.endpoint.authorization.members import Members
from cloudworthy.local.endpoint.authorization.resources import ANY
from cloudworthy.local.endpoint.call import Operation, Protocol
from cloudworthy.local.endpoint.own_call import json_call
from cloudworthy.local.iam.decision import ApiCall
from cloudworthy.local.iam.request import AuthorizationRequest
from cloudworthy.local.model.arns import service_of
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.http import Response
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.permissions.current_policies import Endpoint
from cloudworthy.local.permissions.encryption_keys import (
    SERVICES,
    EncryptionKeys,
    Key,
    is_managed_by_aws,
)
from cloudworthy.local.permissions.object_encryption import ObjectEncryption, ObjectUse

_PROTOCOLS = {protocol.value: protocol for protocol in Protocol}
_READ_PARAMETERS = frozenset(
    {"GetParameter", "GetParameterHistory", "GetParameters", "GetParametersByPath"}
)


READ_BY_ANSWER = ("s3", "ssm")
"""Services whose answers say under which key what they read was."""


class KeyCall(NamedTuple):
    """A call of KMS, and the key that it is about."""

    call: ApiCall
    key: Key


class ImpliedCalls:
    """Finds them before a call is carried out, or by the answer where only that says the key."""

    def __init__(self, services: Backend, tables: Backend, region: str) -> None:
        self._keys = EncryptionKeys(services, tables, region)
        self._objects = ObjectEncryption(self._keys, region)

    def follow(self, endpoint: Endpoint) -> None:
        """See what changes under which keys resources are."""
        for service in SERVICES:
            endpoint.watch(service, self._keys.forget_changed)
        endpoint.watch("s3", self._objects.remember_upload)

    def declare(self, deployment: Deployment) -> None:
        """What the template says from now on; the engines may have changed with it."""
        self._keys.declare(deployment)

    async def of(self, call: ApiCall, needed: Iterable[AuthorizationRequest]) -> list[KeyCall]:
        """What a call that needs some actions implies.

        Raises
        ------
        AwsError
            The engine is down.
        """
        found: list[KeyCall] = []
        for request in needed:
            if call.service == "s3":
                for arn in request.resources:
                    use = await self._objects.use(call.operation, call.request, request.action, arn)
                    found += await self._of_object(call, use)
            elif request.action in KEY_RULES:
                found += await self._of_action(call, request)
        return found

    async def of_answer(self, call: ApiCall, response: Response) -> list[KeyCall]:
        """What the answer to a call that reads implies: it says under which key it was."""
        if response.status >= 300:
            return []
        if call.service == "s3":
            return await self._of_object(call, await self._objects.use_of_answer(call, response))
        if call.operation not in _READ_PARAMETERS or b'"SecureString"' not in response.body:
            return []
        return await self._of_parameters(call, response)

    async def _of_action(self, call: ApiCall, request: AuthorizationRequest) -> list[KeyCall]:
        rule = _rule(call, request.action)
        if rule is None:
            return []
        given = given_key(rule, _members(call)) if rule.given else ""
        found: list[KeyCall] = []
        for resource in request.resources:
            key = given
            if not key and rule.kept and resource != ANY:
                key = (await self._keys.of(_whole(resource))).key
            if key and not is_managed_by_aws(key):
                context = encryption_context(resource, _members(call))
                found += [await self._use(call, key, it, context) for it in rule.uses]
        return found

    async def _of_object(self, call: ApiCall, use: ObjectUse | None) -> list[KeyCall]:
        if use is None:
            return []
        context = {"aws:s3:arn": use.arn}
        return [await self._use(call, use.encrypted.key, use.operation, context)]

    async def _of_parameters(self, call: ApiCall, response: Response) -> list[KeyCall]:
        if json.loads(call.request.body or b"{}").get("WithDecryption") is not True:
            return []
        answer = json.loads(response.body)
        found: list[KeyCall] = []
        for parameter in [answer.get("Parameter"), *(answer.get("Parameters") or ())]:
            if parameter and parameter.get("Type") == "SecureString":
                arn = parameter["ARN"]
                key = (await self._keys.of(arn)).key
                if key:
                    context = encryption_context(arn)
                    found.append(await self._use(call, key, "Decrypt", context))
        return found

    async def _use(
        self, call: ApiCall, given: str, operation: str, context: Mapping[str, str]
    ) -> KeyCall:
        key = await self._keys.key(given)
        body = {"KeyId": key.arn, "EncryptionContext": context}
        request = json_call("kms", call.region, f"TrentService.{operation}", body)
        use = ApiCall(
            call.principal,
            "kms",
            operation,
            call.region,
            request,
            Protocol.JSON_1_1.value,
            via=call.service,
        )
        return KeyCall(use, key)


def _rule(call: ApiCall, action: str) -> KeyRule | None:
    """Only where the request may name a key does it have to be read."""
    rule = KEY_RULES[action]
    return rule_of(action, _members(call)) if rule.given else rule


def _members(call: ApiCall) -> Members:
    operation = Operation(call.service, call.operation, _PROTOCOLS[call.content_type])
    return Members(call.request, operation, {})


def _whole(resource: str) -> str:
    """The table of an index."""
    if service_of(resource) != "dynamodb":
        return resource
    return "/".join(resource.split("/", 2)[:2])
