"""Uploads from HTML forms: their fields, and what their policy allows."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any
from urllib.parse import quote

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.model.http import Request

_FREE = frozenset({"awsaccesskeyid", "policy", "signature", "submit", "x-amz-signature"})
"""Fields that a policy need not mention."""
_SIZE = "content-length-range"
_OF_OBJECT = frozenset(
    {"cache-control", "content-disposition", "content-encoding", "content-type", "expires"}
)
_OF_SIGNATURE = frozenset(
    {
        "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token",
        "x-amz-signature",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form by their lower-case name, and its file."""

    fields: Mapping[str, str]
    content: bytes
    filename: str

    @property
    def key(self) -> str:
        return self.fields.get("key", "").replace("${filename}", self.filename)


@dataclass(frozen=True, slots=True)
class _Policy:
    """A policy that can be read; ``matches`` are an operator, a field and a value each."""

    expiration: datetime
    sizes: list[tuple[int, int]]
    matches: list[tuple[str, str, str]]


def parse_form(request: Request) -> Form | None:
    """The form in the body of a ``POST``; None for any other request.

    Fields behind the file are not read, as on S3.
    """
    if request.method != "POST":
        return None
    content_type = _options(request.header("content-type") or "")
    if content_type.get_content_type() != "multipart/form-data":
        return None
    fields: dict[str, str] = {}
    for disposition, content in _parts(request.body, str(content_type.get_param("boundary"))):
        name = str(disposition.get_param("name") or "").lower()
        if name == "file":
            path = str(disposition.get_param("filename") or "")
            return Form(fields, content, path.replace("\\", "/").rpartition("/")[2])
        fields[name] = content.decode("utf-8", "replace")
    return Form(fields, b"", "")


def _parts(body: bytes, boundary: str) -> Iterator[tuple[Message, bytes]]:
    """Each part's ``Content-Disposition`` and content."""
    delimiter = f"\r\n--{boundary}".encode()
    for part in (b"\r\n" + body).split(delimiter)[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        for line in head.decode("utf-8", "replace").split("\r\n"):
            name, _, value = line.partition(":")
            if name.strip().lower() == "content-disposition":
                yield _options(value), content


def _options(value: str) -> Message:
    """The parameters of a header, which are those of a ``Content-Type``."""
    message = Message()
    message["Content-Type"] = value
    return message


def check_policy(form: Form, bucket: str, now: datetime) -> None:
    """Refuse an upload that the form's policy does not allow.

    Raises
    ------
    AwsError

    Source: Amazon S3 API reference, "POST Policy" (documented).
    """
    policy = _policy(form.fields["policy"])
    if now >= policy.expiration:
        raise _invalid("Policy expired.")
    for smallest, largest in policy.sizes:
        _check_size(len(form.content), smallest, largest)
    values = {**form.fields, "bucket": bucket}
    mentioned = {"bucket"}
    for operator, name, value in policy.matches:
        field = name.removeprefix("$").lower()
        mentioned.add(field)
        if not _holds(operator, values.get(field, ""), value):
            failed = json.dumps([operator, name, value])
            raise _invalid(f"Policy Condition failed: {failed}")
    extra = [
        name
        for name in form.fields
        if name not in mentioned | _FREE and not name.startswith("x-ignore-")
    ]
    if extra:
        raise _invalid(f"Extra input fields: {', '.join(sorted(extra))}")


def _policy(encoded: str) -> _Policy:
    try:
        document = json.loads(base64.b64decode(encoded))
        conditions = list(_conditions(document.get("conditions") or []))
        sizes = [(int(a), int(b)) for kind, a, b in conditions if kind == _SIZE]
        matches = [(str(a), str(b), str(c)) for a, b, c in conditions if a != _SIZE]
        expiration = datetime.fromisoformat(document["expiration"])
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise _unreadable() from error
    if expiration.tzinfo is None:
        raise _unreadable()
    return _Policy(expiration, sizes, matches)


def _unreadable() -> AwsError:
    message = "The content of the form does not meet the conditions specified in the policy"
    return AwsError("InvalidPolicyDocument", message, 400)


def _conditions(listed: list[Any]) -> Iterator[list[Any]]:
    for condition in listed:
        if isinstance(condition, Mapping):
            yield from (["eq", f"${name}", value] for name, value in condition.items())
        else:
            yield condition


def _holds(operator: str, value: str, wanted: str) -> bool:
    if operator.lower() == "starts-with":
        return value.startswith(wanted)
    return operator.lower() == "eq" and value == wanted


def _check_size(size: int, smallest: int, largest: int) -> None:
    if size > largest:
        message = "Your proposed upload exceeds the maximum allowed size"
        raise AwsError("EntityTooLarge", message, 400)
    if size < smallest:
        message = "Your proposed upload is smaller than the minimum allowed size"
        raise AwsError("EntityTooSmall", message, 400)


def _invalid(reason: str) -> AwsError:
    return AwsError("AccessDenied", f"Invalid according to Policy: {reason}", 403)


def put_of(form: Form, bucket: str) -> Request:
    """The ``PutObject`` that an upload from a form is; nobody has signed it.

    Source: Amazon S3 API reference, "POST Object" (documented): it needs ``s3:PutObject``.
    """
    headers = [
        (name, value)
        for name, value in form.fields.items()
        if name in _OF_OBJECT or (name.startswith("x-amz-") and name not in _OF_SIGNATURE)
    ]
    if "acl" in form.fields:
        headers.append(("x-amz-acl", form.fields["acl"]))
    host, length = ("Host", "127.0.0.1"), ("Content-Length", str(len(form.content)))
    target = f"/{bucket}/{quote(form.key)}"
    return Request("PUT", target, [host, length, *headers], form.content)
