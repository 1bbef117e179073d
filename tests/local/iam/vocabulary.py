"""What generated requests are made of: few values, so that policies often hit them."""

from __future__ import annotations

from dataclasses import dataclass

OWN = "111122223333"
OTHER = "444455556666"
ROLE = "arn:aws:iam::111122223333:role/service/Orders"
OTHER_ROLE = "arn:aws:iam::111122223333:role/Payments"
SESSION = "arn:aws:sts::111122223333:assumed-role/Orders/create-order"
OTHER_SESSION = "arn:aws:sts::111122223333:assumed-role/Orders/list-orders"
USER = "arn:aws:iam::111122223333:user/ann"
SERVICES = ("s3.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com")

RESOURCES = {
    "dynamodb": (
        "arn:aws:dynamodb:eu-west-1:111122223333:table/Orders",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/Orders/index/by-date",
        "arn:aws:dynamodb:us-east-1:111122223333:table/Users-ann",
    ),
    "s3": (
        "arn:aws:s3:::orders-bucket",
        "arn:aws:s3:::orders-bucket/ann/2026/a.b",
        "arn:aws:s3:::archive/blue/x+y",
    ),
    "sqs": ("arn:aws:sqs:eu-west-1:111122223333:orders", "arn:aws:sqs:eu-west-1:111122223333:dlq"),
    "sns": ("arn:aws:sns:eu-west-1:111122223333:orders-topic",),
    "lambda": (
        "arn:aws:lambda:eu-west-1:111122223333:function:orders",
        "arn:aws:lambda:eu-west-1:111122223333:function:orders:live",
    ),
    "kms": (
        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:eu-west-1:111122223333:alias/orders",
    ),
    "secretsmanager": ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/ann-AbCdEf",),
    "logs": ("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/orders:log-stream:2026",),
    "sts": ("arn:aws:iam::111122223333:role/Payments",),
}
ACTIONS = {
    "dynamodb": ("GetItem", "PutItem", "Query", "BatchGetItem"),
    "s3": ("GetObject", "PutObject", "ListBucket", "DeleteObject"),
    "sqs": ("SendMessage", "ReceiveMessage"),
    "sns": ("Publish", "Subscribe"),
    "lambda": ("InvokeFunction", "GetFunction"),
    "kms": ("Decrypt", "GenerateDataKey"),
    "secretsmanager": ("GetSecretValue", "DescribeSecret"),
    "logs": ("PutLogEvents", "CreateLogStream"),
    "sts": ("AssumeRole", "TagSession"),
}
WITHOUT_RESOURCE = (
    "s3:ListAllMyBuckets",
    "dynamodb:ListTables",
    "sqs:ListQueues",
    "kms:ListKeys",
    "sts:GetCallerIdentity",
)


@dataclass(frozen=True, slots=True)
class Key:
    """A condition key: which operators suit it, and values for requests and policies."""

    name: str
    family: str
    values: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    multivalued: bool = False


KEYS = (
    Key("aws:PrincipalTag/team", "String", ("blue", "Blue", "red"), ("b*", "?ed", "blu?", "*")),
    Key(
        "aws:username", "String", ("ann", "bob", "a*"), ("${aws:username}", "a??", "${*}", "a${*}")
    ),
    Key("s3:prefix", "String", ("ann/", "ann/2026", "red/x", "$5"), ("${aws:username}/*", "${$}5")),
    Key(
        "aws:RequestTag/team",
        "String",
        ("blue", "red"),
        ("${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'red'}", "${aws:missing, 'blue'}"),
    ),
    Key(
        "aws:SourceArn",
        "Arn",
        (
            "arn:aws:s3:::orders-bucket",
            "arn:aws:events:eu-west-1:111122223333:rule/nightly",
            "arn:aws:sns:eu-west-1:111122223333:orders-topic",
        ),
        (
            "arn:aws:s3:::*",
            "arn:aws:events:*:111122223333:rule/*",
            "arn:aws:s*:*:*:*orders*",
            "arn:aws:sns:eu-west-?:*:orders-topic",
            "arn:aws:*:*:*:${aws:username}",
        ),
    ),
    Key("aws:PrincipalArn", "Arn", (ROLE, OTHER_ROLE, USER), ("arn:aws:iam::*:role/*",)),
    Key("aws:MultiFactorAuthAge", "Numeric", ("10", "300", "300.5", "0", "-1"), ("300.0", "3600")),
    Key("s3:max-keys", "Numeric", ("1", "100", "1000"), ("10",)),
    Key(
        "aws:CurrentTime",
        "Date",
        ("2026-01-01T00:00:00Z", "2026-06-30T12:30:15.5Z", "2025-12-31T23:00:00-01:00"),
        ("2026-06-30", "2026-01", "2026-06-30T14:30:15.500+02:00"),
    ),
    Key("aws:EpochTime", "Date", ("1767225600", "1782822615", "1"), ("1800000000",)),
    Key("aws:SecureTransport", "Bool", ("true", "false"), ("True", "FALSE")),
    Key("aws:ViaAWSService", "Bool", ("true", "false"), ("no",)),
    Key(
        "aws:SourceIp",
        "Ip",
        ("203.0.113.7", "10.1.2.3", "192.168.0.1"),
        ("203.0.113.0/24", "10.0.0.0/8", "128.0.0.0/1", "10.1.2.3/32"),
    ),
    Key(
        "aws:VpcSourceIp",
        "Ip",
        ("2001:db8:85a3::8a2e:370:7334", "2001:db9::1", "10.1.2.3"),
        ("2001:db8::/32", "::/0", "2001:db9::/128", "10.0.0.0/8"),
    ),
    Key("example:Digest", "Binary", ("QmluYXJ5", "T3RoZXI="), ()),
    Key(
        "aws:TagKeys",
        "String",
        ("team", "stage", "Owner"),
        ("t*", "s????", "own*"),
        multivalued=True,
    ),
    Key(
        "dynamodb:LeadingKeys",
        "String",
        ("ann", "bob", "a*"),
        ("${aws:username}", "a*", "b?b"),
        multivalued=True,
    ),
)
MULTIVALUED = tuple(key for key in KEYS if key.multivalued)
OPERATORS = {
    "String": (
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ),
    "Arn": ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "StringLike", "StringEquals"),
    "Numeric": tuple(
        f"Numeric{name}"
        for name in (
            "Equals",
            "NotEquals",
            "LessThan",
            "LessThanEquals",
            "GreaterThan",
            "GreaterThanEquals",
        )
    ),
    "Bool": ("Bool", "StringEquals", "Bool"),
    "Ip": ("IpAddress", "NotIpAddress"),
    "Binary": ("BinaryEquals",),
}
OPERATORS["Date"] = tuple(name.replace("Numeric", "Date") for name in OPERATORS["Numeric"])
