"""Objects with versions, metadata, tags and parts."""

from __future__ import annotations

import random
import uuid
from typing import Any

from durability.app import BUCKET
from durability.ledger import ABSENT, Ledger, expect_none, pages
from durability.world import World

_MARKER = b"a delete marker"


class Objects:
    """Puts over each other, delete markers, deletes of versions, uploads in parts, tags."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._latest = Ledger()
        """Each key's newest version."""
        self._versions = Ledger()
        """Each version's content, or that it was deleted."""
        self._tags = Ledger()
        self._uploads: dict[str, tuple[str, str, bytes]] = {}
        """Acknowledged parts that nobody has put together yet, by upload."""

    def step(self, dice: random.Random) -> None:
        known = list(self._latest.certain)
        key = dice.choice(known) if known and dice.random() < 0.5 else f"o/{uuid.uuid4()}"
        does = dice.choices(
            [self._put, self._mark, self._upload, self._delete_version, self._tag],
            weights=[5, 1, 1, 1, 1],
        )[0]
        does(key, dice)

    def _put(self, key: str, dice: random.Random) -> None:
        body = dice.randbytes(dice.choice([0, 100, 5000, 50_000]))
        metadata = {"size": str(len(body)), "said": f"a word {dice.random()}"}
        state = (body, tuple(sorted(metadata.items())))
        with self._latest.change(key, state):
            answer = self._s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata)
        self._versions.certain[_name(key, answer)] = state

    def _mark(self, key: str, _dice: random.Random) -> None:
        if self._latest.certain.get(key) is ABSENT:
            return
        with self._latest.change(key, ABSENT):
            answer = self._s3.delete_object(Bucket=BUCKET, Key=key)
        assert answer["DeleteMarker"] is True
        self._versions.certain[_name(key, answer)] = (_MARKER, ())

    def _delete_version(self, _key: str, dice: random.Random) -> None:
        """The older of two."""
        key = f"d/{uuid.uuid4()}"
        self._put(key, dice)
        older = next(name for name in self._versions.certain if name.startswith(key))
        self._put(key, dice)
        with self._versions.change(older, ABSENT):
            self._s3.delete_object(Bucket=BUCKET, Key=key, VersionId=older.removeprefix(f"{key}?"))

    def _upload(self, key: str, dice: random.Random) -> None:
        body = dice.randbytes(3000)
        upload = self._s3.create_multipart_upload(Bucket=BUCKET, Key=key, Metadata={"in": "parts"})
        where = {"Bucket": BUCKET, "Key": key, "UploadId": upload["UploadId"]}
        tag = self._s3.upload_part(**where, PartNumber=1, Body=body)["ETag"]
        if dice.random() < 0.3:
            self._uploads[upload["UploadId"]] = (key, tag, body)
            return
        state = (body, (("in", "parts"),))
        with self._latest.change(key, state):
            answer = self._s3.complete_multipart_upload(**where, MultipartUpload=_parts(tag))
        self._versions.certain[_name(key, answer)] = state

    def _tag(self, _key: str, _dice: random.Random) -> None:
        key, value = f"g/{uuid.uuid4()}", uuid.uuid4().hex
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
        with self._tags.change(key, value):
            tags = {"TagSet": [{"Key": "t", "Value": value}]}
            self._s3.put_object_tagging(Bucket=BUCKET, Key=key, Tagging=tags)

    @property
    def _s3(self) -> Any:
        return self._world.client("s3")

    def check(self) -> int:
        self._check_uploads()
        latest = {
            it["Key"]
            for it in pages(self._world, "s3", "list_objects_v2", "Contents", Bucket=BUCKET)
        }
        newest = {
            key: self._read(key) if key in latest else ABSENT
            for key in (*self._latest.certain, *self._latest.possible)
        }
        checked = self._latest.check("objects", newest)
        checked += self._versions.check("versions", self._stored_versions())
        tags = {key: self._tag_of(key) for key in (*self._tags.certain, *self._tags.possible)}
        return checked + self._tags.check("tags", tags)

    def _check_uploads(self) -> None:
        """Parts that were acknowledged can still be put together."""
        wrong = []
        for upload, (key, tag, body) in self._uploads.items():
            where = {"Bucket": BUCKET, "Key": key, "UploadId": upload}
            answer = self._s3.complete_multipart_upload(**where, MultipartUpload=_parts(tag))
            if self._read(key, answer["VersionId"]) != (body, (("in", "parts"),)):
                wrong.append(key)
            self._s3.delete_object(Bucket=BUCKET, Key=key, VersionId=answer["VersionId"])
        expect_none("uploads", wrong)

    def _stored_versions(self) -> dict[str, Any]:
        listed = pages(self._world, "s3", "list_object_versions", "Versions", Bucket=BUCKET)
        marked = pages(self._world, "s3", "list_object_versions", "DeleteMarkers", Bucket=BUCKET)
        asked = {*self._versions.certain, *self._versions.possible}
        found: dict[str, Any] = {_name(it["Key"], it): (_MARKER, ()) for it in marked}
        for it in listed:
            if _name(it["Key"], it) in asked:
                found[_name(it["Key"], it)] = self._read(it["Key"], it["VersionId"])
        return found

    def _read(self, key: str, version: str | None = None) -> tuple[bytes, tuple[Any, ...]]:
        which = {"VersionId": version} if version else {}
        answer = self._s3.get_object(Bucket=BUCKET, Key=key, **which)
        return answer["Body"].read(), tuple(sorted(answer["Metadata"].items()))

    def _tag_of(self, key: str) -> str | None:
        tags = self._s3.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
        return str(tags[0]["Value"]) if tags else ABSENT


def _name(key: str, answer: dict[str, Any]) -> str:
    return f"{key}?{answer['VersionId']}"


def _parts(tag: str) -> dict[str, Any]:
    return {"Parts": [{"PartNumber": 1, "ETag": tag}]}
