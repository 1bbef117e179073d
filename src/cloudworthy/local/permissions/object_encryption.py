"""Under which keys requests to S3 read and write."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple
from urllib.parse import quote, unquote
from xml.etree.ElementTree import ParseError, fromstring

from cloudworthy.local.endpoint.s3_host import in_path_style
from cloudworthy.local.endpoint.watching import AnsweredCall
from cloudworthy.local.iam.decision import ApiCall
from cloudworthy.local.model.arns import bucket_arn
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.permissions.encryption_keys import (
    Encrypted,
    EncryptionKeys,
    encrypted_as_answered,
    is_managed_by_aws,
)

_SSE = "x-amz-server-side-encryption"
_DUAL_LAYER = "aws:kms:dsse"
_MOST_UPLOADS = 1000
_READ = frozenset({"GetObject", "HeadObject"})
_READING = frozenset({"s3:GetObject", "s3:GetObjectVersion"})
_COPYING = frozenset({"CopyObject", "UploadPartCopy"})
_NEW = frozenset({"CopyObject", "CreateMultipartUpload", "PutObject"})
_OF_PARTS = frozenset({"ListParts", "UploadPart", "UploadPartCopy"})


class ObjectUse(NamedTuple):
    """The use of a key for one object."""

    encrypted: Encrypted
    operation: str
    """Of KMS."""
    arn: str
    """Of the object; with a bucket key, of the bucket."""


class ObjectEncryption:
    """Knows which keys the objects of requests are under, before they are carried out.

    The key of a multipart upload is remembered from its beginning; of one that began before the
    runtime did, it is taken to be the bucket's.

    Source: Amazon S3 user guide, "Setting default server-side encryption behavior", "Bucket Keys";
    API reference, "PutObject": ``aws:kms`` without a key is AWS's own (documented).
    """

    def __init__(self, keys: EncryptionKeys, region: str) -> None:
        self._keys = keys
        self._region = region
        self._uploads: OrderedDict[str, Encrypted] = OrderedDict()

    async def use(
        self, operation: str, request: Request, action: str, resource: str
    ) -> ObjectUse | None:
        """What an action on an object implies on a key; None for nothing."""
        if action in _READING:
            # Other reads are decided by their answers, which say under which key the object is.
            if operation not in _COPYING:
                return None
            return _use(await self._of_source(request), "Decrypt", resource)
        if operation in _NEW:
            encrypted = await self._of_new(request, resource)
            return _use(encrypted, "GenerateDataKey", resource)
        completes = operation == "CompleteMultipartUpload" and b"<Checksum" in request.body
        if operation in _OF_PARTS or completes:
            return _use(await self._of_upload(request, resource), "Decrypt", resource)
        return None

    async def use_of_answer(self, call: ApiCall, response: Response) -> ObjectUse | None:
        """What an answer implies; metadata is not under the key, but for checksums.

        Source: Amazon S3 API reference, "HeadObject", ChecksumMode (documented).
        """
        if response.header(_SSE) is None or call.operation not in _READ:
            return None
        if call.operation == "HeadObject":
            mode = call.request.header("x-amz-checksum-mode") or ""
            if mode.upper() != "ENABLED":
                return None
        arn = bucket_arn(self._region, unquote(in_path_style(call.request).path.lstrip("/")))
        encrypted = encrypted_as_answered(response)
        if response.header(_SSE) == _DUAL_LAYER and not encrypted.key:
            # The engine does not say the key of these.
            encrypted = await self._keys.of(arn.partition("/")[0])
        return _use(encrypted, "Decrypt", arn)

    async def remember_upload(self, call: AnsweredCall) -> None:
        """A watcher: under which key the parts of a new upload will be."""
        if call.operation.name != "CreateMultipartUpload" or call.response.status != 200:
            return
        try:
            answer = fromstring(call.response.body)  # noqa: S314 - it comes from the engine
        except ParseError:
            return
        upload_id = next((it.text for it in answer.iter() if it.tag.endswith("UploadId")), None)
        if upload_id:
            bucket = in_path_style(call.request).path.strip("/").partition("/")[0]
            self._uploads[upload_id] = await self._of_new(
                call.request, bucket_arn(self._region, unquote(bucket))
            )
            if len(self._uploads) > _MOST_UPLOADS:
                self._uploads.popitem(last=False)

    async def _of_new(self, request: Request, resource: str) -> Encrypted:
        asked = request.header(_SSE)
        if asked is None:
            return await self._keys.of(resource.partition("/")[0])
        key = request.header(f"{_SSE}-aws-kms-key-id") or ""
        if not asked.startswith("aws:kms") or is_managed_by_aws(key):
            return Encrypted("")
        by_bucket_key = request.header(f"{_SSE}-bucket-key-enabled") or ""
        return Encrypted(key, by_bucket_key.lower() == "true")

    async def _of_upload(self, request: Request, resource: str) -> Encrypted:
        for field in request.query.split("&"):
            name, _, value = field.partition("=")
            if name == "uploadId" and unquote(value) in self._uploads:
                return self._uploads[unquote(value)]
        return await self._keys.of(resource.partition("/")[0])

    async def _of_source(self, request: Request) -> Encrypted:
        if not await self._keys.has_any():
            return Encrypted("")
        source, _, version = (request.header("x-amz-copy-source") or "").partition("?versionId=")
        return await self._keys.of_object(quote(unquote(source).lstrip("/")), version)


def _use(encrypted: Encrypted, operation: str, resource: str) -> ObjectUse | None:
    if not encrypted.key:
        return None
    arn = resource.partition("/")[0] if encrypted.by_bucket_key else resource
    return ObjectUse(encrypted, operation, arn)
