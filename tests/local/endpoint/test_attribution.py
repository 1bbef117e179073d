"""Whose call is it: attribution of SDK calls to the roles of functions."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cloudworthy.local.endpoint.server import AwsEndpoint
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import AllowAll, ApiCall, Decision
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.identity import Credentials
from cloudworthy.local.wire.server import HttpServer
from local.endpoint.served import ACCOUNT, PERSON, REGION, Calls, Served, client_for, fetch

ONE_TRY = Config(retries={"total_max_attempts": 1})


def test_a_function_s_calls_are_its_role_s(aws: Served) -> None:
    identity = aws.client("sts", aws.role("api")).get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/api-role/api"
    assert identity["UserId"].startswith("AROA")
    assert identity["UserId"].endswith(":api")


def test_unknown_keys_are_the_person_at_the_machine(aws: Served) -> None:
    identity = aws.client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert identity["UserId"] == ACCOUNT


def test_every_call_is_reported_with_function_operation_and_status(aws: Served) -> None:
    aws.calls.records.clear()
    role = aws.role("reporter")
    aws.client("dynamodb", role).list_tables()
    aws.client("s3", role).list_buckets()
    with pytest.raises(ClientError):
        aws.client("dynamodb", role).describe_table(TableName="none")
    aws.client("lambda", role).invoke(FunctionName="other")
    found = [(r.service, r.operation, r.status) for r in aws.calls.records]
    assert found == [
        ("dynamodb", "ListTables", 200),
        ("s3", "ListBuckets", 200),
        ("dynamodb", "DescribeTable", 400),
        ("lambda", "Invoke", 200),
    ]
    assert {r.function_logical_id for r in aws.calls.records} == {"reporter"}
    assert all(0 < r.latency_ms < 60_000 for r in aws.calls.records)


def test_a_function_keeps_its_credentials_until_they_are_revoked() -> None:
    store = CredentialStore(ACCOUNT)
    function = Function(
        "Api", "S/Api", "api", "arn", "arn:aws:iam::0:role/r", "python3.13", "h.h", Path("/")
    )
    first = store.credentials_of(function)
    assert store.credentials_of(function) is first
    store.revoke(first)
    assert store.credentials_of(function) != first
    assert store.find(first.access_key_id) is None


@pytest.mark.parametrize(
    ("service", "call", "code", "status"),
    [
        ("dynamodb", "list_tables", "UnrecognizedClientException", 400),
        ("secretsmanager", "list_secrets", "UnrecognizedClientException", 400),
        ("sqs", "list_queues", "UnrecognizedClientException", 400),
        ("lambda", "list_functions", "UnrecognizedClientException", 403),
        ("sns", "list_topics", "InvalidClientTokenId", 403),
        ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
        ("s3", "list_buckets", "InvalidAccessKeyId", 403),
        ("cloudwatch", "list_metrics", "UnrecognizedClientException", 400),
    ],
)
def test_a_revoked_key_is_refused_in_the_service_s_words(
    aws: Served, service: str, call: str, code: str, status: int
) -> None:
    role = aws.role("gone")
    aws.credentials.revoke(role)
    error = _error_of(aws, service, call, role)
    assert error["Error"]["Code"] == code
    assert error["ResponseMetadata"]["HTTPStatusCode"] == status
    assert error["Error"]["Message"]


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("dynamodb", "list_tables", "InvalidSignatureException"),
        ("lambda", "list_functions", "InvalidSignatureException"),
        ("sns", "list_topics", "SignatureDoesNotMatch"),
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_secret_is_refused(aws: Served, service: str, call: str, code: str) -> None:
    role = aws.role("mistaken")
    forged = Credentials(role.access_key_id, "not the secret", role.session_token)
    assert _error_of(aws, service, call, forged)["Error"]["Code"] == code


def test_a_missing_session_token_is_refused(aws: Served) -> None:
    role = aws.role("tokenless")
    bare = Credentials(role.access_key_id, role.secret_access_key, "")
    code = _error_of(aws, "dynamodb", "list_tables", bare)["Error"]["Code"]
    assert code == "UnrecognizedClientException"


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("dynamodb", "list_tables", "ExpiredTokenException"),
        ("sns", "list_topics", "ExpiredToken"),
        ("s3", "list_buckets", "ExpiredToken"),
    ],
)
def test_expired_credentials_are_refused(aws: Served, service: str, call: str, code: str) -> None:
    role = aws.credentials.issue(
        "arn:aws:iam::000000000000:role/r", session_name="s", lifetime=timedelta(0)
    )
    assert _error_of(aws, service, call, role)["Error"]["Code"] == code


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls_work_for_whoever_holds_them(aws: Served, version: str) -> None:
    location = {"LocationConstraint": REGION}
    aws.client("s3").create_bucket(Bucket=f"signed-{version}", CreateBucketConfiguration=location)
    s3 = aws.client("s3", aws.role("signer"), config=Config(signature_version=version))
    object_ = {"Bucket": f"signed-{version}", "Key": "a b/ä+c.txt"}
    upload = s3.generate_presigned_url("put_object", Params=object_)
    assert fetch(upload, method="PUT", body=b"data").status == 200
    aws.calls.records.clear()
    disposition = 'inline; x="y"'
    download = s3.generate_presigned_url(
        "get_object", Params={**object_, "ResponseContentDisposition": disposition}
    )
    answer = fetch(download)
    assert (answer.status, answer.body) == (200, b"data")
    assert answer.headers["Content-Disposition"] == disposition
    (record,) = aws.calls.records
    assert (record.function_logical_id, record.operation) == ("signer", "GetObject")
    for damaged in (download.replace("/signed", "/signeX"), download.replace("inline", "x")):
        refused = fetch(damaged)
        assert refused.status == 403
        assert b"<Code>SignatureDoesNotMatch</Code>" in refused.body


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls_end(aws: Served, version: str) -> None:
    s3 = aws.client("s3", aws.role("late"), config=Config(signature_version=version))
    url = s3.generate_presigned_url(
        "get_object", Params={"Bucket": "any", "Key": "k"}, ExpiresIn=-5
    )
    answer = fetch(url)
    assert answer.status == 403
    assert b"Request has expired" in answer.body


def test_a_body_that_was_changed_on_the_way_is_refused(aws: Served) -> None:
    role = aws.role("tampered")
    client = aws.client("dynamodb", role, config=ONE_TRY)

    def change(request: Any, **_: Any) -> None:
        request.body = request.body.replace(b"1", b"2")

    client.meta.events.register_last("before-send.dynamodb.ListTables", change)
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        client.list_tables(Limit=1)


def test_a_signature_that_cannot_be_read_is_said_to_be_incomplete(aws: Served) -> None:
    headers = {
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
        "Authorization": "AWS4-HMAC-SHA256 Credential=x",
    }
    url = f"http://127.0.0.1:{aws.port}/"
    answer = fetch(url, method="POST", body=b"{}", headers=headers)
    assert answer.status == 400
    assert b"IncompleteSignature" in answer.body


class Unreachable:
    """A backend that must not be asked."""

    async def send(self, request: Request) -> Response:
        raise AssertionError(request.target)


class DenyAll:
    """Denies every operation, to see that a decision is asked for and obeyed."""

    description = "for this test"

    def __init__(self) -> None:
        self.asked: list[ApiCall] = []

    async def decide(self, call: ApiCall) -> Decision:
        self.asked.append(call)
        return Decision(allowed=False, message=f"{call.principal.arn} may not {call.operation}")


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("dynamodb", "list_tables", "AccessDeniedException"),
        ("lambda", "list_functions", "AccessDeniedException"),
        ("sns", "list_topics", "AuthorizationError"),
        ("sqs", "list_queues", "AccessDenied"),
        ("s3", "list_buckets", "AccessDenied"),
    ],
)
async def test_a_denied_call_is_answered_as_aws_does_and_goes_no_further(
    service: str, call: str, code: str
) -> None:
    decider, calls = DenyAll(), Calls()
    endpoint = AwsEndpoint(
        dynamodb=Unreachable(),
        services=Unreachable(),
        own={"lambda": Unreachable().send},
        credentials=CredentialStore(ACCOUNT),
        decider=decider,
        calls=calls,
        region=REGION,
    )
    server = HttpServer(endpoint.handle)
    client = client_for(await server.start(0), service, PERSON, config=ONE_TRY)
    with pytest.raises(ClientError, match="root may not ") as caught:
        await asyncio.to_thread(getattr(client, call))
    await server.stop(grace_s=0)
    assert caught.value.response["Error"]["Code"] == code
    assert decider.asked[0].service == service
    assert decider.asked[0].region == REGION
    assert calls.records[0].status >= 400


def test_allowing_everything_says_so() -> None:
    assert "every call is allowed" in AllowAll().description


def _error_of(aws: Served, service: str, call: str, credentials: Credentials) -> dict[str, Any]:
    client = aws.client(service, credentials, config=ONE_TRY)
    with pytest.raises(ClientError) as caught:
        getattr(client, call)()
    return dict(caught.value.response)
