"""Signatures, with botocore as the signer: what it signs is valid, anything else is not."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudworthy.local.endpoint import signature
from cloudworthy.local.endpoint.call import AwsError, SignatureKind
from cloudworthy.local.endpoint.parse import parse_signature
from cloudworthy.local.model.http import Request

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "http://127.0.0.1:4566"
SIGNERS = {"dynamodb": SigV4Auth, "s3": S3SigV4Auth}

segment = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda text: text not in {".", ".."}
)
value = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)


def signed(signer: Any, method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    request = AWSRequest(method, HOST + target, headers=headers, data=body)
    request.context["payload_signing_enabled"] = True
    signer.add_auth(request)
    prepared = request.prepare()
    found = [(str(name), str(value)) for name, value in prepared.headers.items()]
    found.append(("Host", "127.0.0.1:4566"))
    return Request(method, prepared.url.removeprefix(HOST), found, body)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(SIGNERS)),
    st.sampled_from(["GET", "POST", "PUT"]),
    st.lists(segment, max_size=3),
    st.dictionaries(segment, segment, max_size=3),
    st.dictionaries(
        st.sampled_from(["X-Amz-A", "x-amz-b"]), value.map(lambda v: f"v  {v} "), max_size=2
    ),
    st.binary(max_size=20),
)
def test_what_botocore_signs_is_valid(
    service: str,
    method: str,
    path: list[str],
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
) -> None:
    target = "/" + "/".join(quote(part, safe="~") for part in path)
    if query:
        target += "?" + "&".join(
            f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in query.items()
        )
    signer = SIGNERS[service](Credentials("AKIAX", SECRET), service, "us-east-1")
    request = signed(signer, method, target, headers, body)
    found = parse_signature(request)
    assert (found.access_key_id, found.region, found.service) == ("AKIAX", "us-east-1", service)
    assert signature.is_valid(request, found, SECRET)
    assert not signature.is_valid(request, found, SECRET + "x")
    other = Request("PATCH", request.target, request.headers, body)
    assert not signature.is_valid(other, found, SECRET)


@pytest.mark.parametrize("change", ["header", "query", "path", "body"])
def test_any_change_makes_it_invalid(change: str) -> None:
    signer = SigV4Auth(Credentials("AKIAX", SECRET), "dynamodb", "us-east-1")
    request = signed(signer, "POST", "/a?b=c", {"X-Amz-Target": "T"}, b"body")
    found = parse_signature(request)
    assert signature.is_valid(request, found, SECRET)
    if change == "header":
        request.headers = [(k, "U" if k == "X-Amz-Target" else v) for k, v in request.headers]
    elif change == "body":
        request.body = b"bodY"
    else:
        old, new = ("b=c", "b=d") if change == "query" else ("/a", "/b")
        request.target = request.target.replace(old, new)
    assert not signature.is_valid(request, found, SECRET)


def test_presigned_queries() -> None:
    signer = SigV4QueryAuth(Credentials("AKIAX", SECRET, "tok+/="), "sts", "us-east-1")
    request = signed(signer, "GET", "/?Action=GetCallerIdentity", {}, b"")
    request.headers = [("Host", "127.0.0.1:4566")]
    found = parse_signature(request)
    assert found.kind is SignatureKind.V4_QUERY
    assert signature.is_valid(request, found, SECRET)


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/20260101/r/s/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 ===,,,",
    ],
)
def test_what_cannot_be_read_is_incomplete(authorization: str) -> None:
    request = Request("GET", "/", [("Authorization", authorization)])
    with pytest.raises(AwsError) as caught:
        parse_signature(request)
    assert (caught.value.code, caught.value.status) == ("IncompleteSignature", 400)


@pytest.mark.parametrize("query", ["prefix=AWSAccessKeyId=x", "prefix=X-Amz-Credential=x"])
def test_the_value_of_a_field_is_no_signature(query: str) -> None:
    assert parse_signature(Request("GET", f"/b?{query}", [])).kind is SignatureKind.NONE


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_else_breaks_the_parser(authorization: str, query: str) -> None:
    for headers in ([("Authorization", authorization)], []):
        with suppress(AwsError):
            signature = parse_signature(Request("GET", f"/?{query}", headers))
            assert isinstance(signature.kind, SignatureKind)
