"""The app that is killed: one of each thing that keeps what it acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

from running_system import ROOT
from small_app import write_assembly

TABLE, BUCKET, RETAINED = "durable-items", "durable-objects", "durable-more"
QUEUE, PUBLISHED, RESULTS, DEAD, TOPIC = "sent", "published", "results", "dead", "news"
RUNS = "runs.txt"
"""Where the worker function writes what it ran with, beside the app's directory."""

_WORKER = """
    import os
    def handler(event, context):
        runs = os.open({runs!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(runs, (event["name"] + "\\n").encode())
        os.close(runs)
        if event["fails"]:
            raise ValueError(event["name"])
        return event["name"]
"""
_ITEMS = """
    import boto3, json
    items = boto3.client("dynamodb")
    def handler(event, context):
        body = json.loads(event["body"])
        key = {{"pk": {{"S": body["pk"]}}}}
        if event["httpMethod"] == "DELETE":
            items.delete_item(TableName={table!r}, Key=key)
        else:
            items.put_item(TableName={table!r}, Item=key | {{"v": {{"S": body["v"]}}}})
        return {{"statusCode": 200, "body": ""}}
"""
_APP = """
import os, pathlib, sys
sys.path.insert(0, {tests!r})
from durability.app import synthesize
synthesize(pathlib.Path(os.environ["CDK_OUTDIR"]), pathlib.Path.cwd())
"""
UP = ("--app", f"{sys.executable} app.py", "--clock-speed", "60")
"""The clock is fast so that a retry comes after seconds, not after minutes."""


def write_app(directory: Path) -> Path:
    """Write the app below a directory; returns where it is."""
    app = directory / "app"
    code = {
        "worker": _WORKER.format(runs=str(directory / RUNS)),
        "items": _ITEMS.format(table=TABLE),
    }
    for name, text in code.items():
        (app / name).mkdir(parents=True)
        (app / name / "index.py").write_text(dedent(text))
    (app / "app.py").write_text(_APP.format(tests=str(Path(__file__).parents[1])))
    _share_worker_environments(app)
    return app


def _share_worker_environments(app: Path) -> None:
    """Those of other runs are used: to make one takes longer than a trial."""
    shared, own = (it / ".cloudworthy" / "cache" / "workers" for it in (ROOT, app))
    shared.mkdir(parents=True, exist_ok=True)
    own.parent.mkdir(parents=True)
    own.symlink_to(shared)


def synthesize(target: Path, app: Path) -> None:
    """Write the assembly, with as many more queues as the file ``more`` says."""
    code = {"Worker": app / "worker", "Items": app / "items"}
    more = app / "more"
    write_assembly(target, code, _resources(int(more.read_text()) if more.exists() else 0))


def _resources(further: int) -> dict[str, object]:
    more = {f"More{n}": _queue(f"more-{n}") for n in range(further)}
    table: dict[str, object] = {
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]
    }
    bucket: dict[str, object] = {"VersioningConfiguration": {"Status": "Enabled"}}
    return {
        "Table": _of(
            "AWS::DynamoDB::Table",
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            **table,
        ),
        "Bucket": _of("AWS::S3::Bucket", BucketName=BUCKET, **bucket),
        "Sent": _queue(QUEUE),
        "Published": _queue(PUBLISHED),
        "Results": _queue(RESULTS),
        "Dead": _queue(DEAD),
        "News": _of("AWS::SNS::Topic", TopicName=TOPIC),
        "Subscription": _of(
            "AWS::SNS::Subscription",
            TopicArn={"Ref": "News"},
            Protocol="sqs",
            Endpoint=_arn("Published"),
            RawMessageDelivery=True,
        ),
        "MayPublish": _of(
            "AWS::SQS::QueuePolicy",
            Queues=[{"Ref": "Published"}],
            PolicyDocument={
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": _arn("Published"),
                },
            },
        ),
        "Rights": _of(
            "AWS::IAM::Policy",
            PolicyName="Rights",
            Roles=[{"Ref": "Role"}],
            PolicyDocument={
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": ["sqs:SendMessage", "dynamodb:PutItem", "dynamodb:DeleteItem"],
                    "Resource": [_arn("Results"), _arn("Dead"), _arn("Table")],
                },
            },
        ),
        "Events": _of(
            "AWS::Lambda::EventInvokeConfig",
            FunctionName={"Ref": "Worker"},
            Qualifier="$LATEST",
            MaximumRetryAttempts=1,
            DestinationConfig={
                "OnSuccess": {"Destination": _arn("Results")},
                "OnFailure": {"Destination": _arn("Dead")},
            },
        ),
        **_api(),
        **more,
    }


def _api() -> dict[str, object]:
    uri = [
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/",
        _arn("Items"),
        "/invocations",
    ]
    api = {"Ref": "Api"}
    return {
        "Api": _of("AWS::ApiGateway::RestApi", Name="items"),
        "Method": _of(
            "AWS::ApiGateway::Method",
            RestApiId=api,
            ResourceId={"Fn::GetAtt": ["Api", "RootResourceId"]},
            HttpMethod="ANY",
            AuthorizationType="NONE",
            ApiKeyRequired=True,
            Integration={
                "Type": "AWS_PROXY",
                "IntegrationHttpMethod": "POST",
                "Uri": {"Fn::Join": ["", uri]},
            },
        ),
        "Deployment": _of("AWS::ApiGateway::Deployment", RestApiId=api) | {"DependsOn": ["Method"]},
        "Stage": _of(
            "AWS::ApiGateway::Stage",
            RestApiId=api,
            DeploymentId={"Ref": "Deployment"},
            StageName="prod",
        ),
        "Key": _of("AWS::ApiGateway::ApiKey", Enabled=True),
        "Plan": _of(
            "AWS::ApiGateway::UsagePlan",
            ApiStages=[{"ApiId": api, "Stage": {"Ref": "Stage"}}],
            Quota={"Limit": 10_000_000, "Period": "MONTH"},
        ),
        "PlanKey": _of(
            "AWS::ApiGateway::UsagePlanKey",
            KeyId={"Ref": "Key"},
            KeyType="API_KEY",
            UsagePlanId={"Ref": "Plan"},
        ),
        "Permission": _of(
            "AWS::Lambda::Permission",
            Action="lambda:InvokeFunction",
            FunctionName=_arn("Items"),
            Principal="apigateway.amazonaws.com",
        ),
    }


def _of(kind: str, **properties: Any) -> dict[str, object]:
    return {"Type": kind, "Properties": properties}


def _queue(name: str) -> dict[str, object]:
    return _of("AWS::SQS::Queue", QueueName=name)


def _arn(logical_id: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}
