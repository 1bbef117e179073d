"""S3: what AWS answers where the engine answers otherwise."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import quote, urlencode
from weakref import WeakValueDictionary
from xml.sax.saxutils import escape

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.endpoint.own_call import signed_for
from cloudworthy.local.endpoint.s3_form import Form, check_policy, parse_form, put_of
from cloudworthy.local.endpoint.s3_host import in_path_style
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Request, Response

_CONDITIONS = frozenset({"if-match", "if-none-match"})
_COPY_SOURCE = "x-amz-copy-source"
_SSE = "x-amz-server-side-encryption"
_SSE_KEY = f"{_SSE}-aws-kms-key-id"


_ADMITTED = ("Authorization", dict(signed_for("s3", "us-east-1"))["Authorization"])
"""On requests without a signature of their own, which policies let in all the same."""


class CorrectedS3:
    """A backend before another one.

    Writes with a condition on the same object are made one after the other, so that of two
    that expect the same, one fails.

    Source: Amazon S3 API reference, "POST Object", "CompleteMultipartUpload", "CopyObject"
    (documented).
    """

    def __init__(self, engine: Backend, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._writing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def send(self, request: Request) -> Response:
        """Hand a request on that may be made; the engine would look at ACLs once more."""
        request = _with_key(_for_engine(request))
        if request.header("authorization") is None and "Signature=" not in request.query:
            request = replace(request, headers=[*request.headers, _ADMITTED])
        of_upload = "uploadId=" in request.query
        if request.method == "PUT" and not of_upload:
            is_copy = request.header(_COPY_SOURCE) is not None
            return await (self._copy(request) if is_copy else self._put(request))
        if request.method == "POST":
            return await (self._complete(request) if of_upload else self._post(request))
        return await self._engine.send(request)

    async def _put(self, request: Request) -> Response:
        if not _has_condition(request):
            return await self._engine.send(request)
        async with self._writing.setdefault(request.path, asyncio.Lock()):
            return await self._engine.send(request)

    async def _complete(self, request: Request) -> Response:
        """The engine does not look at conditions here, and fails without the upload."""
        if not _has_condition(request):
            return await self._complete_if_there(request)
        async with self._writing.setdefault(request.path, asyncio.Lock()):
            await self._check(request)
            kept = [it for it in request.headers if it[0].lower() not in _CONDITIONS]
            return await self._complete_if_there(replace(request, headers=kept))

    async def _complete_if_there(self, request: Request) -> Response:
        response = await self._engine.send(request)
        if response.status < 500:
            return response
        parts = await self._engine.send(Request("GET", request.target, _who(request)))
        return parts if parts.status == 404 else response

    async def _check(self, request: Request) -> None:
        there = await self._engine.send(_head(request.path, request))
        if request.header("if-none-match") == "*" and there.status == 200:
            raise _precondition_failed()
        expected = request.header("if-match")
        if expected is not None and there.status == 404:
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404)
        if expected is not None and (there.header("etag") or "").strip('"') != expected.strip('"'):
            raise _precondition_failed()

    async def _copy(self, request: Request) -> Response:
        """The engine does not look at conditions on the source."""
        prefix = f"{_COPY_SOURCE}-"
        conditions = [
            (name.lower().removeprefix(prefix), value)
            for name, value in request.headers
            if name.lower().startswith(f"{prefix}if-")
        ]
        if conditions:
            source = "/" + (request.header(_COPY_SOURCE) or "").lstrip("/")
            there = await self._engine.send(_head(source, request, conditions))
            if there.status in (304, 412):
                raise _precondition_failed()
        return await self._engine.send(request)

    # forms

    async def _post(self, request: Request) -> Response:
        """An upload from a form becomes a ``PutObject``."""
        form = parse_form(request)
        if form is None:
            return await self._engine.send(request)
        bucket = in_path_style(request).path.strip("/")
        if not form.fields.get("key"):
            message = "Bucket POST must contain a field named 'key'."
            raise AwsError("InvalidArgument", message, 400)
        if "policy" in form.fields:
            check_policy(form, bucket, self._clock.now())
        upload = put_of(form, bucket)
        upload.headers.append(_ADMITTED)
        put = await self._engine.send(upload)
        return _posted(request, bucket, form, put) if put.status == 200 else put


def _for_engine(request: Request) -> Request:
    """With the bucket in the path: the engine might read another one from the host."""
    plain = in_path_style(request)
    if plain is request:
        return request
    headers = [it for it in request.headers if it[0].lower() != "host"]
    return replace(plain, headers=[("Host", "127.0.0.1"), *headers])


def _with_key(request: Request) -> Request:
    """Encryption by KMS without a key is by AWS's own; the engine would take the bucket's."""
    algorithm = request.header(_SSE) or ""
    if not algorithm.startswith("aws:kms") or request.header(_SSE_KEY) is not None:
        return request
    return replace(request, headers=[*request.headers, (_SSE_KEY, "alias/aws/s3")])


def _has_condition(request: Request) -> bool:
    return any(request.header(name) is not None for name in _CONDITIONS)


def _head(
    target: str, request: Request, conditions: list[tuple[str, str]] | None = None
) -> Request:
    return Request("HEAD", target, [*_who(request), *(conditions or [])])


def _who(request: Request) -> list[tuple[str, str]]:
    return [it for it in request.headers if it[0].lower() in ("host", "authorization")]


def _precondition_failed() -> AwsError:
    message = "At least one of the pre-conditions you specified did not hold"
    return AwsError("PreconditionFailed", message, 412)


def _posted(request: Request, bucket: str, form: Form, put: Response) -> Response:
    """What a browser is answered: a redirect, nothing, or where the object is."""
    etag = put.header("etag") or ""
    location = f"http://{request.header('host')}/{bucket}/{quote(form.key)}"
    headers = [it for it in put.headers if it[0].lower().startswith(("etag", "x-amz-"))]
    redirect = form.fields.get("success_action_redirect") or form.fields.get("redirect")
    if redirect:
        answer = urlencode({"bucket": bucket, "key": form.key, "etag": etag})
        joint = "&" if "?" in redirect else "?"
        return Response(303, [*headers, ("Location", f"{redirect}{joint}{answer}")])
    headers.append(("Location", location))
    status = form.fields.get("success_action_status")
    if status != "201":
        return Response(200 if status == "200" else 204, headers)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<PostResponse><Location>{escape(location)}</Location><Bucket>{bucket}</Bucket>"
        f"<Key>{escape(form.key)}</Key><ETag>{escape(etag)}</ETag></PostResponse>"
    )
    return Response(201, [*headers, ("Content-Type", "application/xml")], body.encode())
