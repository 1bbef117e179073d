"""Every operation of every service that is served, as botocore itself writes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local.endpoint.authorization.wire import (
    SERVICES,
    classified,
    decide_on,
    example,
    model_of,
    written,
)

ROOT = Path(__file__).resolve().parents[4]
# The same request on the wire: a newer operation took the older one's place.
TWINS = {
    ("s3", "GetBucketLifecycle"): "GetBucketLifecycleConfiguration",
    ("s3", "PutBucketLifecycle"): "PutBucketLifecycleConfiguration",
    ("s3", "GetBucketNotification"): "GetBucketNotificationConfiguration",
    ("s3", "PutBucketNotification"): "PutBucketNotificationConfiguration",
    # This one goes to another host on AWS.
    ("s3", "ListDirectoryBuckets"): "ListBuckets",
}
# Authorized by a token or by nothing, whatever policies say.
OPEN = {
    ("sts", "AssumeRoleWithSAML"),
    ("sts", "AssumeRoleWithWebIdentity"),
    ("sts", "GetCallerIdentity"),
    ("sts", "GetSessionToken"),
}
FOREIGN_PREFIXES = {
    "CreateSession": "s3express",
    "ListDirectoryBuckets": "s3express",
    "WriteGetObjectResponse": "s3-object-lambda",
}
PREFIXES = {
    "apigatewaymanagementapi": "execute-api",
    "apigatewayv2": "apigateway",
    "dynamodbstreams": "dynamodb",
    "stepfunctions": "states",
}
PROTOCOLS = [(service, "") for service in SERVICES] + [
    ("cloudwatch", "json"),
    ("cloudwatch", "query"),
    ("sqs", "query"),
]


@pytest.mark.parametrize(("service", "protocol"), PROTOCOLS)
@pytest.mark.parametrize("required_only", [True, False])
def test_the_request_is_known_for_its_operation_and_its_actions(
    service: str, protocol: str, *, required_only: bool
) -> None:
    model = model_of(service)
    prefix = PREFIXES.get(service, service)
    assert model.operation_names
    for name in model.operation_names:
        operation = model.operation_model(name)
        shape = operation.input_shape
        parameters = example(shape, required_only=required_only) if shape else {}
        request = written(service, name, parameters, protocol)
        assert classified(service, request).name == TWINS.get((service, name), name)
        needed = decide_on(service, request)
        is_open = operation.auth_type == "none" or (service, name) in OPEN
        assert bool(needed) is not is_open, name
        for one in needed:
            expected = FOREIGN_PREFIXES.get(name, prefix)
            assert one.action.partition(":")[0] in {expected, prefix, "iam"}, name
            assert one.resources, name
            for resource in one.resources:
                assert resource == "*" or resource.startswith("arn:aws:")
                assert "{" not in resource, name


def test_the_tables_are_those_of_the_installed_sdk_and_the_reference_kept_here() -> None:
    command = [sys.executable, "-m", "scripts.iam_actions", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
