"""Buckets that are named by the host of a request."""

from __future__ import annotations

import re
from dataclasses import replace

from cloudworthy.local.model.http import Request

_PORT = r"(?::\d+)?"
# bucket.s3.amazonaws.com, bucket.s3.eu-central-1.amazonaws.com, bucket.localhost; "www." is left
# out by some readers and not by others.
_VIRTUAL = re.compile(
    r"(?!www\.)(?:"
    r"(?P<on_aws>[a-z0-9][a-z0-9.-]+)\.s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com"
    rf"|(?P<here>[a-z0-9][a-z0-9-]+)\.localhost){_PORT}",
    re.IGNORECASE,
)
_WITHOUT_BUCKET = re.compile(
    r"(?:[^.\[\]]+|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]"
    rf"|s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com){_PORT}",
    re.IGNORECASE,
)


def in_path_style(request: Request) -> Request:
    """The same request with its bucket in the path.

    Source: Amazon S3 user guide, "Virtual hosting of general purpose buckets" (documented).
    """
    found = _VIRTUAL.fullmatch(request.header("host") or "")
    if found is None:
        return request
    return replace(request, target=f"/{found['on_aws'] or found['here']}{request.target}")


def is_known_host(request: Request) -> bool:
    """Whether the host says for certain that it names a bucket, or that it names none."""
    host = request.header("host")
    return not host or bool(_VIRTUAL.fullmatch(host) or _WITHOUT_BUCKET.fullmatch(host))
