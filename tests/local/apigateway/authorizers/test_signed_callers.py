"""Callers that sign, and what the policies of their role let them invoke."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cloudworthy.local.apigateway.definition import AuthorizationType, MethodAuthorization
from cloudworthy.local.apigateway.http.definition import IamAuthorization
from cloudworthy.local.gateway_signatures import GatewaySignatures
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.model import identity
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.permissions.decider import Mode
from cloudworthy.local.permissions.service import Permissions
from cloudworthy.local.permissions.usage import IAM_FILE, read_uses
from facts.rest.test_iam import with_policy
from local.apigateway.http import serving as http
from local.apigateway.raw_client import Headers
from local.apigateway.serving import ACCOUNT, REGION, proxy_method, rest_api, serving
from local.permissions.deployed import allow, deployment, document, resource

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/caller"
IAM = MethodAuthorization(AuthorizationType.AWS_IAM)
REST = rest_api("/x", "/y", methods=(proxy_method(authorization=IAM),))
METHOD_ARN = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{REST.api_id}/stage/GET/x"
INVOKE = "execute-api:Invoke"


class Signers:
    """Permissions of one mode, and who signs under them."""

    def __init__(self, mode: Mode, directory: Path) -> None:
        self.permissions = Permissions(mode, directory, ACCOUNT, SystemClock())
        self._store = CredentialStore(ACCOUNT)
        self._issued = self._store.issue(ROLE_ARN, session_name="me", function_logical_id="Me")
        self.signatures = GatewaySignatures(
            self._store, region=REGION, clock=SystemClock(), decider=self.permissions.decider
        )

    def grant(self, *statements: dict[str, Any]) -> None:
        """Give the role these statements and no others."""
        policies = [{"PolicyName": "P", "PolicyDocument": document(*statements)}]
        properties = {"Policies": policies} if statements else {}
        role = resource("AWS::IAM::Role", "Role", "caller", properties, Arn=ROLE_ARN)
        self.permissions.replace(deployment(role))

    def sign(self, port: int, target: str, issued: identity.Credentials | None = None) -> Headers:
        keys = issued or self._issued
        request = AWSRequest("GET", f"http://127.0.0.1:{port}{target}")
        token = keys.session_token or None
        credentials = Credentials(keys.access_key_id, keys.secret_access_key, token)
        SigV4Auth(credentials, "execute-api", REGION).add_auth(request)
        return list(request.headers.items())


def uses_in(directory: Path) -> list[tuple[str, str, str, str]]:
    found = read_uses(directory / IAM_FILE, since_start=True)
    return [(use.function, use.action, use.resource, use.outcome) for use in found]


@pytest.fixture
def enforced(tmp_path: Path) -> Iterator[Signers]:
    signers = Signers(Mode.ENFORCE, tmp_path)
    yield signers
    signers.permissions.close()


async def rest_status(signers: Signers, path: str = "/x", **options: Any) -> tuple[int, str]:
    async with serving(options.get("api", REST), signatures=signers.signatures) as served:
        target = f"/stage{path}"
        headers = signers.sign(served.client.port, target, options.get("issued"))
        response = await served.get(target, *headers)
        called = bool(served.functions.requests)
    assert called is (response.status == 200)
    return response.status, json.loads(response.body).get("Message", "")


async def test_a_role_invokes_the_methods_that_its_policies_allow(tmp_path: Path) -> None:
    signers = Signers(Mode.ENFORCE, tmp_path)
    signers.grant(allow(INVOKE, METHOD_ARN))
    assert await rest_status(signers) == (200, "")
    assert (await rest_status(signers, "/y"))[0] == 403
    signers.grant(allow(INVOKE, METHOD_ARN.replace("/stage/", "/other/")))
    assert (await rest_status(signers))[0] == 403
    signers.permissions.close()
    assert uses_in(tmp_path) == [
        ("Me", INVOKE, METHOD_ARN, "allowed"),
        ("Me", INVOKE, METHOD_ARN, "denied"),
        ("Me", INVOKE, METHOD_ARN.replace("GET/x", "GET/y"), "denied"),
    ]


async def test_a_refusal_is_in_the_words_of_aws(enforced: Signers) -> None:
    enforced.grant()
    masked = METHOD_ARN.replace(f":{ACCOUNT}:", f":********{ACCOUNT[-4:]}:")
    who = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/caller/me is not authorized to perform: "
    reason = f"because no identity-based policy allows the {INVOKE} action"
    assert await rest_status(enforced) == (403, f"{who}{INVOKE} on resource: {masked} {reason}")
    enforced.grant(allow(INVOKE, "*"), {**allow(INVOKE, "*"), "Effect": "Deny"})
    assert await rest_status(enforced) == (
        403,
        f"{who}{INVOKE} on resource: {masked} with an explicit deny in an identity-based policy",
    )


async def test_the_policy_of_an_api_lets_a_role_in_but_not_past_an_explicit_deny(
    enforced: Signers,
) -> None:
    api = with_policy({"AWS": ROLE_ARN}, AuthorizationType="AWS_IAM")
    enforced.grant()
    assert (await rest_status(enforced, api=api))[0] == 200
    enforced.grant({**allow(INVOKE, "*"), "Effect": "Deny"})
    assert (await rest_status(enforced, api=api))[0] == 403
    other = with_policy({"AWS": f"{ROLE_ARN}2"}, AuthorizationType="AWS_IAM")
    enforced.grant()
    assert (await rest_status(enforced, api=other))[0] == 403


async def test_the_person_at_the_machine_needs_no_permission(enforced: Signers) -> None:
    enforced.grant()
    person = identity.Credentials("AKIAPERSON", "any", "")
    assert (await rest_status(enforced, issued=person))[0] == 200


@pytest.mark.parametrize(
    ("mode", "outcome"), [(Mode.AUDIT, ["would be denied"]), (Mode.OFF, [])], ids=["audit", "off"]
)
async def test_other_modes_let_a_signed_caller_through(
    tmp_path: Path, mode: Mode, outcome: list[str]
) -> None:
    signers = Signers(mode, tmp_path)
    signers.grant()
    assert (await rest_status(signers))[0] == 200
    signers.permissions.close()
    assert [use[-1] for use in uses_in(tmp_path)] == outcome


async def test_a_route_of_an_http_api_is_forbidden_without_permission(enforced: Signers) -> None:
    api = http.http_api(http.route("GET /x/{id}", http.V2, IamAuthorization()))
    arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.api_id}/$default/GET/x/a b"
    answers = []
    async with http.serving(api, signatures=enforced.signatures) as served:
        for granted in (arn, arn.replace("a b", "c")):
            enforced.grant(allow(INVOKE, granted))
            headers = enforced.sign(served.client.port, "/x/a%20b")
            answers.append(await served.get("/x/a%20b", *headers))
    assert [it.status for it in answers] == [200, 403]
    assert json.loads(answers[1].body) == {"message": "Forbidden"}
