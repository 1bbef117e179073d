"""What the service does with objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from objects.logic.content import MAX_BYTES, shown
from objects.logic.errors import ObjectTooLargeError
from objects.logic.keys import checked_prefix

if TYPE_CHECKING:
    from objects.data.bucket import Bucket, Conditions, ListedObject, Presigned
    from objects.logic.content import Content
    from objects.logic.page_tokens import PageTokens

EXPIRES_IN_S = 900


@dataclass(frozen=True, slots=True)
class ReadObject:
    key: str
    content: str
    encoding: str
    content_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Listing:
    objects: list[ListedObject]
    next_token: str | None


class ObjectService:
    """The operations of the API, in no protocol's words: each is one request to S3, or none."""

    def __init__(self, bucket: Bucket, page_tokens: PageTokens) -> None:
        self._bucket = bucket
        self._page_tokens = page_tokens

    def write(self, key: str, content: Content, conditions: Conditions) -> str:
        """Write an object; gives its entity tag."""
        return self._bucket.put(key, content.content, content.content_type, conditions)

    def read(self, key: str, conditions: Conditions) -> ReadObject:
        """Read an object.

        Raises
        ------
        ObjectTooLargeError
            It does not fit into an answer.
        """
        stored = self._bucket.get(key, MAX_BYTES, conditions)
        if stored.content is None:
            presigned = self.download(key)
            raise ObjectTooLargeError(stored.size, presigned.url, presigned.expires_in_s)
        text, encoding = shown(stored.content)
        return ReadObject(key, text, encoding, stored.content_type, stored.etag)

    def list(self, prefix: str, limit: int, token: str | None) -> Listing:
        """A page of objects; without a token there are no more of them."""
        after = "" if token is None else self._page_tokens.after(token, checked_prefix(prefix))
        page = self._bucket.list(checked_prefix(prefix), limit, after)
        if page.is_last:
            return Listing(page.objects, None)
        return Listing(page.objects, self._page_tokens.make(page.objects[-1].key, prefix))

    def delete(self, key: str, conditions: Conditions) -> None:
        self._bucket.delete(key, conditions)

    def upload(self, key: str, content_type: str | None, conditions: Conditions) -> Presigned:
        """A request that uploads an object of any size up to S3's 5 GB."""
        return self._bucket.presigned_upload(key, content_type, conditions, EXPIRES_IN_S)

    def download(self, key: str) -> Presigned:
        """A request that downloads an object, if it is there by then."""
        return self._bucket.presigned_download(key, EXPIRES_IN_S)
