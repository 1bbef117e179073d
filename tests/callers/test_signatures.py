"""Every way to come without a good signature to a method, or a route, of AWS_IAM.

Sources of what AWS answers: IAM user guide, "Troubleshoot signed requests for AWS APIs"
(documented); facts rest-authorizers-018, rest-errors-022. That HTTP APIs answer all of it with
a bare 403 is assumed from reports.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from callers.signing import ShiftedClock, Signed, presign, sign
from callers.tokens import GARBAGE, MUTATIONS, mutations
from cloudworthy.local.apigateway.definition import AuthorizationType, MethodAuthorization
from cloudworthy.local.apigateway.http.definition import IamAuthorization
from cloudworthy.local.gateway_signatures import GatewaySignatures
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import AllowAll
from cloudworthy.local.model import identity
from local.apigateway import serving as rest
from local.apigateway.http import serving as http

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLOCK = ShiftedClock()
STORE = CredentialStore(rest.ACCOUNT, clock=CLOCK)
SIGNATURES = GatewaySignatures(STORE, region=rest.REGION, clock=CLOCK, decider=AllowAll())
ROLE = f"arn:aws:iam::{rest.ACCOUNT}:role/caller"
KEYS = STORE.issue(ROLE, session_name="me")
OTHERS = STORE.issue(ROLE, session_name="other")

MISSING = "MissingAuthenticationTokenException"
INVALID = "InvalidSignatureException"
INCOMPLETE = "IncompleteSignatureException"
UNKNOWN = "UnrecognizedClientException"
EXPIRED = "ExpiredTokenException"


@dataclass
class Guarded:
    served: rest.Served
    by_http: http.Served

    @property
    def port(self) -> int:
        return self.served.client.port

    async def both(self, signed: Signed) -> tuple[int, str]:
        """Status and error type of the REST API; the HTTP API has to refuse as well."""
        rest_calls, http_calls = self.served.functions.requests, self.by_http.functions.requests
        before = len(rest_calls), len(http_calls)
        what = (signed.method, signed.target, signed.sent_headers(), signed.body)
        response = await self.served.send(*what)
        by_http = await self.by_http.send(*what)
        assert (len(rest_calls), len(http_calls)) == before
        assert (by_http.status, json.loads(by_http.body)) == (403, {"message": "Forbidden"})
        assert isinstance(json.loads(response.body)["message"], str)
        return response.status, response.header("x-amzn-ErrorType") or ""

    async def passes(self, signed: Signed) -> bool:
        """Whether the REST API lets it in."""
        response = await self.served.send(
            signed.method, signed.target, signed.sent_headers(), signed.body
        )
        return response.status == 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guarded() -> AsyncIterator[Guarded]:
    iam = MethodAuthorization(AuthorizationType.AWS_IAM)
    method = rest.proxy_method(authorization=iam)
    api = rest.rest_api("/x", "/y", methods=(method,))
    routes = [http.route(f"ANY /stage/{name}", http.V2, IamAuthorization()) for name in "xy"]
    http_api = http.http_api(*routes)
    async with (
        rest.serving(api, signatures=SIGNATURES) as served,
        http.serving(http_api, signatures=SIGNATURES) as by_http,
    ):
        yield Guarded(served, by_http)


def _changed_key(key: str) -> identity.Credentials:
    return identity.Credentials(key, KEYS.secret_access_key, KEYS.session_token)


REFUSED: dict[str, tuple[Callable[[int], Signed], str]] = {
    "nothing": (lambda _: Signed("GET", "/stage/x", ()), MISSING),
    "empty": (lambda _: Signed("GET", "/stage/x", (("Authorization", ""),)), MISSING),
    "a token": (
        lambda _: Signed("GET", "/stage/x", (("Authorization", "Bearer a.b.c"),)), INCOMPLETE,
    ),
    "8 KB of garbage": (
        lambda _: Signed("GET", "/stage/x", (("Authorization", GARBAGE),)), INCOMPLETE,
    ),
    "8 KB after the algorithm": (
        lambda port: sign(port, KEYS).with_header("Authorization", f"AWS4-HMAC-SHA256 {GARBAGE}"),
        INCOMPLETE,
    ),
    "signature version 2": (
        lambda port: sign(port, KEYS).with_header("Authorization", f"AWS {KEYS.access_key_id}:x="),
        INCOMPLETE,
    ),
    "signature version 2 in the query": (
        lambda _: Signed("GET", "/stage/x?AWSAccessKeyId=AKIA&Signature=x&Expires=9999999999", ()),
        MISSING,
    ),
    "no signature": (
        lambda port: _edited(port, r", Signature=.*", ""), INCOMPLETE,
    ),
    "empty signature": (lambda port: _edited(port, r"(Signature=).*", r"\1"), INCOMPLETE),
    "no credential": (lambda port: _edited(port, r"Credential=[^,]*, ", ""), INCOMPLETE),
    "no signed headers": (lambda port: _edited(port, r"SignedHeaders=[^,]*, ", ""), INCOMPLETE),
    "another terminator": (lambda port: _edited(port, "/aws4_request", "/aws5_request"), INVALID),
    "host not signed": (lambda port: _edited(port, r"host;", ""), INVALID),
    "fewer signed headers": (lambda port: _edited(port, r";x-amz-security-token", ""), INVALID),
    "scope of another day": (lambda port: _edited(port, r"/\d{8}/", "/20200101/"), INVALID),
    "another service": (lambda port: sign(port, KEYS, service="s3"), INVALID),
    "service renamed": (
        lambda port: _edited(port, "/execute-api/", "/execute-api2/"), INVALID,
    ),
    "another region": (lambda port: sign(port, KEYS, region="eu-west-1"), INVALID),
    "wrong secret": (
        lambda port: sign(port, replace(KEYS, secret_access_key="made-up")), INVALID,
    ),
    "secret of another": (
        lambda port: sign(port, replace(KEYS, secret_access_key=OTHERS.secret_access_key)), INVALID,
    ),
    "no session token": (lambda port: sign(port, replace(KEYS, session_token="")), UNKNOWN),
    "token of another": (
        lambda port: sign(port, replace(KEYS, session_token=OTHERS.session_token)), UNKNOWN,
    ),
    "token taken out": (
        lambda port: sign(port, KEYS).with_header("X-Amz-Security-Token", None), UNKNOWN,
    ),
    "guessed key": (lambda port: sign(port, _changed_key("ASIACLDWAAAAAAAAAAAA")), UNKNOWN),
    "no date": (lambda port: sign(port, KEYS).with_header("X-Amz-Date", None), INCOMPLETE),
    "a date that is none": (
        lambda port: sign(port, KEYS).with_header("X-Amz-Date", "20261332T000000Z"), INCOMPLETE,
    ),
    "another path": (lambda port: sign(port, KEYS).but(target="/stage/y"), INVALID),
    "another query": (lambda port: sign(port, KEYS).but(target="/stage/x?all=1"), INVALID),
    "query taken out": (
        lambda port: sign(port, KEYS, "/stage/x?limit=1").but(target="/stage/x"), INVALID,
    ),
    "another method": (lambda port: sign(port, KEYS).but(method="DELETE"), INVALID),
    "another body": (
        lambda port: sign(port, KEYS, method="POST", body=b"1").but(body=b"2"), INVALID,
    ),
    "body put in": (lambda port: sign(port, KEYS, method="POST").but(body=b"2"), INVALID),
    "body not signed": (
        lambda port: sign(
            port, KEYS, method="POST", body=b"1",
            headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"},
        ),
        INVALID,
    ),
    "signed header changed": (
        lambda port: sign(port, KEYS, headers={"x-amz-meta": "a"}).with_header("x-amz-meta", "b"),
        INVALID,
    ),
    "signed header twice": (
        lambda port: sign(port, KEYS, headers={"x-amz-meta": "a"}).but(
            headers=(*sign(port, KEYS, headers={"x-amz-meta": "a"}).headers, ("x-amz-meta", "b"))
        ),
        INVALID,
    ),
    "another host": (lambda port: sign(port, KEYS).with_header("Host", "127.0.0.1:1"), INVALID),
    "two signatures": (
        lambda port: sign(port, KEYS).but(
            headers=(*sign(port, KEYS).headers, ("Authorization", "AWS4-HMAC-SHA256 x=y"))
        ),
        INVALID,
    ),
    "wrong signature first": (
        lambda port: sign(port, KEYS).but(
            headers=(("Authorization", "Bearer x"), *sign(port, KEYS).headers)
        ),
        MISSING,
    ),
}  # fmt: skip


def _edited(port: int, pattern: str, replacement: str) -> Signed:
    signed = sign(port, KEYS)
    header = re.sub(pattern, replacement, signed.header("Authorization"), count=1)
    assert header != signed.header("Authorization")
    return signed.with_header("Authorization", header)


@pytest.mark.parametrize("made", REFUSED)
async def test_refused(guarded: Guarded, made: str) -> None:
    make, error_type = REFUSED[made]
    assert await guarded.both(make(guarded.port)) == (403, error_type)


@pytest.mark.parametrize(
    ("ahead_s", "passes"), [(0, True), (290, True), (310, False), (-310, False)]
)
async def test_a_signature_is_good_for_five_minutes(
    guarded: Guarded, ahead_s: float, *, passes: bool
) -> None:
    signed = sign(guarded.port, KEYS)
    CLOCK.ahead_s = ahead_s
    try:
        assert await guarded.passes(signed) is passes
        if not passes:
            assert await guarded.both(signed) == (403, INVALID)
    finally:
        CLOCK.ahead_s = 0


async def test_credentials_that_have_ended(guarded: Guarded) -> None:
    keys = STORE.issue(ROLE, session_name="me", lifetime=timedelta(seconds=60))
    assert await guarded.passes(sign(guarded.port, keys))
    CLOCK.ahead_s = 61
    try:
        assert await guarded.both(sign(guarded.port, keys)) == (403, EXPIRED)
    finally:
        CLOCK.ahead_s = 0


async def test_a_signature_in_the_query(guarded: Guarded) -> None:
    signed = presign(guarded.port, KEYS, "/stage/x", lifetime_s=120)
    assert await guarded.passes(signed)
    moved = signed.but(target=signed.target.replace("/x?", "/y?"))
    assert await guarded.both(moved) == (403, INVALID)
    assert (await guarded.both(signed.but(target=signed.target + "&all=1")))[0] == 403
    CLOCK.ahead_s = 121
    try:
        assert (await guarded.both(signed))[0] == 403
    finally:
        CLOCK.ahead_s = 0


async def test_names_of_headers_in_any_case(guarded: Guarded) -> None:
    signed = sign(guarded.port, KEYS)
    shouting = tuple((name.upper(), value) for name, value in signed.headers)
    assert await guarded.passes(signed.but(headers=shouting))
    assert await guarded.passes(signed.but(headers=(*signed.headers, ("X-Other", "1"))))


@settings(max_examples=MUTATIONS, deadline=None)
@given(data=st.data())
async def test_no_mutation_of_a_signature_gets_through(
    guarded: Guarded, data: st.DataObject
) -> None:
    """But for the key's prefix: with another key one is the person at the machine.

    Nor does it matter whether there is a space after a comma.
    """
    signed = sign(guarded.port, KEYS)
    header = signed.header("Authorization")
    keep = header.index(KEYS.access_key_id) + len("ASIACLDW")
    mutated = data.draw(
        mutations(header, keep=keep).filter(lambda it: _spaced(it) != _spaced(header))
    )
    status, _ = await guarded.both(signed.with_header("Authorization", mutated))
    assert status == 403


def _spaced(header: str) -> str:
    return re.sub(r",\s*", ", ", header)
