"""``Custom::CDKBucketDeployment``: files of the assembly into a bucket."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.engines import AwsClient, unless
from cloudworthy.local.provision.names import HEXADECIMAL, uuid_text
from cloudworthy.local.provision.properties import flag
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted

_SYSTEM_METADATA = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "content-type": "ContentType",
    "storage-class": "StorageClass",
    "website-redirect": "WebsiteRedirectLocation",
}
_WITHOUT_EFFECT = frozenset({"acl", "sse", "sse-kms-key-id", "sse-c-copy-source"})
_OWNER_TAG = "aws-cdk:cr-owned"
_DEFAULT_TYPE = "binary/octet-stream"


class BucketDeploymentType(ResourceType):
    """Uploads like ``aws s3 sync``, which the CDK's own function calls.

    Source: aws-cdk-lib, aws-s3-deployment, bucket-deployment-handler (documented by its code).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "Custom::CDKBucketDeployment",
            honoured="DestinationBucketKeyPrefix DestinationBucketName Exclude Extract Include "
            "OutputObjectKeys Prune RetainOnDelete SourceBucketNames SourceMarkers "
            "SourceMarkersConfig SourceObjectKeys SystemMetadata UserMetadata",
            inert="DestinationBucketArn DistributionId DistributionPaths ServiceTimeout "
            "ServiceToken SignContent WaitForDistributionInvalidation",
        )

    def check(self, wanted: Wanted) -> None:
        for key in wanted.properties.get("SourceObjectKeys", ()):
            asset = wanted.site.assets.get(key)
            if asset is None:
                raise wanted.unsupported(
                    "SourceObjectKeys", f"the object {key}", "an asset of the cloud assembly"
                )
            if not asset.path.exists():
                raise TemplateError(
                    f"{self.name}.SourceObjectKeys",
                    wanted.logical_id,
                    found=f"no file at {asset.path}",
                    expected="the asset that the assembly names",
                    action="Run cdk synth again; a source made from data needs asset staging",
                )
        for name in wanted.properties.get("SystemMetadata") or {}:
            if name not in _SYSTEM_METADATA and name not in _WITHOUT_EFFECT:
                known = ", ".join(_SYSTEM_METADATA)
                raise wanted.unsupported(f"SystemMetadata.{name}", name, f"one of {known}")

    def provisional_id(self, wanted: Wanted) -> str:
        return f"aws.cdk.s3deployment.{uuid_text(wanted.token(32, HEXADECIMAL))}"

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("s3")
        properties = wanted.properties
        bucket, prefix = wanted.text("DestinationBucketName"), _prefix(properties)
        uploaded = set()
        for name, content in _files(wanted):
            key = prefix + name
            client.put_object(Bucket=bucket, Key=key, Body=content, **_headers(name, properties))
            uploaded.add(key)
        if flag(properties.get("Prune", True)):
            _prune(client, bucket, prefix, uploaded, properties)
        return Made(self.provisional_id(wanted), _attributes(properties))

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        old = existing.properties
        moved = _destination(wanted.properties) != _destination(old)
        if moved and not flag(wanted.properties.get("RetainOnDelete", True)):
            _remove_all(wanted.site.engines.client("s3"), *_destination(old))
        return self.create(wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        """Files stay unless ``RetainOnDelete`` is false and no other deployment owns them."""
        if flag(existing.properties.get("RetainOnDelete", True)):
            return
        client = site.engines.client("s3")
        bucket, prefix = _destination(existing.properties)
        with unless("NoSuchBucket"):
            if not _is_owned(client, bucket, prefix):
                _remove_all(client, bucket, prefix)


def _attributes(properties: Mapping[str, TemplateValue]) -> dict[str, TemplateValue]:
    with_keys = flag(properties.get("OutputObjectKeys", True))
    attributes = {"SourceObjectKeys": properties["SourceObjectKeys"] if with_keys else []}
    if "DestinationBucketArn" in properties:
        attributes["DestinationBucketArn"] = properties["DestinationBucketArn"]
    return attributes


def _destination(properties: Mapping[str, TemplateValue]) -> tuple[str, str]:
    return str(properties["DestinationBucketName"]), _prefix(properties)


def _is_owned(client: AwsClient, bucket: str, prefix: str) -> bool:
    """Whether the bucket's tags name a deployment that fills this place."""
    tag = f"{_OWNER_TAG}:{prefix.rstrip('/')}" if prefix else _OWNER_TAG
    tags: list[Mapping[str, str]] = []
    with unless("NoSuchTagSet"):
        tags = client.get_bucket_tagging(Bucket=bucket)["TagSet"]
    return any(it["Key"].startswith(tag) for it in tags)


def _remove_all(client: AwsClient, bucket: str, prefix: str) -> None:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", ()):
            client.delete_object(Bucket=bucket, Key=entry["Key"])


def _prefix(properties: Mapping[str, TemplateValue]) -> str:
    prefix = str(properties.get("DestinationBucketKeyPrefix") or "").strip("/")
    return f"{prefix}/" if prefix else ""


def _files(wanted: Wanted) -> Iterator[tuple[str, bytes]]:
    """Names and contents of every source; a later source wins over an earlier one."""
    merged: dict[str, bytes] = {}
    properties = wanted.properties
    for index, key in enumerate(properties["SourceObjectKeys"]):
        path = wanted.site.assets[key].path
        markers = _markers(properties, index)
        if not flag(properties.get("Extract", True)):
            merged[key] = _archive(path)
            continue
        for name, content in _entries(path):
            merged[name] = _fill_markers(content, markers)
    for name, content in merged.items():
        if _included(name, properties):
            yield name, content


def _entries(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a directory, or of an archive."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield file.relative_to(path).as_posix(), file.read_bytes()
    elif is_zipfile(path):
        with ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield entry.filename, archive.read(entry)
    else:
        yield path.name, path.read_bytes()


def _archive(path: Path) -> bytes:
    """A source that is not to be unpacked; a directory is packed as publishing it would."""
    if path.is_file():
        return path.read_bytes()
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in _entries(path):
            archive.writestr(name, content)
    return packed.getvalue()


def _markers(properties: Mapping[str, TemplateValue], index: int) -> dict[bytes, bytes]:
    """What the markers in a source that was made of data stand for."""
    sources = properties.get("SourceMarkers") or []
    settings = properties.get("SourceMarkersConfig") or []
    values = sources[index] if index < len(sources) else {}
    escapes = index < len(settings) and flag(settings[index].get("jsonEscape"))
    return {
        marker.encode(): (_json_text(value) if escapes else str(value)).encode()
        for marker, value in values.items()
    }


def _json_text(value: TemplateValue) -> str:
    """A value as it stands inside of a JSON string."""
    text = json.dumps(value)
    return text[1:-1] if isinstance(value, str) else text


def _fill_markers(content: bytes, markers: Mapping[bytes, bytes]) -> bytes:
    for marker, value in markers.items():
        content = content.replace(marker, value)
    return content


def _included(name: str, properties: Mapping[str, TemplateValue]) -> bool:
    """Filters as ``aws s3 sync`` reads them: excludes first, an include takes back."""
    excluded = any(fnmatchcase(name, it) for it in properties.get("Exclude") or ())
    return not excluded or any(fnmatchcase(name, it) for it in properties.get("Include") or ())


def _headers(name: str, properties: Mapping[str, TemplateValue]) -> dict[str, Any]:
    guessed, _ = mimetypes.guess_type(name)
    headers: dict[str, Any] = {"ContentType": guessed or _DEFAULT_TYPE}
    for key, value in (properties.get("SystemMetadata") or {}).items():
        if key in _SYSTEM_METADATA:
            headers[_SYSTEM_METADATA[key]] = value
    metadata = properties.get("UserMetadata") or {}
    if metadata:
        headers["Metadata"] = {key.lower(): str(value) for key, value in metadata.items()}
    return headers


def _prune(
    client: AwsClient,
    bucket: str,
    prefix: str,
    uploaded: set[str],
    properties: Mapping[str, TemplateValue],
) -> None:
    """Delete what no source has; what the filters leave out is not touched."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", ()):
            key = entry["Key"]
            if key not in uploaded and _included(key.removeprefix(prefix), properties):
                client.delete_object(Bucket=bucket, Key=key)
