"""Names of the operations of S3's REST API."""

from __future__ import annotations

from cloudworthy.local.endpoint.rest_operations import rest_operation
from cloudworthy.local.endpoint.s3_host import in_path_style
from cloudworthy.local.model.http import Request


def s3_operation(request: Request) -> str:
    """The operation of a request with the bucket in its path or in its host."""
    return rest_operation(in_path_style(request), "s3")
