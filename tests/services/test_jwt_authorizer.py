"""The authorizer by JSON Web Token, with an issuer behind real HTTP."""

from __future__ import annotations

import base64
import io
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authorizer.json_document import IssuerUnavailableError
from authorizer.jwt_wiring import jwt_authorizer
from services.api import CONTEXT
from services.issuer import Issuer, private_key, public_jwk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW_S = 1_800_000_000.0
METHOD = "arn:aws:execute-api:us-east-1:111122223333:api/prod/GET/items/a/b"
STAGE = "arn:aws:execute-api:us-east-1:111122223333:api/prod/*"
BOTH_DOCUMENTS = ["/.well-known/openid-configuration", "/keys"]


@dataclass
class Seconds:
    now: float = NOW_S

    def __call__(self) -> float:
        return self.now


@dataclass
class Gatekeeper:
    """An authorizer with a clock that stands still unless it is told to move."""

    handler: Callable[[dict[str, Any], object], dict[str, Any]]
    log: io.StringIO
    seconds: Seconds = field(default_factory=Seconds)

    def __call__(self, authorization: str) -> dict[str, Any]:
        event = {"type": "TOKEN", "methodArn": METHOD, "authorizationToken": authorization}
        return self.handler(event, CONTEXT)

    def allows(self, token: str) -> bool:
        try:
            return bool(self(f"Bearer {token}")["policyDocument"])
        except Exception as error:
            if str(error) != "Unauthorized":
                raise
            return False


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture
def gatekeeper(issuer: Issuer) -> Gatekeeper:
    return gatekeeper_of(issuer.url)


def gatekeeper_of(issuer_url: str) -> Gatekeeper:
    log, seconds = io.StringIO(), Seconds()
    environment = {
        "JWT_ISSUER": issuer_url,
        "JWT_AUDIENCE": "page,tool",
        "POWERTOOLS_SERVICE_NAME": f"authorizer-{uuid.uuid4()}",
    }
    handler = jwt_authorizer(environment, log, now=seconds, monotonic=seconds)
    return Gatekeeper(handler, log, seconds)


@pytest.mark.parametrize("key", ["rsa", "ec"])
@pytest.mark.parametrize("scheme", ["Bearer ", "bearer  "])
def test_a_token_opens_every_route_of_the_stage(
    gatekeeper: Gatekeeper, issuer: Issuer, key: str, scheme: str
) -> None:
    assert gatekeeper(scheme + issuer.token(key, now_s=NOW_S)) == {
        "principalId": "someone",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": STAGE}],
        },
    }


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "tool"},
        {"aud": ["other", "tool"]},
        {"aud": None, "client_id": "page"},
        {"exp": NOW_S - 9},
        {"nbf": NOW_S + 9},
        {"iat": NOW_S + 9.5},
        {"iat": None},
    ],
)
def test_let_in(gatekeeper: Gatekeeper, issuer: Issuer, claims: dict[str, Any]) -> None:
    assert gatekeeper.allows(issuer.token(now_s=NOW_S, **claims))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": []},
        {"aud": None},
        {"aud": "other", "client_id": "page"},
        {"aud": {"page": 1}},
        {"aud": "page,tool"},
        {"iss": "https://id.example.org"},
        {"iss": None},
        {"exp": None},
        {"exp": NOW_S - 10},
        {"exp": "4102444800"},
        {"exp": True},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"nbf": NOW_S + 11},
        {"nbf": "soon"},
        {"iat": NOW_S + 11},
        {"iat": []},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
    ],
    ids=str,
)
def test_kept_out_by_a_claim(
    gatekeeper: Gatekeeper, issuer: Issuer, claims: dict[str, Any]
) -> None:
    assert not gatekeeper.allows(issuer.token(now_s=NOW_S, **claims))


def claims_of(issuer: Issuer) -> dict[str, Any]:
    return jwt.decode(issuer.token(now_s=NOW_S), options={"verify_signature": False})


def handmade(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_kept_out_by_the_signature(gatekeeper: Gatekeeper, issuer: Issuer) -> None:
    claims = claims_of(issuer)
    header, body, signature = issuer.token(now_s=NOW_S).split(".")
    changed = handmade({}, {**claims, "sub": "admin"}).split(".")[1]
    public = private_key("rsa").public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = [
        jwt.encode(claims, private_key("rsa-of-somebody-else"), "RS256", {"kid": "rsa"}),
        jwt.encode(claims, private_key("ec"), "ES256", {"kid": "rsa"}),
        jwt.encode(claims, private_key("rsa"), "PS256", {"kid": "rsa"}),
        jwt.encode(claims, private_key("rsa"), "RS512", {"kid": "rsa"}),
        jwt.encode(claims, private_key("rsa"), "RS256"),
        f"{header}.{changed}.{signature}",
        f"{header}.{body}.",
        f"{header}.{body}",
        handmade({"alg": "none", "kid": "rsa"}, claims),
        handmade({"alg": "None", "kid": "rsa"}, claims),
        handmade({"kid": "rsa"}, claims),
        handmade({"alg": "RS256", "kid": ["rsa"]}, claims),
        handmade({"alg": "RS256", "kid": "rsa", "jwk": public_jwk("rsa")}, claims, b"x" * 256),
    ]
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    unsigned = handmade({"alg": "HS256", "kid": "rsa"}, claims).rstrip(".")
    with_public_key = base64.urlsafe_b64encode(hmac.sign(unsigned.encode(), pem)).rstrip(b"=")
    forged.append(f"{unsigned}.{with_public_key.decode()}")
    assert [token for token in forged if gatekeeper.allows(token)] == []


NESTED = base64.urlsafe_b64encode(b"[" * 6000).decode()
GARBAGE = ["", "Bearer", "Bearer ", "Bearer a", "Bearer a.b.c", "Basic a.b.c", "Bearer null", "ü"]


@pytest.mark.parametrize("authorization", [*GARBAGE, f"Bearer {NESTED}.e30.e30"])
def test_garbage_is_kept_out_and_asks_nobody(
    gatekeeper: Gatekeeper, issuer: Issuer, authorization: str
) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        gatekeeper(authorization)
    assert issuer.requests == []


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text() | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_no_made_up_token_is_let_in(gatekeeper: Gatekeeper, token: str) -> None:
    assert not gatekeeper.allows(token)


def test_a_token_without_a_bearer_scheme_is_none(gatekeeper: Gatekeeper, issuer: Issuer) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        gatekeeper(issuer.token(now_s=NOW_S))


def test_keys_are_read_once_an_hour(gatekeeper: Gatekeeper, issuer: Issuer) -> None:
    for _ in range(3):
        assert gatekeeper.allows(issuer.token(now_s=NOW_S, exp=NOW_S + 9000))
        gatekeeper.seconds.now += 1100
    assert issuer.requests == BOTH_DOCUMENTS
    gatekeeper.seconds.now += 300
    assert gatekeeper.allows(issuer.token(now_s=NOW_S, exp=NOW_S + 9000))
    assert issuer.requests == BOTH_DOCUMENTS * 2


def test_a_new_key_is_looked_for_every_few_seconds_at_most(
    gatekeeper: Gatekeeper, issuer: Issuer
) -> None:
    assert gatekeeper.allows(issuer.token(now_s=NOW_S))
    for _ in range(3):
        assert not gatekeeper.allows(issuer.token("rsa-new", now_s=NOW_S))
    assert issuer.requests == BOTH_DOCUMENTS
    issuer.keys.append(public_jwk("rsa-new"))
    gatekeeper.seconds.now += 5
    assert gatekeeper.allows(issuer.token("rsa-new", now_s=NOW_S))
    assert issuer.requests == BOTH_DOCUMENTS * 2


def test_a_withdrawn_key_is_forgotten(gatekeeper: Gatekeeper, issuer: Issuer) -> None:
    assert gatekeeper.allows(issuer.token(now_s=NOW_S))
    issuer.keys[:] = [public_jwk("ec")]
    gatekeeper.seconds.now += 3600
    assert not gatekeeper.allows(issuer.token(now_s=gatekeeper.seconds.now))


def test_keys_that_are_of_no_use_are_passed_over(gatekeeper: Gatekeeper, issuer: Issuer) -> None:
    octets = {"kty": "oct", "kid": "rsa", "k": "c2VjcmV0", "alg": "HS256"}
    issuer.keys[:0] = [
        *("text", {}, octets, {"kty": "RSA", "kid": "x"}, {"kty": "OKP", "kid": "rsa"}),
        {**public_jwk("rsa-enc"), "use": "enc"},
        {**public_jwk("rsa-512"), "alg": "RS512"},
    ]
    assert gatekeeper.allows(issuer.token(now_s=NOW_S))
    for name in ("rsa-enc", "rsa-512"):
        assert not gatekeeper.allows(issuer.token(name, now_s=NOW_S))


def test_an_issuer_that_fails_is_an_error_and_asked_again_after_a_while(
    gatekeeper: Gatekeeper, issuer: Issuer
) -> None:
    issuer.status = 503
    for _ in range(3):
        with pytest.raises(IssuerUnavailableError):
            gatekeeper.allows(issuer.token(now_s=NOW_S))
    assert issuer.requests == BOTH_DOCUMENTS[:1]
    issuer.status = 200
    gatekeeper.seconds.now += 5
    assert gatekeeper.allows(issuer.token(now_s=NOW_S))


def test_known_keys_are_good_while_the_issuer_fails(gatekeeper: Gatekeeper, issuer: Issuer) -> None:
    assert gatekeeper.allows(issuer.token(now_s=NOW_S))
    issuer.status = 500
    gatekeeper.seconds.now += 10
    for _ in range(2):
        with pytest.raises(IssuerUnavailableError):
            gatekeeper.allows(issuer.token("rsa-new", now_s=NOW_S))
    assert gatekeeper.allows(issuer.token(now_s=NOW_S))


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://id.example.org"},
        {"jwks_uri": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://id.example.org/keys"},
        {"jwks_uri": "http://127.0.0.1:0x1/keys"},
        {"jwks_uri": "/keys"},
    ],
)
def test_a_configuration_that_cannot_be_trusted(
    gatekeeper: Gatekeeper, issuer: Issuer, configuration: dict[str, Any]
) -> None:
    issuer.configuration |= configuration
    with pytest.raises(IssuerUnavailableError):
        gatekeeper.allows(issuer.token(now_s=NOW_S))


@pytest.mark.parametrize("url", ["http://id.example.org", "ftp://127.0.0.1", "https://127.0.0.1:1"])
def test_an_issuer_nobody_can_ask_safely(issuer: Issuer, url: str) -> None:
    with pytest.raises(IssuerUnavailableError):
        gatekeeper_of(url).allows(issuer.token(now_s=NOW_S))


def test_no_token_is_logged(gatekeeper: Gatekeeper, issuer: Issuer) -> None:
    good, expired = issuer.token(now_s=NOW_S), issuer.token(now_s=NOW_S, exp=1, jti="CANARY")
    for token in (good, expired, "x.CANARY.z"):
        gatekeeper.allows(token)
    lines = [json.loads(line) for line in gatekeeper.log.getvalue().splitlines()]
    assert [line["allowed"] for line in lines] == [True, False, False]
    assert [line.get("reason") for line in lines] == [None, "expired", "DecodeError"]
    for text in ("CANARY", "Bearer", *good.split("."), *expired.split(".")):
        assert text not in gatekeeper.log.getvalue()
