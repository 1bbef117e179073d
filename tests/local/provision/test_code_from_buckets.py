"""Function code that the same template puts into a bucket, as the systems package it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest

from cloudworthy.local.lambda_.bucket_code import BucketCode
from cloudworthy.local.lambda_.definition import build_functions
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.wire.client import HttpClient
from local.provision.engine_children import Bench, EngineUrls, resource

HANDLER = "def handler(event, context): return 1"


class Services:
    """The engine behind its port."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.client = HttpClient(str(parts.hostname), parts.port or 80)

    async def send(self, request: Request) -> Response:
        return await self.client.request(
            request.method, request.target, request.headers, request.body
        )


@pytest.fixture
async def code(engine_urls: EngineUrls, tmp_path: Path) -> AsyncIterator[BucketCode]:
    services = Services(engine_urls.services)
    yield BucketCode(tmp_path / "deployed", services)
    services.client.close()


def packed(**files: str) -> bytes:
    archive = BytesIO()
    with ZipFile(archive, "w") as content:
        for name, text in files.items():
            content.writestr(f"{name}.py", text)
    return archive.getvalue()


def function(key: Any, **location: Any) -> dict[str, Any]:
    return resource(
        "AWS::Lambda::Function",
        Runtime="python3.13",
        Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/role",
        Code={"S3Bucket": {"Ref": "Bucket"}, "S3Key": key, **location},
    )


def upload(**properties: Any) -> dict[str, Any]:
    return resource(
        "Custom::CDKBucketDeployment",
        ServiceToken="handler",
        SourceBucketNames=["assets"],
        SourceObjectKeys=["code.zip"],
        DestinationBucketName={"Ref": "Bucket"},
        Extract=False,
        **properties,
    )


def layer(key: Any) -> dict[str, Any]:
    content = {"S3Bucket": {"Ref": "Bucket"}, "S3Key": key}
    return resource("AWS::Lambda::LayerVersion", Content=content)


def code_of(deployment: Deployment, collected: dict[str, Path], cache: Path) -> Path:
    (built,) = build_functions(deployment, code_cache=cache, bucket_code=collected).values()
    return built.code


KEY_OF_UPLOAD = {"Fn::Select": [0, {"Fn::GetAtt": ["Upload", "SourceObjectKeys"]}]}
BUCKET = {"Bucket": resource("AWS::S3::Bucket")}


@pytest.mark.parametrize("prefix", ["", "releases"])
async def test_a_directory_that_the_template_uploads_runs_where_it_is_edited(
    bench: Bench, code: BucketCode, tmp_path: Path, prefix: str
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "app.py").write_text(HANDLER)
    bench.add_asset("code.zip", source)
    key = {"Fn::Join": ["/", ["releases", KEY_OF_UPLOAD]]} if prefix else KEY_OF_UPLOAD
    deployment = await bench.apply(
        {
            **BUCKET,
            "Upload": upload(DestinationBucketKeyPrefix=prefix),
            "Function": function(key),
            "Layer": layer(key),
        }
    )
    collected = await code.collect(deployment)
    assert collected == {"Function": source, "Layer": source}
    assert code_of(deployment, collected, tmp_path / "cache") == source
    copies = [ZipFile(it).namelist() for it in (tmp_path / "deployed").iterdir()]
    assert copies == [["app.py"]] * 2


async def test_an_archive_in_a_bucket_is_copied_once(
    bench: Bench, code: BucketCode, tmp_path: Path
) -> None:
    bucket = (await bench.apply(BUCKET)).resources["Bucket"].physical_id
    s3 = bench.client("s3")
    s3.put_object(Bucket=bucket, Key="my code.zip", Body=packed(app=HANDLER))
    deployment = await bench.apply({**BUCKET, "Function": function("my code.zip")})
    first = code_of(deployment, await code.collect(deployment), tmp_path / "cache")
    assert (first / "app.py").read_text() == HANDLER
    s3.delete_object(Bucket=bucket, Key="my code.zip")
    assert code_of(deployment, await code.collect(deployment), tmp_path / "cache") == first


async def test_a_version_of_an_object(bench: Bench, code: BucketCode, tmp_path: Path) -> None:
    versioned = resource("AWS::S3::Bucket", VersioningConfiguration={"Status": "Enabled"})
    bucket = (await bench.apply({"Bucket": versioned})).resources["Bucket"].physical_id
    s3 = bench.client("s3")
    versions = [
        s3.put_object(Bucket=bucket, Key="code.zip", Body=packed(app=text))["VersionId"]
        for text in ("first", "second")
    ]
    seen = []
    for version in versions:
        template = {"Bucket": versioned, "Function": function("code.zip", S3ObjectVersion=version)}
        deployment = await bench.apply(template)
        collected = await code.collect(deployment)
        directory = code_of(deployment, collected, tmp_path / "cache")
        seen.append((directory / "app.py").read_text())
    assert seen == ["first", "second"]


async def test_an_object_that_is_not_there(bench: Bench, code: BucketCode) -> None:
    deployment = await bench.apply({**BUCKET, "Function": function("code.zip")})
    with pytest.raises(
        CloudworthyError,
        match=r"Function.Code \(Function\): found no object code.zip in the bucket .* 404",
    ):
        await code.collect(deployment)


async def test_an_archive_that_reaches_outside_is_refused(
    bench: Bench, code: BucketCode, tmp_path: Path
) -> None:
    bucket = (await bench.apply(BUCKET)).resources["Bucket"].physical_id
    evil = packed(**{"../../outside": "x"})
    bench.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=evil)
    deployment = await bench.apply({**BUCKET, "Function": function("code.zip")})
    collected = await code.collect(deployment)
    with pytest.raises(CloudworthyError, match=r"found the entry '../../outside.py'"):
        code_of(deployment, collected, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


async def test_a_bucket_of_somebody_else(bench: Bench) -> None:
    foreign = function("code.zip", S3Bucket="somebody-elses")
    with pytest.raises(CloudworthyError, match="an object in a bucket of the stack"):
        bench.plan({**BUCKET, "Function": foreign})
