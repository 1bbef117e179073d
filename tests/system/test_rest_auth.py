"""REST systems whose callers show tokens, or sign, from the settings to the answer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from running_system import RunningSystem, start_system, wait_until
from services.issuer import Issuer
from synthesized import synthesize_only

NEW = {"id": "one", "data": {"n": 1}}


# What the module fixtures start is started once.
pytestmark = pytest.mark.xdist_group("rest-auth")


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Path:
    settings = {
        "automation:auth": "jwt",
        "automation:jwt_issuer": issuer.url,
        "automation:jwt_audience": "page",
        "crud-api:auth": "iam",
    }
    directory = tmp_path_factory.mktemp("assembly")
    return synthesize_only(directory, "automation", "crud-api", **settings)


@pytest.fixture(scope="module")
def by_token(tmp_path_factory: pytest.TempPathFactory, assembly: Path) -> Iterator[RunningSystem]:
    directory = tmp_path_factory.mktemp("by-token")
    arguments = ("--assembly", str(assembly), "--stack", "automation")
    with start_system(directory, *arguments) as system:
        yield system


@pytest.fixture(scope="module")
def by_signature(
    tmp_path_factory: pytest.TempPathFactory, assembly: Path
) -> Iterator[RunningSystem]:
    directory = tmp_path_factory.mktemp("by-signature")
    arguments = ("--assembly", str(assembly), "--stack", "crud-api")
    with start_system(directory, *arguments) as system:
        yield system


def test_a_token_opens_all_routes(by_token: RunningSystem, issuer: Issuer) -> None:
    headers = bearer(issuer)
    made = by_token.request("POST", "/", NEW, headers=headers, key=False)
    assert made.status == 201, made.data
    for path in ("/", "/one"):
        assert by_token.request("GET", path, headers=headers, key=False).status == 200
    assert len(issuer.requests) == 2


@pytest.mark.parametrize("claims", [{"aud": "other"}, {"exp": 1}, {"iss": "https://other"}])
def test_a_token_that_is_not_good_opens_nothing(
    by_token: RunningSystem, issuer: Issuer, claims: dict[str, Any]
) -> None:
    for headers in (bearer(issuer, **claims), {}):
        refused = by_token.request("POST", "/", NEW, headers=headers, key=False)
        assert (refused.status, refused.json()["error"]["code"]) == (401, "unauthorized")
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.headers["access-control-allow-origin"] == "*"
    assert by_token.request("OPTIONS", "/", key=False).status == 204


def test_a_key_of_idempotency_belongs_to_its_caller(
    by_token: RunningSystem, issuer: Issuer
) -> None:
    made = {
        subject: by_token.request(
            "POST",
            "/",
            {"data": {}},
            headers={**bearer(issuer, sub=subject), "idempotency-key": "k-1"},
            key=False,
        ).json()["id"]
        for subject in ("ann", "bob")
    }
    assert made["ann"] != made["bob"]


def test_an_issuer_that_is_silent_lets_nobody_in(by_token: RunningSystem, issuer: Issuer) -> None:
    """A moment after it was last asked, when an unknown key is reason to ask again."""
    token = issuer.token("rsa-new", now_s=int(time.time()))
    headers = {"authorization": f"Bearer {token}"}

    def answer() -> urllib3.BaseHTTPResponse:
        return by_token.request("GET", "/", headers=headers, key=False)

    issuer.status = 503
    wait_until(lambda: answer().status != 401)
    assert (answer().status, answer().json()["error"]["code"]) == (500, "internal_error")
    issuer.status = 200
    wait_until(lambda: answer().status == 401)


def test_a_signature_opens_the_api(by_signature: RunningSystem) -> None:
    made = signed(by_signature, "POST", "/items", {"name": "one"})
    assert made.status == 201, made.data
    item_id = made.json()["id"]
    assert signed(by_signature, "GET", f"/items/{item_id}").json()["name"] == "one"


def test_without_a_good_signature_nothing_opens(by_signature: RunningSystem) -> None:
    unsigned = by_signature.request("GET", "/items", key=False)
    assert unsigned.status == 403
    assert unsigned.json()["error"]["message"] == "A signed request is required."
    for authorization in ("Bearer a.b.c", "AWS4-HMAC-SHA256 Credential=test"):
        headers = {"authorization": authorization}
        refused = by_signature.request("GET", "/items", headers=headers, key=False)
        assert refused.status == 403
        assert refused.json()["error"]["code"] in ("forbidden", "bad_request")
    assert by_signature.request("OPTIONS", "/items", key=False).status == 204


def bearer(issuer: Issuer, **claims: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {issuer.token(now_s=int(time.time()), **claims)}"}


def signed(system: RunningSystem, method: str, path: str, body: Any = None) -> Any:
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = AWSRequest(method, system.api_url + path, headers, data)
    SigV4Auth(Credentials("test", "test"), "execute-api", "us-east-1").add_auth(request)
    sent = dict(request.headers.items())
    return system.request(method, path, data or None, headers=sent, key=False)
