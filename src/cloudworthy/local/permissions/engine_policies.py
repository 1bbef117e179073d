"""The policies of queues, topics, secrets and keys, as the engine that keeps them has them now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError, fromstring

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.endpoint.own_call import json_call, query_call
from cloudworthy.local.endpoint.watching import AnsweredCall
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.permissions.engine_call import answer_of

_CHANGING = frozenset(
    {
        "AddPermission", "CreateKey", "CreateQueue", "CreateSecret", "CreateTopic", "DeleteQueue",
        "DeleteResourcePolicy", "DeleteSecret", "DeleteTopic", "PutKeyPolicy",
        "PutResourcePolicy", "RemovePermission", "ReplicateKey", "RestoreSecret",
        "SetQueueAttributes", "SetTopicAttributes",
    }
)  # fmt: skip


class Kept(NamedTuple):
    """What the engine has about a resource that is there."""

    policy: Mapping[str, Any] | None


class EnginePolicies:
    """Asks the engine once for each resource, and again after a call that may have changed one.

    The engine survives a restart with all that was put, so that there is nothing to keep here.
    """

    def __init__(self, engine: Backend) -> None:
        self._engine = engine
        self._known: dict[str, Kept | None] = {}
        self._generation = 0

    def keeps(self, arn: str) -> bool:
        """Whether a policy of this resource would be in the engine."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or parts[2] not in _REQUESTS:
            return False
        return parts[2] != "kms" or parts[5].startswith("key/")

    async def of(self, arn: str) -> Kept | None:
        """What the engine has; None when it knows no such resource, or no such policies.

        Raises
        ------
        AwsError
            The engine is down.
        UnclassifiedRequestError
            It gives what is no policy.
        """
        if arn in self._known:
            return self._known[arn]
        generation = self._generation
        found = await self._ask(arn)
        if generation == self._generation:
            self._known[arn] = found
        return found

    async def forget_changed(self, call: AnsweredCall) -> None:
        """A watcher of the services: from the next call on the engine is asked again."""
        if call.operation.name in _CHANGING:
            self._generation += 1
            self._known.clear()

    async def _ask(self, arn: str) -> Kept | None:
        service = arn.split(":")[2]
        response = await answer_of(self._engine, _REQUESTS[service](arn))
        if response is None:
            return None
        try:
            return Kept(_POLICIES[service](response))
        except (ValueError, ParseError, AttributeError, TypeError) as error:
            reason = f"the policy of {arn} cannot be read: {error}"
            raise UnclassifiedRequestError(reason) from error


def _json_call(target: str, arn: str, body: Mapping[str, object]) -> Request:
    service, region = arn.split(":")[2:4]
    return json_call(service, region, target, body)


def _of_queue(arn: str) -> Request:
    account, name = arn.split(":")[4:6]
    url = f"http://127.0.0.1/{account}/{name}"
    body = {"QueueUrl": url, "AttributeNames": ["Policy"]}
    return _json_call("AmazonSQS.GetQueueAttributes", arn, body)


def _of_topic(arn: str) -> Request:
    return query_call("sns", arn.split(":")[3], "GetTopicAttributes", {"TopicArn": arn})


def _of_secret(arn: str) -> Request:
    return _json_call("secretsmanager.GetResourcePolicy", arn, {"SecretId": arn})


def _of_key(arn: str) -> Request:
    body = {"KeyId": arn.rpartition("/")[2], "PolicyName": "default"}
    return _json_call("TrentService.GetKeyPolicy", arn, body)


def _in_attributes(response: Response) -> Mapping[str, Any] | None:
    return _parsed((json.loads(response.body).get("Attributes") or {}).get("Policy"))


def _in_entries(response: Response) -> Mapping[str, Any] | None:
    for entry in fromstring(response.body).iter():  # noqa: S314 - it comes from the engine
        parts = {it.tag.rpartition("}")[2]: it.text or "" for it in entry}
        if parts.get("key") == "Policy":
            return _parsed(parts.get("value"))
    return None


def _member(name: str) -> Callable[[Response], Mapping[str, Any] | None]:
    return lambda response: _parsed(json.loads(response.body).get(name))


def _parsed(policy: object) -> Mapping[str, Any] | None:
    if not policy:
        return None
    document = json.loads(str(policy))
    if not isinstance(document, dict):
        raise TypeError("it is no object")
    return document


_REQUESTS: Mapping[str, Callable[[str], Request]] = {
    "kms": _of_key,
    "secretsmanager": _of_secret,
    "sns": _of_topic,
    "sqs": _of_queue,
}
_POLICIES: Mapping[str, Callable[[Response], Mapping[str, Any] | None]] = {
    "kms": _member("Policy"),
    "secretsmanager": _member("ResourcePolicy"),
    "sns": _in_entries,
    "sqs": _in_attributes,
}
SERVICES = tuple(_REQUESTS)
