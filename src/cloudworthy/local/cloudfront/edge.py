"""The way of a request through a distribution: behaviour, origin, error page, headers."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from urllib.parse import quote, unquote

from cloudworthy.local.cloudfront.definition import ApiOrigin, Behavior, BucketOrigin, Site
from cloudworthy.local.cloudfront.policies import Forwarding, ResponseHeaders
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import Principal

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect"}
)
_OBJECT_REQUEST_HEADERS = frozenset(
    {"range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "accept"}
)
_OBJECT_RESPONSE_HEADERS = frozenset(
    {
        "accept-ranges",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-range",
        "content-type",
        "etag",
        "expires",
        "last-modified",
        "x-amz-version-id",
    }
)

# Which service a request is for; whose it is, is said beside it.
_FOR_S3 = (
    "Authorization",
    (
        "AWS4-HMAC-SHA256 Credential=cloudfront/20260101/us-east-1/s3/aws4_request, "
        "SignedHeaders=host, Signature=0"
    ),
)

BucketReader = Callable[[Request, Principal], Awaitable[Response]]
"""Answers a request to S3 that comes from this principal, as S3 answers it."""
ApiHandlerOf = Callable[[str], Handler | None]
"""The listener's handler of an API, by the API's id."""


class Edge:
    """Answers the requests of one distribution.

    Parameters
    ----------
    site
        The distribution; ``update`` swaps it.
    s3
        Where buckets are read; the principal is the origin's.
    api_handler_of
        Where API origins are reached, in the same process.
    """

    def __init__(self, site: Site, s3: BucketReader, api_handler_of: ApiHandlerOf) -> None:
        self._site = site
        self._s3 = s3
        self._api_handler_of = api_handler_of

    def update(self, site: Site) -> None:
        self._site = site

    async def handle(self, request: Request) -> Response:
        site = self._site
        behavior = next(b for b in site.behaviors if b.pattern.fullmatch(request.path))
        if request.method not in behavior.allowed_methods:
            response = _forbidden_method(behavior)
        else:
            response = await self._ask_origin(behavior, request)
        response = await self._error_page(request, response)
        return _finish(request, response, behavior.response_headers)

    async def _ask_origin(self, behavior: Behavior, request: Request) -> Response:
        match behavior.origin:
            case BucketOrigin():
                return await self._read_object(behavior.origin, request)
            case ApiOrigin():
                return await self._call_api(behavior.origin, behavior.forwarding, request)

    async def _read_object(self, origin: BucketOrigin, request: Request) -> Response:
        path = request.path
        if path == "/" and self._site.default_root_object:
            path += self._site.default_root_object
        key = quote(unquote(origin.path + path), safe="/~")
        headers = [(n, v) for n, v in request.headers if n.lower() in _OBJECT_REQUEST_HEADERS]
        headers = [*_with(headers, origin.headers), _FOR_S3]
        answer = await self._s3(
            Request(request.method, f"/{origin.bucket}{key}", headers), origin.reader
        )
        if answer.status == 404 and not origin.lists:
            return _access_denied()
        kept = [(n, v) for n, v in answer.headers if n.lower() in _OBJECT_RESPONSE_HEADERS]
        return Response(answer.status, kept, answer.body)

    async def _call_api(
        self, origin: ApiOrigin, forwarding: Forwarding, request: Request
    ) -> Response:
        handler = self._api_handler_of(origin.api_id)
        if handler is None:
            return _plain(502, f"The origin API {origin.api_id} is not running.")
        target = origin.path + request.path
        if query := _forwarded_query(request.query, forwarding):
            target += f"?{query}"
        forwarded = _with(_forwarded_headers(request, forwarding), origin.headers)
        headers = [("Host", origin.domain), *forwarded]
        return await handler(replace(request, target=target, headers=headers))

    async def _error_page(self, request: Request, response: Response) -> Response:
        page = self._site.error_pages.get(response.status)
        if page is None:
            return response
        if not page.path:
            return Response(page.status, response.headers, response.body)
        origin = self._site.behaviors[-1].origin
        if not isinstance(origin, BucketOrigin):
            return response
        answer = await self._read_object(origin, Request("GET", page.path, []))
        if answer.status != 200:
            return response
        body = b"" if request.method == "HEAD" else answer.body
        return Response(page.status, answer.headers, body)


def _forwarded_headers(request: Request, forwarding: Forwarding) -> list[tuple[str, str]]:
    """The viewer's headers that pass, and those CloudFront sets itself.

    Source: Amazon CloudFront developer guide, "HTTP request headers and CloudFront
    behavior (custom and S3 origins)" (documented).
    """
    headers = []
    forwarded_for = request.client_ip
    user_agent = "Amazon CloudFront"
    for name, value in request.headers:
        lowered = name.lower()
        if lowered in _HOP_BY_HOP or lowered == "host":
            continue
        if lowered == "x-forwarded-for":
            forwarded_for = f"{value}, {request.client_ip}"
        elif lowered == "user-agent":
            user_agent = value if lowered in forwarding.headers else user_agent
        elif lowered == "cookie":
            if cookies := _forwarded_cookies(value, forwarding):
                headers.append((name, cookies))
        elif lowered in ("content-length", "content-type") or lowered in forwarding.headers:
            headers.append((name, value))
    return [
        *headers,
        ("User-Agent", user_agent),
        ("X-Forwarded-For", forwarded_for),
        ("Via", "1.1 cloudworthy.cloudfront.net (CloudFront)"),
        ("X-Amz-Cf-Id", uuid.uuid4().hex),
    ]


def _with(
    headers: Iterable[tuple[str, str]], custom: tuple[tuple[str, str], ...]
) -> list[tuple[str, str]]:
    """Headers of a request with those of an origin, which replace the viewer's.

    Source: Amazon CloudFront developer guide, "Add custom headers to origin requests"
    (documented).
    """
    names = {name.lower() for name, _ in custom}
    return [*((n, v) for n, v in headers if n.lower() not in names), *custom]


def _forwarded_query(query: str, forwarding: Forwarding) -> str:
    parts = [p for p in query.split("&") if p]
    return "&".join(p for p in parts if unquote(p.partition("=")[0]) in forwarding.query)


def _forwarded_cookies(header: str, forwarding: Forwarding) -> str:
    cookies = [c.strip() for c in header.split(";")]
    return "; ".join(c for c in cookies if c.partition("=")[0] in forwarding.cookies)


def _finish(request: Request, response: Response, policy: ResponseHeaders) -> Response:
    cors = policy.cors.headers(request) if policy.cors else []
    values, override = [*policy.values, *cors], policy.override
    if policy.cors and policy.cors.override:
        override |= {name.lower() for name, _ in cors}
    present = {name.lower() for name, _ in response.headers} - policy.remove
    headers = [
        (name, value)
        for name, value in response.headers
        if name.lower() not in override | policy.remove
    ]
    headers += [
        (name, value)
        for name, value in values
        if name.lower() in override or name.lower() not in present
    ]
    if cors and policy.cors and not policy.cors.is_for_every_page:
        headers.append(("Vary", "Origin"))  # beside what the origin says; assumed
    headers += [
        ("X-Cache", "Error from cloudfront" if response.status >= 400 else "Miss from cloudfront"),
        ("Via", "1.1 cloudworthy.cloudfront.net (CloudFront)"),
    ]
    return Response(response.status, headers, response.body)


def _forbidden_method(behavior: Behavior) -> Response:
    """Source: Amazon CloudFront developer guide, "Allowed HTTP methods" (documented: 403)."""
    allowed = ", ".join(sorted(behavior.allowed_methods))
    return _plain(403, f"This distribution allows only {allowed} here.")


def _access_denied() -> Response:
    """What S3 answers for a missing key to a caller that may not list the bucket.

    Source: Amazon S3 API reference, "GetObject", permissions (documented).
    """
    body = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    )
    return Response(403, [("Content-Type", "application/xml")], body)


def _plain(status: int, text: str) -> Response:
    return Response(status, [("Content-Type", "text/plain; charset=utf-8")], text.encode())
