"""The bucket: one request an operation, however large the bucket is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from objects.data.connection import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from objects.data.connection import Connection


class NoSuchObjectError(Exception):
    pass


class ConditionFailedError(Exception):
    """The object is not what the condition says."""


class NotModifiedError(Exception):
    """The object is what the caller has already."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


@dataclass(frozen=True, slots=True)
class Conditions:
    """Entity tags with their quotes; `if_none_match` may be `*`."""

    if_match: str | None = None
    if_none_match: str | None = None

    def parameters(self) -> dict[str, Any]:
        return _given(IfMatch=self.if_match, IfNoneMatch=self.if_none_match)

    def headers(self) -> dict[str, str]:
        return _given(**{"If-Match": self.if_match, "If-None-Match": self.if_none_match})


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What was read; without `content` when there is more of it than was asked for."""

    etag: str
    content_type: str
    size: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Presigned:
    """A request to S3 that needs no credentials for a while; the headers are part of it."""

    key: str
    url: str
    method: str
    headers: Mapping[str, str]
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class ListedObject:
    key: str
    size: int
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Page:
    objects: list[ListedObject]
    is_last: bool


class Bucket:
    def __init__(self, connection: Connection, bucket_name: str) -> None:
        self._connection = connection
        self._client = connection.client
        self._bucket_name = bucket_name

    def put(self, key: str, content: bytes, content_type: str, conditions: Conditions) -> str:
        """Write an object; gives its entity tag.

        Raises
        ------
        ConditionFailedError
            Nothing was written. That the object is not there fails `if_match` too.
        """
        conditional = conditions.parameters()

        def request() -> str:
            answer = self._client.put_object(
                Bucket=self._bucket_name,
                Key=key,
                Body=content,
                ContentType=content_type,
                **conditional,
            )
            return answer["ETag"]

        try:
            return self._connection.send(
                "PutObject", self._bucket_name, request, repeatable=not conditional
            )
        except RefusedError as error:
            _raise_failed_condition(error)

    def get(self, key: str, max_bytes: int, conditions: Conditions) -> StoredObject:
        """Read an object; of one larger than `max_bytes` no more than what it is.

        Raises
        ------
        NoSuchObjectError, ConditionFailedError, NotModifiedError
        """
        try:
            return self._connection.send(
                "GetObject", self._bucket_name, lambda: self._read(key, max_bytes, conditions)
            )
        except RefusedError as error:
            if error.status == 304:
                raise NotModifiedError(str(conditions.if_none_match)) from error
            if error.status == 404 and error.code == "NoSuchKey":
                raise NoSuchObjectError from error
            if error.status == 412:
                raise ConditionFailedError from error
            raise

    def delete(self, key: str, conditions: Conditions) -> None:
        """Delete an object, which may be gone already.

        Raises
        ------
        ConditionFailedError
            Nothing was deleted.
        """
        conditional = conditions.parameters()

        def request() -> None:
            self._client.delete_object(Bucket=self._bucket_name, Key=key, **conditional)

        try:
            self._connection.send(
                "DeleteObject", self._bucket_name, request, repeatable=not conditional
            )
        except RefusedError as error:
            _raise_failed_condition(error)

    def list(self, prefix: str, limit: int, after: str) -> Page:
        """A page of objects whose keys start with a prefix and come after a key, by key."""

        def request() -> Page:
            answer = self._client.list_objects_v2(
                Bucket=self._bucket_name, Prefix=prefix, MaxKeys=limit, StartAfter=after
            )
            return Page(
                [_listed(each) for each in answer.get("Contents", [])],
                is_last=not answer["IsTruncated"],
            )

        return self._connection.send("ListObjectsV2", self._bucket_name, request)

    def presigned_upload(
        self, key: str, content_type: str | None, conditions: Conditions, expires_in_s: int
    ) -> Presigned:
        """A request that puts one object, for whoever has it; S3 is not asked."""
        parameters = {**_given(ContentType=content_type), **conditions.parameters()}
        url = self._presign("put_object", key, parameters, expires_in_s)
        headers = {**_given(**{"Content-Type": content_type}), **conditions.headers()}
        return Presigned(key, url, "PUT", headers, expires_in_s)

    def presigned_download(self, key: str, expires_in_s: int) -> Presigned:
        """A request that gets one object, for whoever has it; S3 is not asked."""
        return Presigned(
            key, self._presign("get_object", key, {}, expires_in_s), "GET", {}, expires_in_s
        )

    def _presign(
        self, operation: str, key: str, parameters: Mapping[str, str], expires_in_s: int
    ) -> str:
        return self._client.generate_presigned_url(
            operation,
            Params={"Bucket": self._bucket_name, "Key": key, **parameters},
            ExpiresIn=expires_in_s,
        )

    def _read(self, key: str, max_bytes: int, conditions: Conditions) -> StoredObject:
        answer = self._client.get_object(
            Bucket=self._bucket_name, Key=key, **conditions.parameters()
        )
        size = answer["ContentLength"]
        with answer["Body"] as body:
            content = body.read() if size <= max_bytes else None
        return StoredObject(answer["ETag"], answer["ContentType"], size, content)


def _raise_failed_condition(error: RefusedError) -> NoReturn:
    """A write that was refused: S3 says 404 to `If-Match` where there is no object.

    Source: Amazon S3 user guide, "Preventing object overwrites with conditional writes"
    (documented).
    """
    if error.status == 412 or (error.status == 404 and error.code == "NoSuchKey"):
        raise ConditionFailedError from error
    raise error


def _listed(entry: Mapping[str, Any]) -> ListedObject:
    return ListedObject(entry["Key"], entry["Size"], entry["ETag"], entry["LastModified"])


def _given(**values: str | None) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
