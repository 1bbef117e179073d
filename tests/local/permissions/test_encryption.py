"""What encryption with a key implies: decided in the caller's name, before anything is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cloudworthy.local.endpoint.own_call import query_call
from cloudworthy.local.iam.decision import ApiCall, ApiInvocation, Decision
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack
from cloudworthy.local.permissions.decider import Mode
from cloudworthy.local.permissions.encryption_keys import EncryptionKeys
from cloudworthy.local.permissions.service import Permissions
from cloudworthy.local.permissions.usage import (
    ALLOWED,
    DENIED,
    IAM_FILE,
    WOULD_BE_DENIED,
    read_uses,
)
from local.endpoint.served import ACCOUNT, PERSON, REGION, Served, make_table, served
from local.permissions.deployed import allow, deployment, document, resource
from running_system import wait_until

ROLES = {name: f"arn:aws:iam::{ACCOUNT}:role/{name}-role" for name in ("granted", "bare", "kept")}
"""Each may call every service; ``granted`` may use any key too, ``kept`` by no service."""
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/items"
ONCE = Config(retries={"max_attempts": 0})


def policy_of(name: str) -> dict[str, Any]:
    calls = [
        f"{service}:*" for service in ("dynamodb", "s3", "secretsmanager", "sns", "sqs", "ssm")
    ]
    statements = [{"Effect": "Allow", "Action": calls, "Resource": "*"}]
    if name != "bare":
        statements.append(allow("kms:*", "*"))
    if name == "kept":
        via = {"StringLike": {"kms:ViaService": f"*.{REGION}.amazonaws.com"}}
        statements.append({**allow("kms:*", "*", Condition=via), "Effect": "Deny"})
    return document(*statements)


def role(name: str) -> ProvisionedResource:
    inline = {"PolicyName": "P", "PolicyDocument": policy_of(name)}
    return resource(
        "AWS::IAM::Role", f"{name}Role", f"{name}-role", {"Policies": [inline]}, Arn=ROLES[name]
    )


class Deciding:
    """A decider of permissions that come when the endpoint is there already."""

    permissions: Permissions
    description = ""

    async def decide(self, call: ApiCall) -> Decision:
        return await self.permissions.decider.decide(call)

    async def decide_invocation(self, invocation: ApiInvocation) -> Decision:
        return await self.permissions.decider.decide_invocation(invocation)


class World:
    """An endpoint under decisions with one key, and a resource of each kind under it."""

    def __init__(self, aws: Served, decider: Deciding) -> None:
        self.aws = aws
        self._decider = decider
        self._clients: dict[tuple[str, str], Any] = {}
        # One session reads the models of the services once.
        self._session: Any = boto3.session.Session()
        self._keys = {"": PERSON, **{name: aws.role(name) for name in ROLES}}
        self.key = str(self.client("kms").create_key()["KeyMetadata"]["Arn"])
        self.client("kms").create_alias(AliasName="alias/own", TargetKeyId=self.key)
        queue = self.client("sqs").create_queue(
            QueueName="work", Attributes={"KmsMasterKeyId": "alias/own"}
        )
        self.queue = str(queue["QueueUrl"])
        self.topic = self.make_topic("news", self.key)
        secret = self.client("secretsmanager").create_secret(
            Name="db", SecretString="s", KmsKeyId=self.key
        )
        self.secret = str(secret["ARN"])
        self.client("ssm").put_parameter(
            Name="/app/token", Value="t", Type="SecureString", KeyId=self.key
        )
        make_table(self.client("dynamodb"), "items")
        s3, place = self.client("s3"), {"LocationConstraint": REGION}
        for bucket in ("sealed", "plain"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key}
        rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
        s3.put_bucket_encryption(Bucket="sealed", ServerSideEncryptionConfiguration=rules)
        s3.put_object(Bucket="sealed", Key="a", Body=b"x")
        s3.put_object(Bucket="plain", Key="a", Body=b"x")

    def deployment(self) -> Deployment:
        """Roles, and the table, whose engine keeps no key that changes."""
        sse = {"SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": self.key}}
        schema = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}
        table = resource("AWS::DynamoDB::Table", "Items", "items", {**schema, **sse}, Arn=TABLE_ARN)
        found = (*map(role, ROLES), table)
        stack = Stack("Small", ACCOUNT, REGION, {}, {})
        return Deployment(stack, {it.logical_id: it for it in found}, {})

    def client(self, service: str, name: str = "") -> Any:
        """A client of a role, or of the person."""
        if (service, name) not in self._clients:
            keys = self._keys[name]
            self._clients[service, name] = self._session.client(
                service,
                endpoint_url=f"http://127.0.0.1:{self.aws.port}",
                region_name=REGION,
                aws_access_key_id=keys.access_key_id,
                aws_secret_access_key=keys.secret_access_key,
                aws_session_token=keys.session_token or None,
                config=ONCE,
            )
        return self._clients[service, name]

    def make_topic(self, name: str, key: str) -> str:
        attributes = {"KmsMasterKeyId": key}
        return str(self.client("sns").create_topic(Name=name, Attributes=attributes)["TopicArn"])

    def decide_by(self, mode: Mode, directory: Path) -> None:
        async def permit() -> Permissions:
            permissions = Permissions(mode, directory, ACCOUNT, SystemClock())
            permissions.follow(self.aws.endpoint, self.aws.services, self.aws.dynamodb, REGION)
            permissions.replace(self.deployment())
            return permissions

        self._decider.permissions = self.aws.run(permit())

    @contextmanager
    def audited(self, directory: Path) -> Iterator[None]:
        """Nothing is refused meanwhile, and what would be is counted in a directory."""

        async def enforce_again() -> None:
            self._decider.permissions.close()
            self._decider.permissions = enforcing
            enforcing.follow(self.aws.endpoint, self.aws.services, self.aws.dynamodb, REGION)
            enforcing.replace(self.deployment())

        enforcing = self._decider.permissions
        self.decide_by(Mode.AUDIT, directory)
        try:
            yield
        finally:
            self.aws.run(enforce_again())

    def set_key_policy(self, *statements: dict[str, Any]) -> None:
        """As AWS makes it, and what is given besides."""
        everyone = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
        policy = json.dumps(document(everyone, *statements))
        self.client("kms").put_key_policy(KeyId=self.key, PolicyName="default", Policy=policy)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encryption")


@pytest.fixture(scope="module")
def world(directory: Path) -> Iterator[World]:
    async def nothing() -> Permissions:
        return Permissions(Mode.OFF, directory, ACCOUNT, SystemClock())

    async def close() -> None:
        decider.permissions.close()

    decider = Deciding()
    with served(directory, decider) as aws:
        decider.permissions = aws.run(nothing())
        made = World(aws, decider)
        made.decide_by(Mode.ENFORCE, directory)
        yield made
        aws.run(close())


class Row(NamedTuple):
    service: str
    call: Callable[[Any, World], Any]
    use: str
    """The first use of the key that is refused."""
    context: str
    """The key of the encryption context that the condition of a policy may name."""
    code: str
    status: int = 400
    undone: Callable[[World], bool] | None = None
    """Whether nothing of it was carried out; None for reads."""
    before: str = ""
    words: str = ""
    """Before KMS's sentence, and in its place."""


PUT = {"Bucket": "sealed", "Key": "new", "Body": b"y"}
OWN_HEADERS = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/own"}
COPY = {"Bucket": "plain", "Key": "new", "CopySource": "sealed/a"}
S3_DENIED = ("AccessDenied", 403)


def no_object(bucket: str) -> Callable[[World], bool]:
    def undone(world: World) -> bool:
        listed = world.client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())
        return "new" not in [it["Key"] for it in listed]

    return undone


def no_message(world: World) -> bool:
    received = world.client("sqs").receive_message(QueueUrl=world.queue)
    return "Messages" not in received


def no_upload(world: World) -> bool:
    return "Uploads" not in world.client("s3").list_multipart_uploads(Bucket="sealed")


def same_secret(world: World) -> bool:
    secrets = world.client("secretsmanager")
    return bool(secrets.get_secret_value(SecretId="db")["SecretString"] == "s")


def no_item(world: World) -> bool:
    found = world.client("dynamodb").get_item(TableName="items", Key={"pk": {"S": "new"}})
    return "Item" not in found


def gone(read: Callable[[World], Any]) -> Callable[[World], bool]:
    def undone(world: World) -> bool:
        try:
            read(world)
        except ClientError:
            return True
        return False

    return undone


IN_DYNAMODB = "KMS key access denied error: com.amazonaws.services.kms.model.AWSKMSException: "
OF_TABLE = "aws:dynamodb:tableName"
NEW_ITEM = {"TableName": "items", "Item": {"pk": {"S": "new"}}}
NO_KMS = "Access to KMS is not allowed"

ROWS = {
    "SendMessage": Row(
        "sqs",
        lambda c, w: c.send_message(QueueUrl=w.queue, MessageBody="x"),
        "GenerateDataKey",
        "aws:sqs:arn",
        "KMS.AccessDeniedException",
        undone=no_message,
    ),
    "ReceiveMessage": Row(
        "sqs",
        lambda c, w: c.receive_message(QueueUrl=w.queue),
        "Decrypt",
        "aws:sqs:arn",
        "KMS.AccessDeniedException",
    ),
    "Publish": Row(
        "sns",
        lambda c, w: c.publish(TopicArn=w.topic, Message="x"),
        "GenerateDataKey",
        "aws:sns:topicArn",
        "KMSAccessDenied",
    ),
    "PublishBatch": Row(
        "sns",
        lambda c, w: c.publish_batch(
            TopicArn=w.topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "x"}]
        ),
        "GenerateDataKey",
        "aws:sns:topicArn",
        "KMSAccessDenied",
    ),
    "GetSecretValue": Row(
        "secretsmanager",
        lambda c, w: c.get_secret_value(SecretId=w.secret),
        "Decrypt",
        "SecretARN",
        "AccessDeniedException",
        words=NO_KMS,
    ),
    "PutSecretValue": Row(
        "secretsmanager",
        lambda c, _: c.put_secret_value(SecretId="db", SecretString="s"),
        "GenerateDataKey",
        "SecretARN",
        "AccessDeniedException",
        undone=same_secret,
        words=NO_KMS,
    ),
    "CreateSecret": Row(
        "secretsmanager",
        lambda c, w: c.create_secret(Name="new", SecretString="s", KmsKeyId=w.key),
        "GenerateDataKey",
        "SecretARN",
        "AccessDeniedException",
        undone=gone(lambda w: w.client("secretsmanager").describe_secret(SecretId="new")),
        words=NO_KMS,
    ),
    "UpdateSecret": Row(
        "secretsmanager",
        lambda c, _: c.update_secret(SecretId="db", SecretString="s"),
        "GenerateDataKey",
        "SecretARN",
        "AccessDeniedException",
        undone=same_secret,
        words=NO_KMS,
    ),
    "PutParameter": Row(
        "ssm",
        lambda c, w: c.put_parameter(
            Name="/app/new", Value="t", Type="SecureString", KeyId=w.key, Overwrite=True
        ),
        "Encrypt",
        "PARAMETER_ARN",
        "AccessDeniedException",
        undone=gone(lambda w: w.client("ssm").get_parameter(Name="/app/new")),
    ),
    "PutParameter advanced": Row(
        "ssm",
        lambda c, w: c.put_parameter(
            Name="/app/new",
            Value="t",
            Type="SecureString",
            KeyId=w.key,
            Tier="Advanced",
            Overwrite=True,
        ),
        "GenerateDataKey",
        "PARAMETER_ARN",
        "AccessDeniedException",
        undone=gone(lambda w: w.client("ssm").get_parameter(Name="/app/new")),
    ),
    "GetParameter": Row(
        "ssm",
        lambda c, _: c.get_parameter(Name="/app/token", WithDecryption=True),
        "Decrypt",
        "PARAMETER_ARN",
        "AccessDeniedException",
    ),
    "GetParametersByPath": Row(
        "ssm",
        lambda c, _: c.get_parameters_by_path(Path="/app", WithDecryption=True),
        "Decrypt",
        "PARAMETER_ARN",
        "AccessDeniedException",
    ),
    "PutItem": Row(
        "dynamodb",
        lambda c, _: c.put_item(**NEW_ITEM),
        "Decrypt",
        OF_TABLE,
        "AccessDeniedException",
        undone=no_item,
        before=IN_DYNAMODB,
    ),
    "TransactWriteItems": Row(
        "dynamodb",
        lambda c, _: c.transact_write_items(TransactItems=[{"Put": NEW_ITEM}]),
        "Decrypt",
        OF_TABLE,
        "AccessDeniedException",
        undone=no_item,
        before=IN_DYNAMODB,
    ),
    "Query": Row(
        "dynamodb",
        lambda c, _: c.query(
            TableName="items",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "a"}},
        ),
        "Decrypt",
        OF_TABLE,
        "AccessDeniedException",
        before=IN_DYNAMODB,
    ),
    "CreateTable": Row(
        "dynamodb",
        lambda c, w: c.create_table(
            TableName="made",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": w.key},
        ),
        "CreateGrant",
        OF_TABLE,
        "AccessDeniedException",
        undone=gone(lambda w: w.client("dynamodb").describe_table(TableName="made")),
        before=IN_DYNAMODB,
    ),
    "PutObject": Row(
        "s3",
        lambda c, _: c.put_object(**PUT),
        "GenerateDataKey",
        "aws:s3:arn",
        *S3_DENIED,
        undone=no_object("sealed"),
    ),
    "PutObject by header": Row(
        "s3",
        lambda c, _: c.put_object(**{**PUT, "Bucket": "plain", **OWN_HEADERS}),
        "GenerateDataKey",
        "aws:s3:arn",
        *S3_DENIED,
        undone=no_object("plain"),
    ),
    "GetObject": Row(
        "s3",
        lambda c, _: c.get_object(Bucket="sealed", Key="a"),
        "Decrypt",
        "aws:s3:arn",
        *S3_DENIED,
    ),
    "CopyObject": Row(
        "s3",
        lambda c, _: c.copy_object(**COPY),
        "Decrypt",
        "aws:s3:arn",
        *S3_DENIED,
        undone=no_object("plain"),
    ),
    "CopyObject into": Row(
        "s3",
        lambda c, _: c.copy_object(Bucket="sealed", Key="new", CopySource="plain/a"),
        "GenerateDataKey",
        "aws:s3:arn",
        *S3_DENIED,
        undone=no_object("sealed"),
    ),
    "CreateMultipartUpload": Row(
        "s3",
        lambda c, _: c.create_multipart_upload(Bucket="sealed", Key="new"),
        "GenerateDataKey",
        "aws:s3:arn",
        *S3_DENIED,
        undone=no_upload,
    ),
}


def drain(world: World) -> None:
    queues = world.client("sqs")
    for message in queues.receive_message(QueueUrl=world.queue, MaxNumberOfMessages=10).get(
        "Messages", ()
    ):
        queues.delete_message(QueueUrl=world.queue, ReceiptHandle=message["ReceiptHandle"])


def remove_objects(world: World) -> None:
    s3 = world.client("s3")
    for bucket in ("sealed", "plain"):
        s3.delete_object(Bucket=bucket, Key="new")
    for upload in s3.list_multipart_uploads(Bucket="sealed").get("Uploads", ()):
        s3.abort_multipart_upload(Bucket="sealed", Key="new", UploadId=upload["UploadId"])


def remove_secret(world: World) -> None:
    with suppress(ClientError):
        world.client("secretsmanager").delete_secret(
            SecretId="new", ForceDeleteWithoutRecovery=True
        )


def remove_parameter(world: World) -> None:
    with suppress(ClientError):
        world.client("ssm").delete_parameter(Name="/app/new")


def remove_items(world: World) -> None:
    tables = world.client("dynamodb")
    tables.delete_item(TableName="items", Key={"pk": {"S": "new"}})
    with suppress(ClientError):
        tables.delete_table(TableName="made")


CLEANERS = {
    "sqs": drain,
    "s3": remove_objects,
    "secretsmanager": remove_secret,
    "ssm": remove_parameter,
    "dynamodb": remove_items,
}


def clean(world: World, service: str) -> None:
    """Take away what a row may have made."""
    if service in CLEANERS:
        CLEANERS[service](world)


def sentence(world: World, name: str, use: str) -> str:
    return (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}-role/{name} is not authorized to "
        f"perform: kms:{use} on resource: {world.key} "
    )


@pytest.mark.parametrize("name", ROWS)
def test_a_call_needs_the_key_too(world: World, name: str) -> None:
    row = ROWS[name]
    for caller, reason in (
        ("bare", f"because no identity-based policy allows the kms:{row.use} action"),
        ("kept", "with an explicit deny in an identity-based policy"),
    ):
        with pytest.raises(ClientError) as raised:
            row.call(world.client(row.service, caller), world)
        answer = raised.value.response
        assert answer["Error"]["Code"] == row.code
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == row.status
        said = row.words or row.before + sentence(world, caller, row.use) + reason
        assert answer["Error"]["Message"].startswith(said)
        assert row.undone is None or row.undone(world)
    row.call(world.client(row.service, "granted"), world)
    clean(world, row.service)


@pytest.mark.parametrize("name", ROWS)
def test_the_policy_of_the_key_is_enough_and_may_ask_for_service_and_context(
    world: World, name: str
) -> None:
    row = ROWS[name]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ROLES["bare"]},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:ViaService": f"{row.service}.{REGION}.amazonaws.com",
                "kms:CallerAccount": ACCOUNT,
            },
            "Null": {f"kms:EncryptionContext:{row.context}": "false"},
            "ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": row.context},
        },
    }
    world.set_key_policy(statement)
    row.call(world.client(row.service, "bare"), world)
    clean(world, row.service)
    elsewhere = {"StringEquals": {"kms:ViaService": "ec2.amazonaws.com"}}
    world.set_key_policy({**statement, "Condition": elsewhere})
    with pytest.raises(ClientError):
        row.call(world.client(row.service, "bare"), world)
    world.set_key_policy()


CONTEXTS: dict[str, Callable[[World], tuple[str, str]]] = {
    "ReceiveMessage": lambda _: ("aws:sqs:arn", f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"),
    "Publish": lambda w: ("aws:sns:topicArn", w.topic),
    "GetSecretValue": lambda w: ("SecretARN", w.secret),
    "GetParameter": lambda _: (
        "PARAMETER_ARN",
        f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/app/token",
    ),
    "Query": lambda _: ("aws:dynamodb:subscriberId", ACCOUNT),
    "PutItem": lambda _: (OF_TABLE, "items"),
    "GetObject": lambda _: ("aws:s3:arn", "arn:aws:s3:::sealed/a"),
    "PutObject": lambda _: ("aws:s3:arn", "arn:aws:s3:::sealed/new"),
}


@pytest.mark.parametrize("name", CONTEXTS)
def test_the_context_names_what_is_encrypted(world: World, name: str) -> None:
    key, value = CONTEXTS[name](world)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ROLES["bare"]},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"StringEquals": {f"kms:EncryptionContext:{key}": value}},
    }
    world.set_key_policy(statement)
    ROWS[name].call(world.client(ROWS[name].service, "bare"), world)
    clean(world, ROWS[name].service)
    world.set_key_policy()


class NoEngine:
    """Nobody is to be asked."""

    async def send(self, request: Request) -> Response:
        raise AssertionError(request.target)


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": "k"}}, "k"),
        ({"SSESpecification": {"SSEEnabled": "true", "KMSMasterKeyId": "k"}}, "k"),
        ({"SSESpecification": {"SSEEnabled": False, "KMSMasterKeyId": "k"}}, ""),
        ({"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"}}, ""),
        ({"SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": "alias/aws/dynamodb"}}, ""),
        (
            {
                "SSESpecification": {"SSEEnabled": True},
                "Replicas": [{"SSESpecification": {"KMSMasterKeyId": "k"}}],
            },
            "k",
        ),
        ({}, ""),
    ],
)
async def test_a_template_says_the_key_of_a_table(properties: dict[str, Any], key: str) -> None:
    kind = "AWS::DynamoDB::GlobalTable" if "Replicas" in properties else "AWS::DynamoDB::Table"
    keys = EncryptionKeys(NoEngine(), NoEngine(), REGION)
    keys.declare(deployment(resource(kind, "Items", "items", properties, Arn=TABLE_ARN)))
    assert (await keys.of(TABLE_ARN)).key == key


def test_metadata_of_an_object_is_not_under_the_key_but_for_checksums(world: World) -> None:
    s3 = world.client("s3", "bare")
    assert s3.head_object(Bucket="sealed", Key="a")["ContentLength"] == 1
    with pytest.raises(ClientError, match="403"):
        s3.head_object(Bucket="sealed", Key="a", ChecksumMode="ENABLED")


def test_an_object_is_read_under_the_key_that_it_was_written_with(world: World) -> None:
    s3 = world.client("s3")
    s3.put_object(Bucket="plain", Key="own", Body=b"x", **OWN_HEADERS)
    s3.put_object(Bucket="sealed", Key="of-s3", Body=b"x", ServerSideEncryption="AES256")
    s3.put_object(Bucket="sealed", Key="of-aws", Body=b"x", ServerSideEncryption="aws:kms")
    reader = world.client("s3", "bare")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        reader.get_object(Bucket="plain", Key="own")
    for bucket, key in (("plain", "a"), ("sealed", "of-s3"), ("sealed", "of-aws")):
        assert reader.get_object(Bucket=bucket, Key=key)["Body"].read() == b"x"


def test_objects_in_two_layers(world: World) -> None:
    s3, reader = world.client("s3"), world.client("s3", "bare")
    dual = {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": world.key}
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        reader.put_object(Bucket="sealed", Key="dual", Body=b"x", **dual)
    s3.put_object(Bucket="sealed", Key="dual", Body=b"x", **dual)
    with pytest.raises(ClientError, match="kms:Decrypt"):
        reader.get_object(Bucket="sealed", Key="dual")


def test_a_bucket_key_stands_for_the_whole_bucket(world: World) -> None:
    s3, place = world.client("s3"), {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="keyed", CreateBucketConfiguration=place)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": world.key}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket="keyed", ServerSideEncryptionConfiguration={"Rules": [rule]})
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ROLES["bare"]},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::keyed"}},
    }
    world.set_key_policy(statement)
    caller = world.client("s3", "bare")
    caller.put_object(Bucket="keyed", Key="a", Body=b"x")
    assert caller.get_object(Bucket="keyed", Key="a")["Body"].read() == b"x"
    with pytest.raises(ClientError, match="kms:Decrypt"):
        caller.get_object(Bucket="sealed", Key="a")
    world.set_key_policy()


def test_parts_of_an_upload_are_read_again_under_its_key(world: World) -> None:
    name = {"Bucket": "plain", "Key": "parts"}
    upload = world.client("s3").create_multipart_upload(**name, **OWN_HEADERS)["UploadId"]
    part = {**name, "UploadId": upload, "PartNumber": 1}
    with pytest.raises(ClientError, match="kms:Decrypt"):
        world.client("s3", "bare").upload_part(**part, Body=b"x")
    assert "Parts" not in world.client("s3").list_parts(**name, UploadId=upload)
    world.client("s3", "granted").upload_part(**part, Body=b"x")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        world.client("s3", "bare").list_parts(**name, UploadId=upload)
    world.client("s3").abort_multipart_upload(**name, UploadId=upload)


def test_keys_that_aws_manages_ask_for_nothing(world: World) -> None:
    queues = world.client("sqs")
    url = queues.create_queue(QueueName="managed")["QueueUrl"]
    sender = world.client("sqs", "bare")
    for key in ("alias/aws/sqs", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/sqs", ""):
        queues.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key})
        sender.send_message(QueueUrl=url, MessageBody="x")
    secrets = world.client("secretsmanager", "bare")
    secrets.create_secret(Name="managed", SecretString="s")
    assert secrets.get_secret_value(SecretId="managed")["SecretString"] == "s"
    secrets.update_secret(SecretId="db", Description="no value, no key")
    parameters = world.client("ssm", "bare")
    parameters.put_parameter(Name="managed", Value="t", Type="SecureString")
    found = parameters.get_parameter(Name="managed", WithDecryption=True)
    assert found["Parameter"]["Value"] == "t"
    assert parameters.get_parameter(Name="/app/token")["Parameter"]["Type"] == "SecureString"


def test_a_key_that_is_put_while_the_stack_runs_counts_at_once(world: World) -> None:
    queues = world.client("sqs")
    url = queues.create_queue(QueueName="changing")["QueueUrl"]
    sender = world.client("sqs", "bare")
    sender.send_message(QueueUrl=url, MessageBody="x")
    queues.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": world.key})
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        sender.send_message(QueueUrl=url, MessageBody="x")
    queues.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": ""})
    sender.send_message(QueueUrl=url, MessageBody="x")


def test_an_alias_that_means_another_key_counts_at_once(world: World) -> None:
    queues, kms = world.client("sqs"), world.client("kms")
    other = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/moving", TargetKeyId=other["KeyId"])
    url = queues.create_queue(QueueName="by-alias", Attributes={"KmsMasterKeyId": "alias/moving"})[
        "QueueUrl"
    ]
    sender = world.client("sqs", "bare")
    for key in (other["Arn"], world.key):
        kms.update_alias(AliasName="alias/moving", TargetKeyId=key.rpartition("/")[2])
        with pytest.raises(ClientError, match=f"GenerateDataKey on resource: {key} "):
            sender.send_message(QueueUrl=url, MessageBody="x")


def test_a_table_and_a_secret_that_programs_put_under_a_key(world: World) -> None:
    ROWS["CreateTable"].call(world.client("dynamodb"), world)
    with pytest.raises(ClientError, match="kms:Decrypt"):
        world.client("dynamodb", "bare").scan(TableName="made")
    world.client("dynamodb", "granted").scan(TableName="made")
    remove_items(world)
    secrets = world.client("secretsmanager")
    arn = secrets.create_secret(Name="later", SecretString="s")["ARN"]
    reader = world.client("secretsmanager", "bare")
    reader.get_secret_value(SecretId=arn)
    secrets.update_secret(SecretId=arn, KmsKeyId=world.key)
    with pytest.raises(ClientError, match=NO_KMS):
        reader.get_secret_value(SecretId=arn)


UNUSABLE = {
    "sqs": ("KMS.DisabledException", "KMS.InvalidStateException"),
    "sns": ("KMSDisabled", "KMSInvalidState"),
    "s3": ("KMS.DisabledException", "KMS.KMSInvalidStateException"),
    "secretsmanager": ("DecryptionFailure", "DecryptionFailure"),
    "ssm": ("InvalidKeyId", "InvalidKeyId"),
    "dynamodb": ("ValidationException", "ValidationException"),
}
USING = {
    "sqs": "SendMessage",
    "sns": "Publish",
    "s3": "GetObject",
    "secretsmanager": "GetSecretValue",
    "ssm": "GetParameter",
    "dynamodb": "PutItem",
}


def code_of(world: World, service: str) -> str:
    try:
        ROWS[USING[service]].call(world.client(service, "granted"), world)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_key_that_is_not_in_use_is_refused_in_the_words_of_each_service(world: World) -> None:
    kms = world.client("kms")
    key_id = world.key.rpartition("/")[2]
    kms.disable_key(KeyId=key_id)
    disabled = {service: code_of(world, service) for service in UNUSABLE}
    kms.schedule_key_deletion(KeyId=key_id)
    deleted = {service: code_of(world, service) for service in UNUSABLE}
    kms.cancel_key_deletion(KeyId=key_id)
    kms.enable_key(KeyId=key_id)
    assert disabled == {service: codes[0] for service, codes in UNUSABLE.items()}
    assert deleted == {service: codes[1] for service, codes in UNUSABLE.items()}
    assert {service: code_of(world, service) for service in UNUSABLE} == dict.fromkeys(UNUSABLE, "")
    drain(world)
    remove_items(world)


def publish_as(world: World, service: str, source: str) -> int:
    caller = Principal(service, "", source_arn=source)
    message = {"TopicArn": world.topic, "Message": "x"}
    call = query_call("sns", REGION, "Publish", message)
    return world.aws.run(world.aws.endpoint.handle(call, caller)).status


def test_an_alarm_needs_the_key_of_its_topic(world: World) -> None:
    alarms = "cloudwatch.amazonaws.com"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
    world.client("sns").set_topic_attributes(
        TopicArn=world.topic,
        AttributeName="Policy",
        AttributeValue=json.dumps(document(statement)),
    )
    alarm = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:errors"
    assert publish_as(world, alarms, alarm) == 400
    may_use = {
        "Effect": "Allow",
        "Principal": {"Service": alarms},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    world.set_key_policy(may_use)
    assert publish_as(world, alarms, alarm) == 200
    world.set_key_policy()


def test_a_topic_needs_the_key_of_a_queue(world: World) -> None:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
    service = {"Service": "sns.amazonaws.com"}
    statement = allow("sqs:SendMessage", arn, Principal=service)
    queues = world.client("sqs")
    queues.set_queue_attributes(
        QueueUrl=world.queue, Attributes={"Policy": json.dumps(document(statement))}
    )
    topics = world.client("sns")
    topic = topics.create_topic(Name="plain")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    topics.publish(TopicArn=topic, Message="lost")
    may_use = allow("kms:*", "*", Principal=service)
    world.set_key_policy({**may_use, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}})
    topics.publish(TopicArn=topic, Message="kept")
    (message,) = queues.receive_message(QueueUrl=world.queue, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(message["Body"])["Message"] == "kept"
    world.set_key_policy()
    drain(world)


def test_a_policy_that_asks_for_an_address_does_not_let_a_service_in(world: World) -> None:
    from_here = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    may_use = allow("kms:*", "*", Principal={"AWS": ROLES["bare"]}, Condition=from_here)
    world.set_key_policy(may_use)
    with pytest.raises(ClientError, match=NO_KMS):
        world.client("secretsmanager", "bare").get_secret_value(SecretId="db")
    by_service = {"Bool": {"aws:ViaAWSService": "true"}}
    world.set_key_policy({**may_use, "Condition": by_service})
    world.client("secretsmanager", "bare").get_secret_value(SecretId="db")
    world.set_key_policy()


def test_an_audit_lets_it_through_and_counts_it(world: World, tmp_path: Path) -> None:
    with world.audited(tmp_path):
        topic = world.make_topic("other", world.key)
        world.client("sns", "bare").publish(TopicArn=topic, Message="x")
        assert world.client("s3", "bare").get_object(Bucket="sealed", Key="a")["ContentLength"] == 1
    uses = read_uses(tmp_path / IAM_FILE, since_start=True)
    found = {(it.action, it.outcome) for it in uses if it.resource == world.key}
    wanted = {"kms:GenerateDataKey", "kms:Decrypt"}
    assert found == {(action, WOULD_BE_DENIED) for action in wanted}


def test_the_log_says_what_would_allow_it_and_uses_are_counted(
    world: World, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = world.client("kms").create_key()["KeyMetadata"]["Arn"]
    topic = world.make_topic("another", key)
    with pytest.raises(ClientError):
        world.client("sns", "bare").publish(TopicArn=topic, Message="x")
    assert f"IAM refused a call by way of sns.{REGION}.amazonaws.com: User: " in caplog.text
    statement = f'{{"Effect":"Allow","Action":"kms:GenerateDataKey","Resource":"{key}"}}'
    assert f"This would allow it in the identity-based policy: {statement}" in caplog.text
    world.client("sns", "granted").publish(TopicArn=topic, Message="x")

    def counted() -> bool:
        uses = read_uses(directory / IAM_FILE, since_start=True)
        found = {(it.function, it.action, it.outcome) for it in uses if it.resource == key}
        return found == {
            ("granted", "kms:GenerateDataKey", ALLOWED),
            ("granted", "kms:Decrypt", ALLOWED),
            ("bare", "kms:GenerateDataKey", DENIED),
        }

    wait_until(counted)
