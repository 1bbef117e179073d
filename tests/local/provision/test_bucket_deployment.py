from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from cloudworthy.local.model.errors import CloudworthyError
from local.provision.engine_children import Bench, resource


def template(*keys: str, tags: Any = None, **properties: Any) -> dict[str, Any]:
    return {
        "Bucket": resource("AWS::S3::Bucket", **({"Tags": tags} if tags else {})),
        "Upload": resource(
            "Custom::CDKBucketDeployment",
            ServiceToken="handler",
            SourceBucketNames=["assets"] * len(keys),
            SourceObjectKeys=list(keys),
            DestinationBucketName={"Ref": "Bucket"},
            **properties,
        ),
    }


def write_files(directory: Path, **files: str) -> Path:
    for name, content in files.items():
        path = directory / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return directory


@pytest.fixture
def site(bench: Bench, tmp_path: Path) -> Path:
    directory = write_files(tmp_path / "site", index_html="<p>", js__app_js="1", notes_txt="n")
    bench.add_asset("site.zip", directory)
    return directory


async def bucket_of(bench: Bench, resources: dict[str, Any]) -> str:
    return (await bench.apply(resources)).resources["Bucket"].physical_id


def keys(bench: Bench, bucket: str) -> list[str]:
    return [
        it["Key"] for it in bench.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    ]


def body(bench: Bench, bucket: str, key: str) -> bytes:
    content: bytes = bench.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


@pytest.mark.usefixtures("site")
async def test_files_have_types_and_metadata(bench: Bench) -> None:
    metadata = {"cache-control": "max-age=300"}
    upload = template("site.zip", SystemMetadata=metadata, UserMetadata={"Made-By": "us"})
    bucket = await bucket_of(bench, upload)
    assert keys(bench, bucket) == ["index.html", "js/app.js", "notes.txt"]
    head = bench.client("s3").head_object(Bucket=bucket, Key="index.html")
    assert head["ContentType"] == "text/html"
    assert head["CacheControl"] == "max-age=300"
    assert head["Metadata"] == {"made-by": "us"}
    script = bench.client("s3").head_object(Bucket=bucket, Key="js/app.js")
    assert script["ContentType"] in ("text/javascript", "application/javascript")


@pytest.mark.usefixtures("site")
async def test_later_sources_win_and_archives_are_unpacked(bench: Bench, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("index.html", "<b>")
        archive.writestr("extra/x.json", "{}")
    bench.add_asset("more.zip", tmp_path / "more.zip")
    bucket = await bucket_of(bench, template("site.zip", "more.zip"))
    assert keys(bench, bucket) == ["extra/x.json", "index.html", "js/app.js", "notes.txt"]
    assert body(bench, bucket, "index.html") == b"<b>"


async def test_a_new_version_prunes_what_is_gone(bench: Bench, site: Path, tmp_path: Path) -> None:
    bucket = await bucket_of(bench, template("site.zip"))
    bench.client("s3").put_object(Bucket=bucket, Key="made-at-run-time.html", Body=b"")
    next_site = write_files(tmp_path / "next", index_html="<i>")
    bench.add_asset("next.zip", next_site)
    await bench.apply(template("next.zip", Prune=False))
    assert len(keys(bench, bucket)) == 4
    await bench.apply(template("next.zip"))
    assert keys(bench, bucket) == ["index.html"]
    assert body(bench, bucket, "index.html") == b"<i>"
    assert site.exists()


@pytest.mark.usefixtures("site")
async def test_filters_decide_what_is_sent_and_what_is_pruned(bench: Bench) -> None:
    upload = template("site.zip", Exclude=["*.txt", "js/*"], Include=["js/app*"])
    bucket = await bucket_of(bench, template("site.zip"))
    bench.client("s3").delete_object(Bucket=bucket, Key="js/app.js")
    await bench.apply(upload)
    assert keys(bench, bucket) == ["index.html", "js/app.js", "notes.txt"]


@pytest.mark.usefixtures("site")
async def test_a_prefix_bounds_what_is_touched(bench: Bench) -> None:
    bucket = await bucket_of(bench, template("site.zip", DestinationBucketKeyPrefix="/v1/"))
    bench.client("s3").put_object(Bucket=bucket, Key="other/x", Body=b"")
    settings = {"RetainOnDelete": False, "DestinationBucketKeyPrefix": "v2"}
    await bench.apply(template("site.zip", **settings))
    assert keys(bench, bucket) == ["other/x", "v2/index.html", "v2/js/app.js", "v2/notes.txt"]
    await bench.apply({"Bucket": resource("AWS::S3::Bucket")})
    assert keys(bench, bucket) == ["other/x"]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("settings", "tags"),
    [({}, None), ({"RetainOnDelete": False}, [{"Key": "aws-cdk:cr-owned:1", "Value": "true"}])],
)
async def test_files_are_retained(bench: Bench, settings: dict[str, Any], tags: Any) -> None:
    bucket = await bucket_of(bench, template("site.zip", tags=tags, **settings))
    await bench.apply({"Bucket": template(tags=tags)["Bucket"]})
    assert len(keys(bench, bucket)) == 3


async def test_markers_are_filled_in(bench: Bench, tmp_path: Path) -> None:
    content = '{"name": <<marker:0xbaba:0>>, "text": "<<marker:0xbaba:1>>"}'
    bench.add_asset("data.zip", write_files(tmp_path / "data", config_json=content))
    bench.add_asset("raw.zip", write_files(tmp_path / "raw", raw_txt="<<marker:0xbaba:0>>"))
    markers = [
        {"<<marker:0xbaba:0>>": 1, "<<marker:0xbaba:1>>": 'a "b"'},
        {"<<marker:0xbaba:0>>": "plain"},
    ]
    upload = template(
        "data.zip",
        "raw.zip",
        SourceMarkers=markers,
        SourceMarkersConfig=[{"jsonEscape": "true"}, {}],
    )
    bucket = await bucket_of(bench, upload)
    assert body(bench, bucket, "config.json") == b'{"name": 1, "text": "a \\"b\\""}'
    assert body(bench, bucket, "raw.txt") == b"plain"


@pytest.mark.usefixtures("site")
async def test_a_source_can_stay_packed(bench: Bench, tmp_path: Path) -> None:
    bucket = await bucket_of(bench, template("site.zip", Extract=False))
    (tmp_path / "got.zip").write_bytes(body(bench, bucket, "site.zip"))
    with ZipFile(tmp_path / "got.zip") as archive:
        assert archive.namelist() == ["index.html", "js/app.js", "notes.txt"]


def test_a_source_that_is_not_there_is_named(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(CloudworthyError, match=r"SourceObjectKeys \(Upload\): found the object no"):
        bench.plan(template("no.zip"))
    bench.add_asset("gone.zip", tmp_path / "gone")
    with pytest.raises(CloudworthyError, match=r"\(Upload\): found no file at .*gone"):
        bench.plan(template("gone.zip"))


@pytest.mark.usefixtures("site")
def test_unknown_metadata_is_refused(bench: Bench) -> None:
    with pytest.raises(CloudworthyError, match=r"SystemMetadata.x-y \(Upload\): found x-y"):
        bench.plan(template("site.zip", SystemMetadata={"x-y": "1"}))
