"""Amazon SNS.

Source: SNS API reference, ``Publish``, ``PublishBatch`` (documented): 256 KB with the attributes,
of one message or of a batch; texts as SDKs and users report them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

import orjson

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.model.http import Request

_MOST_BYTES: Final = 262_144
_BATCH: Final = "PublishBatchRequestEntries.member."
_ATTRIBUTE: Final = "MessageAttributes.entry."
_OF_ATTRIBUTE: Final = (".Name", ".Value.DataType", ".Value.StringValue")


def check_sns(request: Request, operation: str) -> None:
    """Requests of the query protocol; see ``check_limits``."""
    if operation not in ("Publish", "PublishBatch"):
        return
    parts = (request.query, request.body.decode("latin-1"))
    form = dict(parse_qsl("&".join(filter(None, parts)), keep_blank_values=True))
    total = sum(_bytes(name, value) for name, value in form.items())
    if operation == "PublishBatch":
        if total > _MOST_BYTES:
            message = "The length of all the batch messages put together is more than the limit."
            raise AwsError("BatchRequestTooLong", message, 400)
        return
    _check_message(form, total)


def _check_message(form: Mapping[str, str], total: int) -> None:
    if not form.get("Message"):
        raise AwsError("InvalidParameter", "Invalid parameter: Empty message", 400)
    if total > _MOST_BYTES:
        raise AwsError("InvalidParameter", "Invalid parameter: Message too long", 400)
    if form.get("MessageStructure") == "json":
        _check_structure(form["Message"])


def _check_structure(message: str) -> None:
    """Source of the second text: recorded on AWS 2025-11-19, fact sns-007."""
    try:
        by_protocol = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise _wrong_structure("JSON message body failed to parse") from error
    if not isinstance(by_protocol, dict) or "default" not in by_protocol:
        raise _wrong_structure("No default entry in JSON message body")


def _wrong_structure(reason: str) -> AwsError:
    return AwsError("InvalidParameter", f"Invalid parameter: Message Structure - {reason}", 400)


def _bytes(name: str, value: str) -> int:
    """What a field adds to a message: its text, or something of one of its attributes."""
    if name.startswith(_BATCH):
        name = name.removeprefix(_BATCH).partition(".")[2]
    is_counted = name == "Message" or (name.startswith(_ATTRIBUTE) and name.endswith(_OF_ATTRIBUTE))
    return len(value.encode("utf-8", "replace")) if is_counted else 0
