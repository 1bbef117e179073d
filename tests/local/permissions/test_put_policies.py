"""Policies that programs put on resources: decided by at once, and after a restart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as Keys
from botocore.exceptions import ClientError

from cloudworthy.local.iam.decision import ApiCall, ApiInvocation, Decision
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Credentials, Principal
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack
from cloudworthy.local.permissions.decider import Mode
from cloudworthy.local.permissions.service import Permissions
from local.endpoint.served import ACCOUNT, PERSON, REGION, Answer, Served, fetch, served
from local.endpoint.test_s3 import FORM_BOUNDARY, form
from local.permissions.deployed import document, resource

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/worker-role"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:jobs"
FUNCTION = resource("AWS::Lambda::Function", "Jobs", "jobs", Arn=FUNCTION_ARN)
DECLARED = resource(
    "AWS::Lambda::Permission",
    "FromS3",
    "x",
    {"FunctionName": "jobs", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"},
)
TEMPLATE_BUCKET_POLICY: dict[str, Any] = {
    "Bucket": "declared",
    "PolicyDocument": document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": ROLE_ARN},
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::declared",
        }
    ),
}


def deployed(*resources: ProvisionedResource) -> Deployment:
    stack = Stack("Small", ACCOUNT, REGION, {}, {})
    return Deployment(stack, {it.logical_id: it for it in resources}, {})


def bucket_policy(**properties: Any) -> ProvisionedResource:
    return resource(
        "AWS::S3::BucketPolicy", "Policy", "p", {**TEMPLATE_BUCKET_POLICY, **properties}
    )


ASSUMED_ARN = f"arn:aws:iam::{ACCOUNT}:role/assumed"
ASSUMED = resource(
    "AWS::IAM::Role",
    "Assumed",
    "assumed",
    {
        "AssumeRolePolicyDocument": document(
            {"Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": "sts:AssumeRole"}
        ),
        "Policies": [
            {
                "PolicyName": "P",
                "PolicyDocument": document(
                    {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}
                ),
            }
        ],
    },
    Arn=ASSUMED_ARN,
)
DEPLOYMENT = deployed(FUNCTION, DECLARED, bucket_policy(), ASSUMED)


class Running:
    """An endpoint under decisions, a person, and a function whose role no policy names."""

    def __init__(self, aws: Served, permissions: Permissions) -> None:
        self.aws = aws
        self.permissions = permissions
        self.worker = aws.role("worker")
        self._clients: dict[tuple[str, bool], Any] = {}

    def client(self, service: str, *, worker: bool = False) -> Any:
        """A client of the person, or of the function."""
        if (service, worker) not in self._clients:
            credentials = self.worker if worker else PERSON
            self._clients[service, worker] = self.aws.client(service, credentials)
        return self._clients[service, worker]

    def may(self, call: Callable[[Any], Any], service: str) -> bool:
        """Whether the function is let through."""
        try:
            call(self.client(service, worker=True))
        except ClientError as error:
            if "is not authorized to perform" not in error.response["Error"]["Message"]:
                raise
            return False
        return True


class Deciding:
    """A decider of permissions that come when the endpoint is there already."""

    permissions: Permissions
    description = ""

    async def decide(self, call: ApiCall) -> Decision:
        return await self.permissions.decider.decide(call)

    async def decide_invocation(self, invocation: ApiInvocation) -> Decision:
        return await self.permissions.decider.decide_invocation(invocation)


@contextmanager
def running(directory: Path) -> Iterator[Running]:
    async def permit() -> Permissions:
        permissions = Permissions(Mode.ENFORCE, directory, ACCOUNT, SystemClock())
        permissions.replace(DEPLOYMENT)
        permissions.follow(aws.endpoint, aws.services, aws.dynamodb, REGION)
        return permissions

    async def close() -> None:
        decider.permissions.close()

    decider = Deciding()
    with served(directory, decider) as aws:
        decider.permissions = aws.run(permit())
        yield Running(aws, decider.permissions)
        aws.run(close())


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("put-policies")


@pytest.fixture(scope="module")
def system(directory: Path) -> Iterator[Running]:
    with running(directory) as found:
        place = {"LocationConstraint": REGION}
        found.client("s3").create_bucket(Bucket="files", CreateBucketConfiguration=place)
        yield found


def allowing(action: str, arn: str, principal: Any = ROLE_ARN, **more: Any) -> str:
    who = principal if principal == "*" else {"AWS": principal}
    statement = {"Effect": "Allow", "Principal": who, "Action": action, "Resource": arn, **more}
    return json.dumps(document({"Sid": "Put", **statement}))


def test_a_bucket(system: Running) -> None:
    s3 = system.client("s3")
    s3.put_object(Bucket="files", Key="a", Body=b"x")

    def read(client: Any) -> Any:
        return client.get_object(Bucket="files", Key="a")

    assert not system.may(read, "s3")
    policy = allowing("s3:GetObject", "arn:aws:s3:::files/*")
    s3.put_bucket_policy(Bucket="files", Policy=policy)
    assert system.may(read, "s3")
    assert json.loads(s3.get_bucket_policy(Bucket="files")["Policy"]) == json.loads(policy)
    s3.delete_bucket_policy(Bucket="files")
    assert not system.may(read, "s3")
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="files")


def test_only_who_may_list_a_bucket_hears_that_an_object_is_missing(
    system: Running, caplog: pytest.LogCaptureFixture
) -> None:
    s3, worker = system.client("s3"), system.client("s3", worker=True)
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="hidden", CreateBucketConfiguration=place)
    reading = json.loads(allowing("s3:GetObject", "arn:aws:s3:::hidden/*"))
    listing = json.loads(allowing("s3:ListBucket", "arn:aws:s3:::hidden"))["Statement"][0]
    site = Principal("cloudfront.amazonaws.com", "", source_arn="arn:aws:cloudfront::1:d/E1")
    for_site = {**reading["Statement"][0], "Sid": "S", "Principal": {"Service": site.arn}}
    reading["Statement"].append(for_site)
    s3.put_bucket_policy(Bucket="hidden", Policy=json.dumps(reading))
    with pytest.raises(ClientError, match="s3:ListBucket on resource") as refused:
        worker.get_object(Bucket="hidden", Key="a")
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    with pytest.raises(ClientError, match="Forbidden"):
        worker.head_object(Bucket="hidden", Key="a")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="hidden", Key="a")
    caplog.clear()
    request = Request("GET", "/hidden/a", [("Host", "127.0.0.1")])
    assert system.aws.run(system.aws.endpoint.handle(request, site)).status == 403
    assert caplog.messages == []
    reading["Statement"].append({**listing, "Sid": "L"})
    s3.put_bucket_policy(Bucket="hidden", Policy=json.dumps(reading))
    with pytest.raises(worker.exceptions.NoSuchKey):
        worker.get_object(Bucket="hidden", Key="a")
    with pytest.raises(ClientError, match="Not Found"):
        worker.head_object(Bucket="hidden", Key="a")


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("no JSON", "valid JSON"),
        (json.dumps({"Statement": [{"Effect": "May"}]}), "Effect"),
        (allowing("s3:GetObject", "arn:aws:s3:::other/*"), "invalid resource"),
        (
            json.dumps(document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})),
            "Missing required field Principal",
        ),
    ],
)
def test_a_malformed_policy_of_a_bucket_is_refused(
    system: Running, policy: str, message: str
) -> None:
    s3 = system.client("s3")
    with pytest.raises(ClientError, match=message) as refused:
        s3.put_bucket_policy(Bucket="files", Policy=policy)
    assert refused.value.response["Error"]["Code"] == "MalformedPolicy"
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.put_bucket_policy(Bucket="none-such", Policy=allowing("s3:*", "arn:aws:s3:::none-such"))


def test_root_is_never_locked_out_of_the_policy_of_a_bucket(system: Running) -> None:
    s3 = system.client("s3")
    s3.create_bucket(Bucket="locked", CreateBucketConfiguration={"LocationConstraint": REGION})
    denying = allowing("s3:*", "arn:aws:s3:::locked", principal="*").replace("Allow", "Deny")
    s3.put_bucket_policy(Bucket="locked", Policy=denying)
    with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
        s3.list_objects_v2(Bucket="locked")
    s3.delete_bucket_policy(Bucket="locked")
    s3.list_objects_v2(Bucket="locked")


def test_a_deleted_bucket_takes_its_policy_along(system: Running) -> None:
    s3 = system.client("s3")
    place = {"LocationConstraint": REGION}
    for _ in range(2):
        s3.create_bucket(Bucket="short", CreateBucketConfiguration=place)
        with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
            s3.get_bucket_policy(Bucket="short")
        s3.put_bucket_policy(Bucket="short", Policy=allowing("s3:*", "arn:aws:s3:::short"))
        s3.delete_bucket(Bucket="short")


def test_a_policy_of_the_template_can_be_replaced_until_the_template_changes(
    system: Running,
) -> None:
    s3 = system.client("s3")
    s3.create_bucket(Bucket="declared", CreateBucketConfiguration={"LocationConstraint": REGION})

    def list_it(client: Any) -> Any:
        return client.list_objects_v2(Bucket="declared")

    assert system.may(list_it, "s3")
    s3.delete_bucket_policy(Bucket="declared")
    assert not system.may(list_it, "s3")
    system.permissions.replace(DEPLOYMENT)
    assert not system.may(list_it, "s3")
    statement = {**TEMPLATE_BUCKET_POLICY["PolicyDocument"]["Statement"][0], "Sid": "New"}
    changed = bucket_policy(PolicyDocument=document(statement))
    system.permissions.replace(deployed(FUNCTION, DECLARED, changed, ASSUMED))
    assert system.may(list_it, "s3")
    system.permissions.replace(DEPLOYMENT)


def test_a_queue(system: Running) -> None:
    sqs = system.client("sqs")
    url = sqs.create_queue(QueueName="work")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"

    def send(client: Any) -> Any:
        return client.send_message(QueueUrl=url, MessageBody="x")

    assert not system.may(send, "sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": allowing("sqs:SendMessage", arn)})
    assert system.may(send, "sqs")
    denying = allowing("sqs:SendMessage", arn, principal="*").replace("Allow", "Deny")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": denying})
    assert not system.may(send, "sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert not system.may(send, "sqs")
    sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["1" * 12], Actions=["SendMessage"])
    assert (
        "l"
        in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    )


def test_a_topic(system: Running) -> None:
    sns = system.client("sns")
    arn = sns.create_topic(Name="news")["TopicArn"]

    def publish(client: Any) -> Any:
        return client.publish(TopicArn=arn, Message="x")

    assert not system.may(publish, "sns")
    for policy, allowed in ((ROLE_ARN, True), (f"{ROLE_ARN}2", False)):
        sns.set_topic_attributes(
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=allowing("sns:Publish", arn, policy),
        )
        assert system.may(publish, "sns") is allowed


def test_a_form_uploads_what_its_signer_may_put(system: Running) -> None:
    s3 = system.client("s3")
    statement = json.loads(allowing("s3:PutObject", "arn:aws:s3:::files/in/*"))
    condition = {"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}
    statement["Statement"][0]["Condition"] = condition
    s3.put_bucket_policy(Bucket="files", Policy=json.dumps(statement))
    encrypted = {"x-amz-server-side-encryption": "AES256"}
    for key, fields, status in (
        ("in/a", encrypted, 204),
        ("in/a", encrypted, 204),
        ("in/a", {}, 403),
        ("out/a", encrypted, 403),
    ):
        assert post(system, key, fields).status == status, key
    assert s3.get_object(Bucket="files", Key="in/a")["Body"].read() == b"from a form"
    s3.delete_bucket_policy(Bucket="files")


def post(system: Running, key: str, fields: dict[str, str], host: str = "") -> Answer:
    """Upload from a form that the function signed."""
    config = Config(signature_version="s3v4")
    signer = system.aws.client("s3", system.worker, config=config)
    conditions: list[Any] = [{name: value} for name, value in fields.items()]
    signed = signer.generate_presigned_post(
        "files", key, Fields=dict(fields), Conditions=conditions
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={FORM_BOUNDARY}"}
    headers |= {"Host": host} if host else {}
    body = form(signed["fields"], b"from a form")
    return fetch(signed["url"], method="POST", body=body, headers=headers)


def test_a_form_reaches_the_bucket_that_was_decided_on(system: Running) -> None:
    """A host that names one bucket, and a path that names another."""
    s3 = system.client("s3")
    policy = allowing("s3:PutObject", "arn:aws:s3:::files/*")
    s3.put_bucket_policy(Bucket="files", Policy=policy)
    assert post(system, "twisted", {}, "other.localhost").status in (400, 403, 404)
    assert "Contents" not in s3.list_objects_v2(Bucket="files", Prefix="twisted")
    s3.delete_bucket_policy(Bucket="files")


def test_what_is_decided_on_is_what_is_read(system: Running) -> None:
    """Hosts, encoded slashes and dots, of a function that may read one bucket and list all."""
    s3 = system.client("s3")
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="vault", CreateBucketConfiguration=place)
    s3.put_object(Bucket="vault", Key="a", Body=b"secret")
    s3.put_object(Bucket="files", Key="vault/a", Body=b"mine")
    for bucket in ("files", "vault"):
        listing = allowing("s3:ListBucket", f"arn:aws:s3:::{bucket}*")
        document = json.loads(listing)
        if bucket == "files":
            reading = json.loads(allowing("s3:GetObject", "arn:aws:s3:::files/*"))
            document["Statement"].append({**reading["Statement"][0], "Sid": "Read"})
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    mine = [("files.localhost", "/vault/a"), ("127.0.0.1", "/files/vault/a")]
    assert [read(system, *it) for it in mine] == [b"mine"] * 2
    for host, path in (
        ("127.0.0.1", "/vault%2Fa"),
        ("127.0.0.1", "/files/../vault/a"),
        ("127.0.0.1", "/files/%2e%2e/vault/a"),
        ("127.0.0.1", "//vault/a"),
        ("vault.localhost", "/a"),
        ("vault.s3.amazonaws.com", "/a"),
        ("files.localhost", "/../vault/a"),
        ("files.localhost", "//vault/a"),
    ):
        assert b"secret" not in read(system, host, path), (host, path)
    for bucket in ("files", "vault"):
        s3.delete_bucket_policy(Bucket=bucket)


def read(system: Running, host: str, path: str) -> bytes:
    """What the function is answered to a request that no SDK would write."""
    address = f"http://{host}"
    request = AWSRequest("GET", address + path, headers={"Host": host})
    keys = system.worker
    credentials = Keys(keys.access_key_id, keys.secret_access_key, keys.session_token)
    S3SigV4Auth(credentials, "s3", REGION).add_auth(request)
    url = f"http://127.0.0.1:{system.aws.port}{path}"
    return fetch(url, headers=dict(request.headers.items())).body


def test_a_topic_sends_to_the_queues_whose_policies_let_it(
    system: Running, caplog: pytest.LogCaptureFixture
) -> None:
    sqs, sns = system.client("sqs"), system.client("sns")
    topic = sns.create_topic(Name="orders")["TopicArn"]
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("open", "closed")}
    for name, url in urls.items():
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        source = topic if name == "open" else f"{topic}-of-others"
        condition = {"ArnEquals": {"aws:SourceArn": source}}
        policy = allowing("sqs:SendMessage", arn, "sns.amazonaws.com", Condition=condition)
        policy = policy.replace('"AWS"', '"Service"')
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="one")
    entry = {"Id": "a", "Message": "two"}
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[entry])
    assert [messages_in(sqs, urls[name]) for name in urls] == [["one", "two"], []]
    (said,) = [it for it in caplog.messages if ":closed" in it]
    assert "User: sns.amazonaws.com is not authorized to perform: sqs:sendmessage" in said
    assert '"Principal":{"Service":"sns.amazonaws.com"}' in said
    sqs.set_queue_attributes(QueueUrl=urls["open"], Attributes={"Policy": ""})
    sns.publish(TopicArn=topic, Message="three")
    assert messages_in(sqs, urls["open"]) == []


def messages_in(sqs: Any, url: str) -> list[str]:
    """The messages of a topic that are in a queue, which has none of them afterwards."""
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return sorted(json.loads(it["Body"])["Message"] for it in found)


def test_a_secret(system: Running) -> None:
    secrets = system.client("secretsmanager")
    arn = secrets.create_secret(Name="db", SecretString="s")["ARN"]

    def read(client: Any) -> Any:
        return client.get_secret_value(SecretId=arn)

    assert not system.may(read, "secretsmanager")
    policy = allowing("secretsmanager:GetSecretValue", "*")
    secrets.put_resource_policy(SecretId="db", ResourcePolicy=policy)
    assert system.may(read, "secretsmanager")
    secrets.delete_resource_policy(SecretId="db")
    assert not system.may(read, "secretsmanager")


def test_a_policy_that_is_none_allows_nothing_and_locks_nobody_out(system: Running) -> None:
    secrets = system.client("secretsmanager")
    arn = secrets.create_secret(Name="odd", SecretString="s")["ARN"]
    odd = json.dumps({"Statement": [{"Effect": "Perhaps", "Action": "*", "Principal": "*"}]})
    secrets.put_resource_policy(SecretId="odd", ResourcePolicy=odd)
    with pytest.raises(ClientError, match=r"because the policy of .* is none"):
        system.client("secretsmanager", worker=True).get_secret_value(SecretId=arn)
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "s"
    secrets.delete_resource_policy(SecretId="odd")


def test_a_key(system: Running) -> None:
    kms = system.client("kms")
    key = kms.create_key()["KeyMetadata"]

    def encrypt(client: Any) -> Any:
        return client.encrypt(KeyId=key["Arn"], Plaintext=b"x")

    assert not system.may(encrypt, "kms")
    kms.put_key_policy(
        KeyId=key["KeyId"], PolicyName="default", Policy=allowing("kms:Encrypt", "*")
    )
    assert system.may(encrypt, "kms")


def invoke(system: Running, service: str, source_arn: str) -> int:
    caller = Principal(service, "", source_arn=source_arn)
    request = Request("POST", "/2015-03-31/functions/jobs/invocations", [("Host", "127.0.0.1")])
    scope = f"k/20260101/{REGION}/lambda/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"
    request.headers.append(("Authorization", value))
    return system.aws.run(system.aws.endpoint.handle(request, caller)).status


def test_a_function(system: Running) -> None:
    functions = system.client("lambda")
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
    assert invoke(system, "s3.amazonaws.com", "arn:aws:s3:::files") == 200
    assert invoke(system, "sns.amazonaws.com", topic) == 403
    asked = {
        "FunctionName": "jobs",
        "StatementId": "news",
        "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com",
        "SourceArn": topic,
    }
    added = json.loads(functions.add_permission(**asked)["Statement"])
    assert added["Condition"] == {"ArnLike": {"aws:SourceArn": topic}}
    assert invoke(system, "sns.amazonaws.com", topic) == 200
    assert invoke(system, "sns.amazonaws.com", f"{topic}2") == 403
    with pytest.raises(functions.exceptions.ResourceConflictException):
        functions.add_permission(**asked)
    policy = json.loads(functions.get_policy(FunctionName="jobs")["Policy"])
    assert [it["Sid"] for it in policy["Statement"]] == ["FromS3", "news"]
    functions.remove_permission(FunctionName="jobs", StatementId="FromS3")
    assert invoke(system, "s3.amazonaws.com", "arn:aws:s3:::files") == 403
    for unknown in ({"StatementId": "FromS3"}, {"StatementId": "news", "FunctionName": "none"}):
        with pytest.raises(functions.exceptions.ResourceNotFoundException):
            functions.remove_permission(**{"FunctionName": "jobs", **unknown})


def test_a_session_of_a_role_may_what_that_role_may(system: Running) -> None:
    sts = system.client("sts", worker=True)
    asked = {"RoleArn": ASSUMED_ARN, "RoleSessionName": "other"}
    answer = sts.assume_role(**asked)
    found = answer["Credentials"]
    session = Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/assumed/other"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    assert system.aws.client("sts", session).get_caller_identity()["Arn"] == arn
    queues = system.aws.client("sqs", session)
    queues.list_queues()
    with pytest.raises(ClientError, match=f"User: {arn} is not authorized"):
        queues.create_queue(QueueName="new")
    with pytest.raises(ClientError, match=r"User: .*assumed/other is not authorized"):
        system.aws.client("sts", session).assume_role(**asked)
    for refused, message in (
        ({"Policy": "{}"}, "NotImplemented"),
        ({"DurationSeconds": 7200}, "ValidationError"),
        ({"RoleSessionName": "a b"}, "ValidationError"),
    ):
        with pytest.raises(ClientError, match=message):
            sts.assume_role(**{**asked, **refused})
    with pytest.raises(ClientError, match="Cannot call GetSessionToken with session credentials"):
        system.aws.client("sts", session).get_session_token()


def test_policies_of_roles_and_tables_are_refused_and_not_ignored(system: Running) -> None:
    iam, policy = system.client("iam"), allowing("s3:*", "*")
    with pytest.raises(ClientError, match="come from the template on this machine"):
        iam.put_role_policy(RoleName="assumed", PolicyName="p", PolicyDocument=policy)
    tables = system.client("dynamodb")
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/items"
    with pytest.raises(ClientError, match="tables is not decided by on this machine"):
        tables.put_resource_policy(ResourceArn=arn, Policy=policy)


def test_all_of_it_is_there_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        s3, sqs = first.client("s3"), first.client("sqs")
        place = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket="files", CreateBucketConfiguration=place)
        s3.put_bucket_policy(Bucket="files", Policy=allowing("s3:ListBucket", "arn:aws:s3:::files"))
        url = sqs.create_queue(QueueName="work")["QueueUrl"]
        policy = allowing("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:work")
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        first.client("lambda").remove_permission(FunctionName="jobs", StatementId="FromS3")
    with running(tmp_path) as second:
        assert second.may(lambda s3: s3.list_objects_v2(Bucket="files"), "s3")
        assert second.may(lambda sqs: sqs.send_message(QueueUrl=url, MessageBody="x"), "sqs")
        assert invoke(second, "s3.amazonaws.com", "arn:aws:s3:::files") == 403
    assert (tmp_path / "policies.json").stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "policies.json").write_text("{")
    with pytest.raises(CloudworthyError, match=r"policies\.json: found"):
        Permissions(Mode.ENFORCE, tmp_path, ACCOUNT, SystemClock())
