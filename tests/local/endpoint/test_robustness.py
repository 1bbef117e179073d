"""Whatever is sent, the endpoint answers; and only what is signed rightly goes further."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudworthy.local.endpoint.server import AwsEndpoint
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import AllowAll
from cloudworthy.local.model.http import Request, Response
from local.endpoint.served import ACCOUNT, REGION, Calls

STORE = CredentialStore(ACCOUNT)
KEY = STORE.issue(f"arn:aws:iam::{ACCOUNT}:role/r", session_name="f")


class Reached:
    """A backend that only counts."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(200)


def answer(request: Request) -> tuple[Response, list[Request]]:
    backend = Reached()
    endpoint = AwsEndpoint(
        dynamodb=backend,
        services=backend,
        own={"lambda": backend.send},
        credentials=STORE,
        decider=AllowAll(),
        calls=Calls(),
        region=REGION,
    )
    return asyncio.run(endpoint.handle(request)), backend.requests


text = st.text(max_size=20)
latin = st.text(st.characters(max_codepoint=255), max_size=20)
scope = st.sampled_from(["dynamodb", "s3", "lambda", "sts", "sns", "monitoring", "é"])
content_types = st.sampled_from(
    ["application/x-amz-json-1.0", "application/x-www-form-urlencoded", "application/cbor", ""]
)


@settings(max_examples=150, deadline=None)
@given(latin, scope, latin, latin, content_types, st.binary(max_size=60), latin)
def test_a_forged_header_never_gets_through(
    date: str, service: str, names: str, value: str, content_type: str, body: bytes, target: str
) -> None:
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={KEY.access_key_id}/{date}/{REGION}/{service}/aws4_request,"
        f" SignedHeaders={names}, Signature={value}"
    )
    headers = [
        ("Authorization", authorization),
        ("X-Amz-Security-Token", KEY.session_token),
        ("Content-Type", content_type),
    ]
    if target:
        headers.append(("X-Amz-Target", target))
    response, reached = answer(Request("POST", "/a?b", headers, body))
    assert response.status in {400, 403}
    assert reached == []


@settings(max_examples=150, deadline=None)
@given(date=text, expires=text, names=text, value=text, old=st.booleans())
def test_a_forged_query_never_gets_through(
    date: str, expires: str, names: str, value: str, *, old: bool
) -> None:
    if old:
        fields = {"AWSAccessKeyId": KEY.access_key_id, "Expires": expires or "4102444800"}
        fields["Signature"] = value
    else:
        fields = {
            "X-Amz-Credential": f"{KEY.access_key_id}/20260101/r/s3/aws4_request",
            "X-Amz-Date": date or "20990101T000000Z",
            "X-Amz-Expires": expires or "604800",
            "X-Amz-SignedHeaders": names,
            "X-Amz-Signature": value,
        }
    fields["x-amz-security-token"] = KEY.session_token
    query = "&".join(f"{k}={quote(v, errors='replace')}" for k, v in fields.items())
    response, reached = answer(Request("GET", f"/bucket/key?{query}", [("Host", "x")]))
    assert response.status in {400, 403}
    assert reached == []


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "X"]),
    latin,
    st.lists(st.tuples(st.sampled_from(["X-Amz-Target", "Content-Type", "Host"]), latin)),
    st.binary(max_size=60),
)
def test_unsigned_requests_of_any_kind_are_answered(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    response, _ = answer(Request(method, f"/{target}", headers, body))
    assert 200 <= response.status < 600
