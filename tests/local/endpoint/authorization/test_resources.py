"""Which actions on which resources, for all but stored data: exactly."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.model.http import Request
from local.endpoint.authorization.known import (
    IN,
    KEY,
    MACHINE,
    QUEUE,
    QUEUE_URL,
    SECRET,
    TOPIC,
    Case,
    Known,
)
from local.endpoint.authorization.wire import ACCOUNT, REGION, decide_on, needs

OTHER_KEY = KEY.replace("123456789012", "210987654321")
MESSAGES: list[Case] = [
    (
        "sqs",
        "SendMessage",
        {"QueueUrl": QUEUE_URL, "MessageBody": "m"},
        {"sqs:SendMessage": (QUEUE,)},
    ),
    (
        "sqs",
        "SendMessageBatch",
        {"QueueUrl": QUEUE_URL, "Entries": []},
        {"sqs:SendMessage": (QUEUE,)},
    ),
    ("sqs", "GetQueueUrl", {"QueueName": "jobs"}, {"sqs:GetQueueUrl": (QUEUE,)}),
    ("sns", "Publish", {"TopicArn": TOPIC, "Message": "m"}, {"sns:Publish": (TOPIC,)}),
    ("sns", "Publish", {"PhoneNumber": "+1", "Message": "m"}, {"sns:Publish": ("*",)}),
    (
        "sns",
        "Publish",
        {"TopicArn": TOPIC, "TargetArn": f"{TOPIC}2", "Message": "m"},
        {"sns:Publish": (TOPIC, f"{TOPIC}2")},
    ),
    (
        "sns",
        "Publish",
        {"TopicArn": TOPIC, "PhoneNumber": "+1", "Message": "m"},
        {"sns:Publish": (TOPIC, "*")},
    ),
    ("sns", "PublishBatch", {"TopicArn": TOPIC}, {"sns:Publish": (TOPIC,)}),
    ("sns", "Unsubscribe", {"SubscriptionArn": f"{TOPIC}:1-2"}, {"sns:Unsubscribe": (TOPIC,)}),
    (
        "events",
        "PutEvents",
        {"Entries": [{"Detail": "{}"}, {"EventBusName": "own"}, {"Detail": "{}"}]},
        {
            "events:PutEvents": (
                f"arn:aws:events:{IN}:event-bus/default",
                f"arn:aws:events:{IN}:event-bus/own",
            )
        },
    ),
    (
        "events",
        "DescribeRule",
        {"Name": "r"},
        {"events:DescribeRule": (f"arn:aws:events:{IN}:rule/r",)},
    ),
    (
        "events",
        "DescribeRule",
        {"Name": "r", "EventBusName": "own"},
        {"events:DescribeRule": (f"arn:aws:events:{IN}:rule/own/r",)},
    ),
    (
        "stepfunctions",
        "ListExecutions",
        {"stateMachineArn": MACHINE, "mapRunArn": f"{MACHINE}/r:1"},
        {"states:ListExecutions": (f"{MACHINE}/r:1", MACHINE)},
    ),
    (
        "stepfunctions",
        "StartExecution",
        {"stateMachineArn": MACHINE, "name": "n"},
        {"states:StartExecution": (MACHINE,)},
    ),
]
OTHERS: list[Case] = [
    (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": "app/db"},
        {"secretsmanager:GetSecretValue": (SECRET,)},
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": SECRET[:-7]},
        {"secretsmanager:GetSecretValue": (SECRET,)},
    ),
    (
        "secretsmanager",
        "PutSecretValue",
        {"SecretId": "unknown"},
        {"secretsmanager:PutSecretValue": (f"arn:aws:secretsmanager:{IN}:secret:unknown",)},
    ),
    (
        "secretsmanager",
        "CreateSecret",
        {"Name": "new"},
        {"secretsmanager:CreateSecret": (f"arn:aws:secretsmanager:{IN}:secret:new-000000",)},
    ),
    (
        "secretsmanager",
        "BatchGetSecretValue",
        {"SecretIdList": ["app/db"]},
        {"secretsmanager:BatchGetSecretValue": ("*",), "secretsmanager:GetSecretValue": (SECRET,)},
    ),
    ("kms", "Encrypt", {"KeyId": "alias/app", "Plaintext": b"x"}, {"kms:Encrypt": (KEY,)}),
    (
        "kms",
        "Decrypt",
        {"CiphertextBlob": KEY.rpartition("/")[2].encode() + b"..."},
        {"kms:Decrypt": (KEY,)},
    ),
    (
        "kms",
        "Decrypt",
        {"KeyId": KEY, "CiphertextBlob": OTHER_KEY.rpartition("/")[2].encode() + b"..."},
        {"kms:Decrypt": (KEY, OTHER_KEY)},
    ),
    (
        "kms",
        "ReEncrypt",
        {
            "CiphertextBlob": OTHER_KEY.rpartition("/")[2].encode() + b"...",
            "SourceKeyId": KEY,
            "DestinationKeyId": KEY,
        },
        {"kms:ReEncryptFrom": (KEY, OTHER_KEY), "kms:ReEncryptTo": (KEY,)},
    ),
    (
        "kms",
        "ReEncrypt",
        {"CiphertextBlob": b"?", "SourceKeyId": KEY, "DestinationKeyId": "alias/app"},
        {"kms:ReEncryptFrom": (KEY,), "kms:ReEncryptTo": (KEY,)},
    ),
    (
        "ssm",
        "GetParameters",
        {"Names": ["/app/a", "b:3", f"arn:aws:ssm:{IN}:parameter/c"]},
        {
            "ssm:GetParameters": tuple(
                f"arn:aws:ssm:{IN}:parameter/{n}" for n in ("app/a", "b", "c")
            )
        },
    ),
    (
        "ssm",
        "GetParametersByPath",
        {"Path": "/app"},
        {"ssm:GetParametersByPath": (f"arn:aws:ssm:{IN}:parameter/app",)},
    ),
    (
        "lambda",
        "Invoke",
        {"FunctionName": "api", "Payload": b'{"FunctionName": "other"}'},
        {"lambda:InvokeFunction": (f"arn:aws:lambda:{IN}:function:api",)},
    ),
    (
        "lambda",
        "Invoke",
        {"FunctionName": f"{ACCOUNT}:function:api", "Qualifier": "live"},
        {"lambda:InvokeFunction": (f"arn:aws:lambda:{IN}:function:api:live",)},
    ),
    (
        "lambda",
        "Invoke",
        {"FunctionName": f"arn:aws:lambda:{IN}:function:api:live"},
        {"lambda:InvokeFunction": (f"arn:aws:lambda:{IN}:function:api:live",)},
    ),
    (
        "lambda",
        "Invoke",
        {"FunctionName": "api", "Qualifier": ""},
        {"lambda:InvokeFunction": (f"arn:aws:lambda:{IN}:function:api",)},
    ),
    (
        "lambda",
        "Invoke",
        {"FunctionName": f"arn:aws:lambda:{IN}:function:api:live", "Qualifier": "live"},
        {"lambda:InvokeFunction": (f"arn:aws:lambda:{IN}:function:api:live",)},
    ),
    (
        "lambda",
        "CreateFunction",
        {"FunctionName": "new", "Role": "arn:aws:iam::1:role/r", "Code": {}},
        {
            "iam:PassRole": ("arn:aws:iam::1:role/r",),
            "lambda:CreateFunction": (f"arn:aws:lambda:{IN}:function:new",),
        },
    ),
    (
        "logs",
        "PutLogEvents",
        {"logGroupName": "/app", "logStreamName": "s", "logEvents": []},
        {"logs:PutLogEvents": (f"arn:aws:logs:{IN}:log-group:/app:log-stream:s",)},
    ),
    (
        "logs",
        "PutSubscriptionFilter",
        {"logGroupName": "/app", "destinationArn": f"arn:aws:lambda:{IN}:function:f"},
        {"logs:PutSubscriptionFilter": (f"arn:aws:logs:{IN}:log-group:/app:log-stream:",)},
    ),
    (
        "logs",
        "PutSubscriptionFilter",
        {"logGroupName": "/app", "destinationArn": f"arn:aws:logs:{IN}:destination:d"},
        {
            "logs:PutSubscriptionFilter": (
                f"arn:aws:logs:{IN}:destination:d",
                f"arn:aws:logs:{IN}:log-group:/app:log-stream:",
            )
        },
    ),
    (
        "logs",
        "CreateLogGroup",
        {"logGroupName": "/app"},
        {"logs:CreateLogGroup": (f"arn:aws:logs:{IN}:log-group:/app:log-stream:",)},
    ),
    ("cloudwatch", "PutMetricData", {"Namespace": "App"}, {"cloudwatch:PutMetricData": ("*",)}),
    ("xray", "PutTraceSegments", {"TraceSegmentDocuments": []}, {"xray:PutTraceSegments": ("*",)}),
    (
        "apigateway",
        "GetRestApi",
        {"restApiId": "abc"},
        {"apigateway:GET": (f"arn:aws:apigateway:{REGION}::/restapis/abc",)},
    ),
    ("sts", "GetCallerIdentity", {}, {}),
    (
        "sts",
        "AssumeRole",
        {"RoleArn": "arn:aws:iam::1:role/r"},
        {"sts:AssumeRole": ("arn:aws:iam::1:role/r",)},
    ),
    ("iam", "GetRole", {"RoleName": "r"}, {"iam:GetRole": (f"arn:aws:iam::{ACCOUNT}:role/r",)}),
    (
        "scheduler",
        "GetSchedule",
        {"Name": "n"},
        {"scheduler:GetSchedule": (f"arn:aws:scheduler:{IN}:schedule/default/n",)},
    ),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "expected"), [*MESSAGES, *OTHERS])
def test_actions_and_resources(
    service: str,
    operation: str,
    parameters: dict[str, Any],
    expected: dict[str, tuple[str, ...]],
) -> None:
    assert needs(service, operation, parameters, Known()) == expected


def test_a_queue_of_the_query_protocol_is_in_the_path() -> None:
    form = b"Action=SendMessage&MessageBody=m"
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    request = Request("POST", f"/{ACCOUNT}/jobs", headers, form)
    assert [one.resources for one in decide_on("sqs", request)] == [(QUEUE,)]
