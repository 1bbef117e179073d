"""Function code and layers that lie in a bucket of the stack itself."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from cloudworthy.local.lambda_.aws_call import AwsCall, signed
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.identity import Credentials
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, TemplateValue

_CODE_PROPERTIES = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}
_DEPLOYMENT = "Custom::CDKBucketDeployment"
_PERSON = Credentials("cloudworthy", "cloudworthy", "")


class BucketCode:
    """Copies code from buckets when it is deployed, as Lambda does.

    A copy is kept until the property that names the object changes: what happens to the
    object later does not concern the function.

    Parameters
    ----------
    directory
        Where the copies are kept.
    """

    def __init__(self, directory: Path, s3: Backend) -> None:
        self._directory = directory
        self._s3 = s3

    async def collect(self, deployment: Deployment) -> dict[str, Path]:
        """What functions and layers from buckets run, by their logical id.

        It is the copy; or, where a bucket deployment packed a directory of the assembly into
        that very object, this directory, so that what is edited there is what runs.

        Raises
        ------
        TemplateError
            The bucket does not hold the object.
        """
        found, copies = {}, set()
        for resource, location in _in_buckets(deployment):
            archive = self._directory / _copy_name(resource, location)
            if not archive.is_file():
                _write(archive, await self._fetch(resource, location, deployment))
            found[resource.logical_id] = _source(deployment, location) or archive
            copies.add(archive)
        self._remove_all_but(copies)
        return found

    def _remove_all_but(self, copies: set[Path]) -> None:
        for file in set(self._directory.glob("*")) - copies:
            file.unlink()

    async def _fetch(
        self,
        resource: ProvisionedResource,
        location: Mapping[str, TemplateValue],
        deployment: Deployment,
    ) -> bytes:
        bucket, key = location["S3Bucket"], location["S3Key"]
        version = location.get("S3ObjectVersion")
        query = f"?{urlencode({'versionId': version})}" if version else ""
        call = AwsCall("s3", deployment.stack.region, "GET", f"/{bucket}/{quote(key)}{query}")
        response = await self._s3.send(await signed(call, _PERSON))
        if response.status != 200:
            name = _CODE_PROPERTIES[resource.type]
            raise TemplateError(
                f"{resource.type}.{name}",
                resource.logical_id,
                found=f"no object {key} in the bucket {bucket} (status {response.status})",
                expected="a zip archive",
                action="Upload it in the same template, e.g. by a BucketDeployment with "
                "extract=False that the function depends on",
            )
        return response.body


def _in_buckets(
    deployment: Deployment,
) -> Iterator[tuple[ProvisionedResource, Mapping[str, TemplateValue]]]:
    buckets = {it.physical_id for it in deployment.of_type("AWS::S3::Bucket")}
    for kind, name in _CODE_PROPERTIES.items():
        for resource in deployment.of_type(kind):
            location = resource.properties.get(name) or {}
            if location.get("S3Bucket") in buckets:
                yield resource, location


def _copy_name(resource: ProvisionedResource, location: Mapping[str, TemplateValue]) -> str:
    identity = json.dumps([resource.physical_id, location], sort_keys=True)
    return f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}.zip"


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_suffix(f".{os.getpid()}")
    scratch.write_bytes(content)
    scratch.replace(file)


def _source(deployment: Deployment, location: Mapping[str, TemplateValue]) -> Path | None:
    """The directory that a bucket deployment packed into this object."""
    if location.get("S3ObjectVersion"):
        return None
    for resource in deployment.of_type(_DEPLOYMENT):
        properties = resource.properties
        packed = str(properties.get("Extract", True)).lower() == "false"
        if packed and properties.get("DestinationBucketName") == location["S3Bucket"]:
            prefix = str(properties.get("DestinationBucketKeyPrefix") or "").strip("/")
            name = str(location["S3Key"]).removeprefix(f"{prefix}/" if prefix else "")
            asset = deployment.stack.assets.get(name)
            if name in properties["SourceObjectKeys"] and asset and asset.path.is_dir():
                return asset.path
    return None
