"""ARNs of tables: dynoxide puts all of them into a region called ``dynoxide``."""

from __future__ import annotations

import re
import zlib

from cloudworthy.local.model.arns import partition_of
from cloudworthy.local.model.http import Request, Response

_OF_DYNOXIDE = b"arn:aws:dynamodb:dynoxide:000000000000:"
_ARN = re.compile(rb"arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:")
_WITHOUT_ITEMS = frozenset(
    {
        "CreateTable",
        "DeleteTable",
        "DescribeStream",
        "DescribeTable",
        "GetShardIterator",
        "ListStreams",
        "ListTagsOfResource",
        "TagResource",
        "UntagResource",
        "UpdateTable",
    }
)
"""Operations whose messages hold names, settings and ARNs, but no data that looks like one."""


def names_tables(request: Request) -> bool:
    """Whether ARNs in the request and its answer are to be translated."""
    target = request.header("x-amz-target") or ""
    return target.rpartition(".")[2] in _WITHOUT_ITEMS


def with_dynoxide_arns(request: Request) -> Request:
    """The request with ARNs as dynoxide knows them."""
    body = _ARN.sub(_OF_DYNOXIDE, request.body)
    return Request(
        request.method,
        request.target,
        _for_body(request.headers, body),
        body,
        request.client_ip,
    )


def with_arns_of(response: Response, region: str, account: str) -> Response:
    """The answer with ARNs as AWS would give them."""
    placed = f"arn:{partition_of(region)}:dynamodb:{region}:{account}:".encode()
    body = response.body.replace(_OF_DYNOXIDE, placed)
    return Response(response.status, _for_body(response.headers, body), body)


def region_of(request: Request, default: str) -> str:
    """The region of the credential scope."""
    scope = (request.header("authorization") or "").partition(",")[0].split("/")
    return scope[2] if len(scope) >= 5 else default


def _for_body(headers: list[tuple[str, str]], body: bytes) -> list[tuple[str, str]]:
    describing = {"content-length": str(len(body)), "x-amz-crc32": str(zlib.crc32(body))}
    return [(name, describing.get(name.lower(), value)) for name, value in headers]
