"""Under which keys resources are encrypted, as the engines that keep the resources have it now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple
from xml.etree.ElementTree import ParseError, fromstring

from cloudworthy.local.endpoint.own_call import json_call, query_call, signed_for
from cloudworthy.local.endpoint.watching import AnsweredCall
from cloudworthy.local.iam.decision import KeyObstacle
from cloudworthy.local.model.arns import service_of
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.resources import Deployment, TemplateValue
from cloudworthy.local.permissions.engine_call import answer_of

_OF_AWS = "alias/aws/"
_ARN_COLONS = 5
_CHANGING = frozenset(
    {
        "CancelKeyDeletion", "CreateAlias", "CreateBucket", "CreateKey", "CreateQueue",
        "CreateSecret", "CreateTable", "CreateTopic", "DeleteAlias", "DeleteBucket",
        "DeleteBucketEncryption", "DeleteParameter", "DeleteParameters", "DeleteQueue",
        "DeleteSecret", "DeleteTable", "DeleteTopic", "DisableKey", "EnableKey",
        "PutBucketEncryption", "PutParameter", "RestoreSecret", "ScheduleKeyDeletion",
        "SetQueueAttributes", "SetTopicAttributes", "UpdateAlias", "UpdateSecret", "UpdateTable",
    }
)  # fmt: skip


class Encrypted(NamedTuple):
    """How a resource is encrypted."""

    key: str
    """As whoever set it named it: by ARN, id or alias. Empty where AWS manages the key."""
    by_bucket_key: bool = False
    """S3's, which stands between the key and the objects of a bucket."""


class Key(NamedTuple):
    arn: str
    state: str = "Enabled"
    """As KMS names it."""

    @property
    def obstacle(self) -> KeyObstacle | None:
        """What keeps everybody from using it, if anything does.

        Source: AWS KMS developer guide, "Key states of AWS KMS keys" (documented).
        """
        if self.state == "Enabled":
            return None
        is_disabled = self.state == "Disabled"
        return KeyObstacle.DISABLED if is_disabled else KeyObstacle.INVALID_STATE

    @property
    def complaint(self) -> str:
        """KMS's own sentence about that."""
        words = {"Disabled": "disabled", "PendingDeletion": "pending deletion"}
        return f"{self.arn} is {words.get(self.state, self.state)}."


_PLAIN = Encrypted("")


class EncryptionKeys:
    """Asks an engine once about each resource, and again after a call that may have changed one.

    Parameters
    ----------
    services, tables
        The engines: that of DynamoDB, and that of every other service.
    """

    def __init__(self, services: Backend, tables: Backend, region: str) -> None:
        self._services = services
        self._tables = tables
        self._region = region
        self._declared: Mapping[str, Encrypted] = {}
        self._known: dict[str, Encrypted] = {}
        self._keys: dict[str, Key] = {}
        self._has_keys: bool | None = None
        self._generation = 0

    async def of(self, arn: str) -> Encrypted:
        """How a resource is encrypted; of a bucket, what is put into it.

        Raises
        ------
        AwsError
            The engine is down.
        """
        found = self._known.get(arn)
        if found is not None:
            return found
        generation = self._generation
        found = await self._ask(arn)
        if generation == self._generation:
            self._known[arn] = found
        return found

    async def key(self, given: str) -> Key:
        """The key that a name means.

        One that is not here, e.g. of another account, is what its name says.

        Raises
        ------
        AwsError
            The engine is down.
        """
        found = self._keys.get(given)
        if found is None:
            generation = self._generation
            call = json_call("kms", self._region, "TrentService.DescribeKey", {"KeyId": given})
            answer = await answer_of(self._services, call)
            described = json.loads(answer.body)["KeyMetadata"] if answer is not None else {}
            found = Key(str(described.get("Arn", given)), described.get("KeyState", "Enabled"))
            if generation == self._generation:
                self._keys[given] = found
        return found

    async def has_any(self) -> bool:
        """Whether there is any key, other than AWS's.

        Raises
        ------
        AwsError
            The engine is down.
        """
        if self._has_keys is None:
            call = json_call("kms", self._region, "TrentService.ListKeys", {"Limit": 1})
            answer = await answer_of(self._services, call)
            self._has_keys = answer is None or bool(json.loads(answer.body)["Keys"])
        return self._has_keys

    async def of_object(self, bucket_and_key: str, version_id: str) -> Encrypted:
        """How an object of S3 is encrypted; asked each time, as objects are many."""
        query = f"?versionId={version_id}" if version_id else ""
        head = Request("HEAD", f"/{bucket_and_key}{query}", signed_for("s3", self._region))
        answer = await answer_of(self._services, head)
        return encrypted_as_answered(answer) if answer is not None else _PLAIN

    def declare(self, deployment: Deployment) -> None:
        """What the template says from now on: its engine cannot change the key of a table."""
        self._declared = dict(_declared_tables(deployment))
        self.forget()

    def forget(self) -> None:
        """From the next call on the engines are asked again."""
        self._generation += 1
        self._known.clear()
        self._keys.clear()
        self._has_keys = None

    async def forget_changed(self, call: AnsweredCall) -> None:
        """A watcher of the services."""
        if call.operation.name not in _CHANGING:
            return
        if call.operation.service == "kms":
            self.forget()
            return
        self._generation += 1
        service = call.operation.service
        self._known = {arn: it for arn, it in self._known.items() if service_of(arn) != service}

    async def _ask(self, arn: str) -> Encrypted:
        if arn in self._declared:
            return self._declared[arn]
        service = service_of(arn)
        if service not in _REQUESTS:
            return _PLAIN
        engine = self._tables if service == "dynamodb" else self._services
        answer = await answer_of(engine, _REQUESTS[service](arn, self._region))
        if answer is None:
            return _PLAIN
        try:
            found = _ANSWERS[service](answer)
        except (ValueError, LookupError, ParseError):
            return _PLAIN
        return _PLAIN if is_managed_by_aws(found.key) else found


SERVICES = ("dynamodb", "kms", "s3", "secretsmanager", "sns", "sqs", "ssm")
"""Those that have to be watched."""


def is_managed_by_aws(key: str) -> bool:
    """Whether a key, as somebody named it, is one of AWS's, which lets in whoever may call."""
    return key.split(":", _ARN_COLONS)[-1].startswith(_OF_AWS)


def encrypted_as_answered(response: Response) -> Encrypted:
    """How an object is encrypted, as S3 says with each answer about it."""
    key = response.header("x-amz-server-side-encryption-aws-kms-key-id") or ""
    by_bucket_key = response.header("x-amz-server-side-encryption-bucket-key-enabled") or ""
    return Encrypted("" if is_managed_by_aws(key) else key, by_bucket_key.lower() == "true")


def _declared_tables(deployment: Deployment) -> Iterator[tuple[str, Encrypted]]:
    for kind in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        for table in deployment.of_type(kind):
            yield str(table.attributes.get("Arn", "")), _declared(table.properties)


def _declared(properties: Mapping[str, TemplateValue]) -> Encrypted:
    """A global table names the key with its replica."""
    specification = dict(properties.get("SSESpecification") or {})
    for replica in properties.get("Replicas") or ():
        specification |= replica.get("SSESpecification") or {}
    key = str(specification.get("KMSMasterKeyId") or "")
    enabled = str(specification.get("SSEEnabled")).lower() == "true"
    return Encrypted(key) if enabled and not is_managed_by_aws(key) else _PLAIN


def _queue(arn: str, region: str) -> Request:
    account, name = arn.split(":")[4:6]
    body = {
        "QueueUrl": f"http://127.0.0.1/{account}/{name}",
        "AttributeNames": ["KmsMasterKeyId"],
    }
    return json_call("sqs", region, "AmazonSQS.GetQueueAttributes", body)


def _topic(arn: str, region: str) -> Request:
    return query_call("sns", region, "GetTopicAttributes", {"TopicArn": arn})


def _secret(arn: str, region: str) -> Request:
    return json_call("secretsmanager", region, "secretsmanager.DescribeSecret", {"SecretId": arn})


def _table(arn: str, region: str) -> Request:
    """Its engine insists on a date."""
    body = {"TableName": arn.split("/")[1]}
    call = json_call("dynamodb", region, "DynamoDB_20120810.DescribeTable", body)
    return replace(call, headers=[*call.headers, ("X-Amz-Date", "19700101T000000Z")])


def _bucket(arn: str, region: str) -> Request:
    return Request("GET", f"/{arn.rpartition(':')[2]}?encryption", signed_for("s3", region))


def _parameter(arn: str, region: str) -> Request:
    """Its ARN does not say whether the name begins with a slash."""
    name = arn.partition(":parameter/")[2]
    body = {"ParameterFilters": [{"Key": "Name", "Values": [name, f"/{name}"]}]}
    return json_call("ssm", region, "AmazonSSM.DescribeParameters", body)


def _of_queue(response: Response) -> Encrypted:
    attributes = json.loads(response.body).get("Attributes") or {}
    return Encrypted(str(attributes.get("KmsMasterKeyId") or ""))


def _of_topic(response: Response) -> Encrypted:
    for entry in fromstring(response.body).iter():  # noqa: S314 - it comes from the engine
        parts = {it.tag.rpartition("}")[2]: it.text or "" for it in entry}
        if parts.get("key") == "KmsMasterKeyId":
            return Encrypted(parts.get("value", ""))
    return _PLAIN


def _of_secret(response: Response) -> Encrypted:
    return Encrypted(str(json.loads(response.body).get("KmsKeyId") or ""))


def _of_table(response: Response) -> Encrypted:
    described = json.loads(response.body)["Table"].get("SSEDescription") or {}
    enabled = described.get("Status") in {"ENABLED", "ENABLING", "UPDATING"}
    return Encrypted(str(described.get("KMSMasterKeyArn") or "") if enabled else "")


def _of_bucket(response: Response) -> Encrypted:
    texts = {
        it.tag.rpartition("}")[2]: it.text or ""
        for it in fromstring(response.body).iter()  # noqa: S314 - it comes from the engine
    }
    if not texts.get("SSEAlgorithm", "").startswith("aws:kms"):
        return _PLAIN
    by_bucket_key = texts.get("BucketKeyEnabled", "").lower() == "true"
    return Encrypted(texts.get("KMSMasterKeyID", ""), by_bucket_key)


def _of_parameter(response: Response) -> Encrypted:
    found = json.loads(response.body)["Parameters"]
    return Encrypted(str(found[0].get("KeyId") or "") if found else "")


_REQUESTS: Mapping[str, Callable[[str, str], Request]] = {
    "dynamodb": _table,
    "s3": _bucket,
    "secretsmanager": _secret,
    "sns": _topic,
    "sqs": _queue,
    "ssm": _parameter,
}
_ANSWERS: Mapping[str, Callable[[Response], Encrypted]] = {
    "dynamodb": _of_table,
    "s3": _of_bucket,
    "secretsmanager": _of_secret,
    "sns": _of_topic,
    "sqs": _of_queue,
    "ssm": _of_parameter,
}
