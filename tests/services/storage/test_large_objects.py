"""What fits into a request and an answer, and the way around both: presigned URLs."""

from __future__ import annotations

import base64
import json
import random
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from objects.logic.content import MAX_BYTES
from services.storage.aws import admin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.between import Between
    from services.storage.conftest import Storage
    from services.storage.http_api import ObjectsApi

LAMBDA_BYTES = 6 * 1024 * 1024
LARGEST = random.Random(1).randbytes(MAX_BYTES)  # noqa: S311


def sent(request: Mapping[str, Any], body: bytes = b"", **more: str) -> tuple[int, bytes]:
    """Carry out a presigned request as any HTTP client would."""
    url = urlsplit(request["url"])
    connection = HTTPConnection(str(url.hostname), url.port, timeout=20)
    try:
        headers = {**request["headers"], **more}
        connection.request(request["method"], f"{url.path}?{url.query}", body or None, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "content",
    [
        LARGEST,
        b"x" * MAX_BYTES,
        b'"\\\n' * (MAX_BYTES // 3),
        b"\0" * MAX_BYTES,
        "\U0001f600".encode() * (MAX_BYTES // 4),
    ],
    ids=["bytes", "text", "escapes", "zeros", "emoji"],
)
def test_the_largest_object_fits_into_an_answer(api: ObjectsApi, content: bytes) -> None:
    headers = {"content-type": "application/octet-stream"}
    assert api("POST", body=content, query={"key": "large"}, headers=headers).status == 201
    reply = api.read("large")
    document = reply.json
    text = document["content"]
    read = base64.b64decode(text) if document["encoding"] == "base64" else text.encode()
    assert read == content
    answer = {"statusCode": 200, "headers": reply.headers, "body": reply.body}
    assert len(json.dumps(answer, ensure_ascii=False).encode()) < LAMBDA_BYTES


def test_an_object_of_7_mb_goes_up_and_comes_down(api: ObjectsApi, shared: Storage) -> None:
    content = LARGEST + LARGEST[:2_500_000]
    asked = {"key": "films/ü 1.mp4", "content_type": "video/mp4"}
    upload = api("POST", body=asked, query={"upload": "presigned"})
    assert upload.status == 201
    assert set(upload.json) == {"key", "url", "method", "headers", "expires_in"}
    assert upload.json["headers"] == {"Content-Type": "video/mp4"}
    assert sent(upload.json, content)[0] == 200
    stored = admin("s3", shared.endpoint).head_object(Bucket=shared.bucket_name, Key=asked["key"])
    assert (stored["ContentLength"], stored["ContentType"]) == (len(content), "video/mp4")

    refused = api.read(asked["key"])
    assert (refused.status, refused.error["code"]) == (413, "payload_too_large")
    details = refused.error["details"]
    assert (details["size"], details["expires_in"]) == (len(content), 900)
    assert sent({**details, "method": "GET", "headers": {}}) == (200, content)

    download = api("GET", query={"key": asked["key"], "download": "presigned"})
    assert (download.status, download.json["method"]) == (200, "GET")
    assert sent(download.json) == (200, content)


def test_presigning_asks_nobody(watched: ObjectsApi, counting: Between) -> None:
    watched("POST", body={"key": "k"}, query={"upload": "presigned"})
    watched("GET", query={"key": "k", "download": "presigned"})
    assert counting.asked == []


def test_a_url_is_for_one_request_and_a_while(api: ObjectsApi) -> None:
    upload = api("POST", body={"key": "k"}, query={"upload": "presigned"}).json
    query = {name: values[0] for name, values in parse_qs(urlsplit(upload["url"]).query).items()}
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert int(query["X-Amz-Expires"]) == upload["expires_in"] == 900
    assert query["X-Amz-SignedHeaders"] == "host"
    assert not [name for name in query if "checksum" in name.lower()]


def test_an_upload_may_be_for_new_objects_only(api: ObjectsApi) -> None:
    upload = api(
        "POST",
        body={"key": "new-only"},
        query={"upload": "presigned"},
        headers={"if-none-match": "*"},
    ).json
    assert upload["headers"] == {"If-None-Match": "*"}
    signed = parse_qs(urlsplit(upload["url"]).query)["X-Amz-SignedHeaders"]
    assert signed == ["host;if-none-match"]
    assert [sent(upload, b"x")[0] for _ in range(2)] == [200, 412]


def test_a_large_object_is_not_read_before_it_is_refused(
    watched: ObjectsApi, counting: Between, shared: Storage
) -> None:
    admin("s3", shared.endpoint).put_object(
        Bucket=shared.bucket_name, Key="refused", Body=bytes(MAX_BYTES + 1)
    )
    assert watched.read("refused").status == 413
    assert counting.asked == [f"GET /{shared.bucket_name}/refused"]
