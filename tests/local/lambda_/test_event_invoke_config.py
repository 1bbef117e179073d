"""What templates say about asynchronous invocation."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.lambda_.asynchronous.configuration import (
    EventInvokeConfig,
    build_event_invoke_configs,
)
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack

QUEUE = "arn:aws:sqs:us-east-1:000000000000:queue"
STACK = Stack("Stack", "000000000000", "us-east-1", {}, {})


def deployment(**properties: Any) -> Deployment:
    resource = ProvisionedResource("Config", "AWS::Lambda::EventInvokeConfig", "id", properties)
    return Deployment(STACK, {"Config": resource}, {})


def test_what_holds_without_a_configuration() -> None:
    configs = build_event_invoke_configs(Deployment(STACK, {}, {}))
    assert configs.of("any", "") == EventInvokeConfig(2, 21_600, "", "")


@pytest.mark.parametrize(
    "name",
    ["name", "arn:aws:lambda:us-east-1:000000000000:function:name", "000000000000:function:name"],
)
def test_a_configuration_of_a_function(name: str) -> None:
    configs = build_event_invoke_configs(
        deployment(
            FunctionName=name,
            Qualifier="$LATEST",
            MaximumRetryAttempts=0,
            MaximumEventAgeInSeconds="60",
            DestinationConfig={
                "OnSuccess": {"Destination": QUEUE},
                "OnFailure": {"Destination": "arn:aws:s3:::bucket"},
            },
        )
    )
    assert configs.of("name", "") == EventInvokeConfig(0, 60, QUEUE, "arn:aws:s3:::bucket")
    assert configs.of("name", "live") == EventInvokeConfig()


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"MaximumRetryAttempts": 3}, "found 3, expected 0 to 2"),
        ({"MaximumEventAgeInSeconds": 59}, "found 59, expected 60 to 21600"),
        (
            {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:s3:::bucket"}}},
            "an ARN of one of events, lambda, sns, sqs",
        ),
        ({"DestinationConfig": {"OnFailure": {"Destination": "queue"}}}, "found 'queue'"),
        (
            {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:sqs:x"}}},
            "found 'arn:aws:sqs:x', expected an ARN of one of",
        ),
    ],
)
def test_what_aws_would_refuse(properties: dict[str, Any], expected: str) -> None:
    with pytest.raises(TemplateError, match=expected):
        build_event_invoke_configs(deployment(FunctionName="name", **properties))
