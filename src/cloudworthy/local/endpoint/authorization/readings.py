"""How the value of a member becomes the part of an ARN, or the whole of one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.endpoint.authorization.lookup import ResourceLookup
from cloudworthy.local.endpoint.authorization.partiql import accesses
from cloudworthy.local.model.arns import arn_of

_ACCOUNT = re.compile(r"\d{12}")
_KEY_ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")
_COLONS_OF_FUNCTION = 6
_SIX_CHARACTERS = "-000000"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a request was received."""

    account: str
    region: str
    path: str
    lookup: ResourceLookup

    def arn(self, service: str, resource: str, account: str | None = None) -> str:
        return arn_of(service, self.region, account or self.account, resource)


Reading = Callable[[object, Surroundings], list[str]]
LookedUp = Callable[[object, Surroundings], Awaitable[list[str]]]


def _queue(value: object, around: Surroundings) -> list[str]:
    """Source: Amazon SQS developer guide, "Queue and message identifiers" (documented)."""
    text = str(value)
    if text.startswith("arn:"):
        return [text]
    if "?" in text or "#" in text:
        raise UnclassifiedRequestError("its queue URL has more than a path")
    parts = urlsplit(text if "/" in text else f"/{text}").path.strip("/").split("/")
    account = parts[-2] if len(parts) > 1 and _ACCOUNT.fullmatch(parts[-2]) else None
    return [around.arn("sqs", unquote(parts[-1]), account)]


def _function(value: object, _around: Surroundings) -> list[str]:
    """A name, an ARN, or ``account:function:name``, each with or without a qualifier.

    Source: AWS Lambda API reference, "Invoke", FunctionName (documented).
    """
    text = str(value)
    if text.startswith("arn:"):
        return [text]
    account, kind, rest = ([*text.split(":", 2), "", ""])[:3]
    return [rest if kind == "function" and _ACCOUNT.fullmatch(account) else text]


def _function_name(value: object, around: Surroundings) -> list[str]:
    """A function without the qualifier that may follow its name: the request has one apart.

    Lambda refuses a request of which the two are not the same.
    """
    [function] = _function(value, around)
    kept = _COLONS_OF_FUNCTION if function.startswith("arn:") else 0
    return [":".join(function.split(":")[: kept + 1])]


def _destination(value: object, _around: Surroundings) -> list[str]:
    """A destination of CloudWatch Logs; functions and streams are no resource of its actions.

    Source: service authorization reference, "Amazon CloudWatch Logs" (documented).
    """
    text = str(value)
    return [text] if re.fullmatch(r"arn:[\w-]+:logs:[\w-]*:\d*:destination:.+", text) else []


def _parameter(value: object, around: Surroundings) -> list[str]:
    """A parameter without the version or label that may follow its name.

    Source: AWS Systems Manager user guide, "Restricting access to Parameter Store parameters
    using IAM policies" (documented): one slash between ``parameter`` and the name.
    """
    text = str(value)
    if text.startswith("arn:"):
        return [text]
    return [around.arn("ssm", "parameter/" + text.partition(":")[0].lstrip("/"))]


def _stack(value: object, _around: Surroundings) -> list[str]:
    """An ARN as it is; a name with the star that stands for the stack's id."""
    text = str(value)
    return [text if text.startswith("arn:") else f"{text}/*"]


def _iterator(value: object, _around: Surroundings) -> list[str]:
    """The stream before the first bar of a shard iterator.

    Source: Amazon DynamoDB API reference, "GetShardIterator", example (documented).
    """
    arn = str(value).partition("|")[0]
    return [arn] if arn.startswith("arn:") else []


def _bus(value: object, _around: Surroundings) -> list[str]:
    """What stands before a rule's name: nothing for the default bus."""
    name = str(value).rpartition("/")[2]
    return ["" if name == "default" else f"{name}/"]


def _log_group(value: object, around: Surroundings) -> list[str]:
    text = str(value).removesuffix(":*")
    arn = text if text.startswith("arn:") else around.arn("logs", f"log-group:{text}")
    return [f"{arn}:log-stream:"]


def _topic(value: object, _around: Surroundings) -> list[str]:
    """The topic of a subscription."""
    return [str(value).rpartition(":")[0]]


def _role(value: object, _around: Surroundings) -> list[str]:
    return [value] if isinstance(value, str) and value else []


def _moved_queue(value: object, _around: Surroundings) -> list[str]:
    """The source queue of a message move task, which its handle carries in base 64."""
    try:
        found = re.search(rb"arn:aws[\w-]*:sqs:[\w:-]+", base64.b64decode(str(value)))
    except (binascii.Error, ValueError):
        return []
    return [found[0].decode("ascii")] if found else []


def _copy_source(value: object, _around: Surroundings) -> list[str]:
    """``bucket/key`` of a copy's source, which is percent-encoded."""
    text = unquote(str(value).partition("?versionId=")[0]).lstrip("/")
    return [text] if text else []


def _copied_version(value: object, _around: Surroundings) -> list[str]:
    return [v for v in [str(value).partition("?versionId=")[2]] if v]


def _path(value: object, _around: Surroundings) -> list[str]:
    return ["/" + unquote(str(value)).lstrip("/")]


def _without_version(value: object, _around: Surroundings) -> list[str]:
    """The key of an object to delete that is meant as it is now."""
    known = isinstance(value, dict) and not value.get("VersionId")
    return _key_of(value) if known else []


def _with_version(value: object, _around: Surroundings) -> list[str]:
    """The key of an object of which a version is to be deleted."""
    known = isinstance(value, dict) and value.get("VersionId")
    return _key_of(value) if known else []


def _key_of(value: object) -> list[str]:
    return [str(value.get("Key", ""))] if isinstance(value, dict) else []


def _partiql(verb: str) -> Reading:
    def read(value: object, _around: Surroundings) -> list[str]:
        return [target for found, target in accesses(str(value)) if found == verb]

    return read


def _new_secret(value: object, around: Surroundings) -> list[str]:
    """The ARN a secret will have but for its six random characters, which nobody knows yet."""
    return [around.arn("secretsmanager", f"secret:{value}{_SIX_CHARACTERS}")]


def _ciphertext_key(value: object, around: Surroundings) -> list[str]:
    """The key that the engine writes in front of what it encrypts."""
    try:
        blob = value if isinstance(value, bytes) else base64.b64decode(str(value))
    except (binascii.Error, ValueError):
        return []
    found = _KEY_ID.match(blob)
    return [around.arn("kms", f"key/{found[0].decode('ascii')}")] if found else []


async def _secret(value: object, around: Surroundings) -> list[str]:
    """Source: Secrets Manager user guide, "What's in a secret", ARN (documented)."""
    text = str(value)
    found = await around.lookup.secret_arn(text)
    if found is None:
        found = text if text.startswith("arn:") else around.arn("secretsmanager", f"secret:{text}")
    return [found]


async def _key(value: object, around: Surroundings) -> list[str]:
    """The key itself: an alias is no resource of a policy about its key's use.

    Source: AWS KMS developer guide, "Key identifiers" and "Controlling access to aliases"
    (documented).
    """
    text = str(value)
    found = await around.lookup.key_arn(text)
    if found is None:
        resource = text if text.startswith("alias/") else f"key/{text}"
        found = text if text.startswith("arn:") else around.arn("kms", resource)
    return [found]


READINGS: Mapping[str, Reading] = {
    "bus": _bus,
    "ciphertext-key": _ciphertext_key,
    "copy-source": _copy_source,
    "destination": _destination,
    "function": _function,
    "function-name": _function_name,
    "group": _log_group,
    "iterator": _iterator,
    "move-task": _moved_queue,
    "new-secret": _new_secret,
    "parameter": _parameter,
    "partiql-delete": _partiql("Delete"),
    "partiql-insert": _partiql("Insert"),
    "partiql-select": _partiql("Select"),
    "partiql-update": _partiql("Update"),
    "path": _path,
    "queue": _queue,
    "role": _role,
    "stack": _stack,
    "topic": _topic,
    "unversioned": _without_version,
    "version": _copied_version,
    "versioned": _with_version,
}
LOOKED_UP: Mapping[str, LookedUp] = {"key": _key, "secret": _secret}
