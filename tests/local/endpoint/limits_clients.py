"""Clients of the services whose limits are tested, and something of each to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.config import Config

from local.endpoint.served import PERSON, Served

ONCE = Config(
    retries={"total_max_attempts": 1},
    parameter_validation=False,
    request_checksum_calculation="when_required",
)
BUCKET, QUEUE, TABLE = "limits", "limits", "limits"


class Clients:
    """A client for each service, and something of each to use."""

    def __init__(self, aws: Served) -> None:
        self.url = f"http://127.0.0.1:{aws.port}"
        self.dynamodb = aws.client("dynamodb", PERSON, config=ONCE)
        self.s3 = aws.client("s3", PERSON, config=ONCE)
        self.secretsmanager = aws.client("secretsmanager", PERSON, config=ONCE)
        self.sns = aws.client("sns", PERSON, config=ONCE)
        self.sqs = aws.client("sqs", PERSON, config=ONCE)
        self.ssm = aws.client("ssm", PERSON, config=ONCE)
        self.kms = aws.client("kms", PERSON, config=ONCE)
        self.s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        self.queue = self.sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        self.topic = self.sns.create_topic(Name="limits")["TopicArn"]
        self.key = self.kms.create_key()["KeyMetadata"]["KeyId"]
        self.secretsmanager.create_secret(Name="there", SecretString="x")
        self.dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
            ],
            BillingMode="PAY_PER_REQUEST",
        )


Call = Callable[[Clients], Any]
Refused = tuple[Call, str, str]
"""A call, and the code and a part of the message that it is refused with."""
