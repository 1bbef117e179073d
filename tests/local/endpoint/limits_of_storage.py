"""Calls of services that keep data, at their limits and beyond."""

from __future__ import annotations

from typing import Any

from local.endpoint.limits_clients import BUCKET, TABLE, Call, Refused

LARGEST_ITEM = 400 * 1024 - len("pkpsk0v")


def s3(operation: str, **parameters: Any) -> Call:
    return lambda c: getattr(c.s3, operation)(Bucket=BUCKET, **parameters)


def secret(operation: str, **parameters: Any) -> Call:
    return lambda c: getattr(c.secretsmanager, operation)(**parameters)


def parameter(name: str, length: int, **more: str) -> Call:
    return lambda c: c.ssm.put_parameter(Name=name, Type="String", Value="x" * length, **more)


def objects(number: int) -> dict[str, Any]:
    return {"Objects": [{"Key": f"{each}"} for each in range(number)]}


def item(sk: str = "0", length: int = 0) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sk}, "v": {"S": "x" * length}}


def dynamodb(operation: str, **parameters: Any) -> Call:
    return lambda c: getattr(c.dynamodb, operation)(TableName=TABLE, **parameters)


def put_items(number: int) -> Call:
    puts = [{"PutRequest": {"Item": item(f"{each}")}} for each in range(number)]
    return lambda c: c.dynamodb.batch_write_item(RequestItems={TABLE: puts})


def get_items(number: int) -> Call:
    keys = [{"pk": {"S": "p"}, "sk": {"S": f"{each}"}} for each in range(number)]
    return lambda c: c.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})


def transaction(number: int, length: int = 0) -> Call:
    puts = [{"Put": {"TableName": TABLE, "Item": item(f"{it}", length)}} for it in range(number)]
    return lambda c: c.dynamodb.transact_write_items(TransactItems=puts)


def scan_for(operands: int) -> Call:
    names = [f":v{number}" for number in range(operands)]
    return dynamodb(
        "scan",
        FilterExpression=f"v IN ({', '.join(names)})",
        ExpressionAttributeValues={name: {"S": "x"} for name in names},
    )


def put_if(length: int) -> Call:
    condition = "attribute_not_exists(nowhere)"
    return dynamodb("put_item", Item=item(), ConditionExpression=condition.ljust(length))


WITHIN: dict[str, Call] = {
    "s3-key": s3("put_object", Key="k" * 1024, Body=b"x"),
    "s3-metadata": s3("put_object", Key="m", Body=b"x", Metadata={"name": "v" * 2044}),
    "s3-delete": s3("delete_objects", Delete=objects(1000)),
    "secret": secret("create_secret", Name="long", SecretString="x" * 65_536),
    "secret-binary": secret("create_secret", Name="binary", SecretBinary=b"x" * 65_536),
    "ssm-standard": parameter("a", 4096),
    "ssm-advanced": parameter("b", 8192, Tier="Advanced"),
    "kms": lambda c: c.kms.encrypt(KeyId=c.key, Plaintext=b"x" * 4096),
    "dynamodb-item": dynamodb("put_item", Item=item(length=LARGEST_ITEM)),
    "dynamodb-batch-write": put_items(25),
    "dynamodb-batch-get": get_items(100),
    "dynamodb-transaction": transaction(100),
    "dynamodb-in": scan_for(100),
    "dynamodb-condition": put_if(4096),
}
BEYOND: dict[str, Refused] = {
    "s3-key": (s3("put_object", Key="k" * 1025, Body=b"x"), "KeyTooLongError", "key is too long"),
    "s3-key-utf8": (s3("get_object", Key="ä" * 513), "KeyTooLongError", "key is too long"),
    "s3-key-multipart": (
        s3("create_multipart_upload", Key="k" * 1025),
        "KeyTooLongError",
        "key is too long",
    ),
    "s3-metadata": (
        s3("put_object", Key="m", Body=b"x", Metadata={"name": "v" * 2045}),
        "MetadataTooLarge",
        "exceed the maximum allowed metadata size",
    ),
    "s3-delete": (s3("delete_objects", Delete=objects(1001)), "MalformedXML", "not well-formed"),
    "s3-part": (
        s3("upload_part", Key="m", UploadId="any", PartNumber=10_001, Body=b"x"),
        "InvalidArgument",
        "between 1 and 10000",
    ),
    "s3-part-0": (
        s3("upload_part", Key="m", UploadId="any", PartNumber=0, Body=b"x"),
        "InvalidArgument",
        "between 1 and 10000",
    ),
    "secret": (
        secret("create_secret", Name="longer", SecretString="x" * 65_537),
        "ValidationException",
        "Value at 'secretString' failed to satisfy constraint: Member must have length less",
    ),
    "secret-put": (
        secret("put_secret_value", SecretId="there", SecretString="ä" * 32_769),
        "ValidationException",
        "less than or equal to 65536",
    ),
    "secret-binary": (
        secret("update_secret", SecretId="there", SecretBinary=b"x" * 65_537),
        "ValidationException",
        "Value at 'secretBinary'",
    ),
    "secret-delete": (
        secret("delete_secret", SecretId="there", RecoveryWindowInDays=6),
        "InvalidParameterException",
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
    ),
    "ssm-standard": (parameter("c", 4097), "ValidationException", "Standard tier parameters"),
    "ssm-advanced": (
        parameter("d", 8193, Tier="Advanced"),
        "ValidationException",
        "maximum parameter value of 8192 characters",
    ),
    "kms": (
        lambda c: c.kms.encrypt(KeyId=c.key, Plaintext=b"x" * 4097),
        "ValidationException",
        "less than or equal to 4096",
    ),
    "dynamodb-item": (
        dynamodb("put_item", Item=item(length=LARGEST_ITEM + 1)),
        "ValidationException",
        "Item size has exceeded the maximum allowed size",
    ),
    "dynamodb-update": (
        dynamodb(
            "update_item",
            Key={"pk": {"S": "p"}, "sk": {"S": "0"}},
            UpdateExpression="SET v = :v",
            ExpressionAttributeValues={":v": {"S": "x" * (LARGEST_ITEM + 1)}},
        ),
        "ValidationException",
        "Item size to update has exceeded the maximum allowed size",
    ),
    "dynamodb-batch-write": (
        put_items(26),
        "ValidationException",
        "Member must have length less than or equal to 25",
    ),
    "dynamodb-batch-get": (
        get_items(101),
        "ValidationException",
        "Member must have length less than or equal to 100",
    ),
    "dynamodb-transaction": (
        transaction(101),
        "ValidationException",
        "Member must have length less than or equal to 100",
    ),
    "dynamodb-transaction-size": (
        transaction(12, 400_000),
        "ValidationException",
        "exceeding the 4MB limit",
    ),
    "dynamodb-partition-key": (
        dynamodb("put_item", Item=item() | {"pk": {"S": "p" * 2049}}),
        "ValidationException",
        "Size of hashkey has exceeded the maximum size limit of2048 bytes",
    ),
    "dynamodb-sort-key": (
        dynamodb("put_item", Item=item("s" * 1025)),
        "ValidationException",
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
    ),
    "dynamodb-in": (scan_for(101), "ValidationException", "number of operands: 101"),
    "dynamodb-condition": (put_if(4097), "ValidationException", "expression size: 4097"),
    "dynamodb-condition-in-transaction": (
        lambda c: c.dynamodb.transact_write_items(
            TransactItems=[
                {
                    "ConditionCheck": {
                        "TableName": TABLE,
                        "Key": {"pk": {"S": "p"}, "sk": {"S": "0"}},
                        "ConditionExpression": "attribute_not_exists(nowhere)".ljust(4097),
                    }
                }
            ]
        ),
        "ValidationException",
        "expression size: 4097",
    ),
}
