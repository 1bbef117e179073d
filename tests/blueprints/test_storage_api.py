"""What is special about storage-api; what it shares with the others is tested with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from blueprints.granted import arn, granted
from cloudworthy.blueprints.systems import SYSTEMS
from synthesized import PROJECT, Resource, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

WATCHED = {
    "Throttles": ("AWS/Lambda", "Throttles", "Sum", 10),
    "Duration": ("AWS/Lambda", "Duration", "Average", 20_000),
    "DeadLetters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 0),
}


def test_everything_below_api_asks_for_a_token_but_health_and_preflight(
    storage_api: Synthesized,
) -> None:
    routes = {
        each.properties["RouteKey"]: each.properties["AuthorizationType"]
        for each in storage_api.of_type("AWS::ApiGatewayV2::Route")
    }
    assert routes == {
        "ANY /api/{proxy+}": "CUSTOM",
        "OPTIONS /api/{proxy+}": "NONE",
        "GET /api/health": "NONE",
    }


def test_every_route_leads_to_the_one_integration(storage_api: Synthesized) -> None:
    (integration,) = storage_api.of_type("AWS::ApiGatewayV2::Integration")
    assert integration.properties["PayloadFormatVersion"] == "2.0"
    for route in storage_api.of_type("AWS::ApiGatewayV2::Route"):
        assert integration.logical_id in json.dumps(route.properties["Target"])


def test_the_authorizer_answers_simply_and_is_asked_once_in_five_minutes(
    storage_api: Synthesized,
) -> None:
    (authorizer,) = storage_api.of_type("AWS::ApiGatewayV2::Authorizer")
    wanted = {
        "AuthorizerType": "REQUEST",
        "AuthorizerPayloadFormatVersion": "2.0",
        "AuthorizerResultTtlInSeconds": 300,
        "EnableSimpleResponses": True,
        "IdentitySource": ["$request.header.Authorization"],
    }
    assert wanted.items() <= authorizer.properties.items()


def test_stage_is_the_default_one_throttled_and_logged(storage_api: Synthesized) -> None:
    (stage,) = storage_api.of_type("AWS::ApiGatewayV2::Stage")
    assert (stage.properties["StageName"], stage.properties["AutoDeploy"]) == ("$default", True)
    assert stage.properties["DefaultRouteSettings"] == {
        "DetailedMetricsEnabled": True,
        "ThrottlingBurstLimit": 100,
        "ThrottlingRateLimit": 50,
    }
    line = json.loads(stage.properties["AccessLogSettings"]["Format"])
    assert {"requestId", "ip", "requestTime", "httpMethod", "routeKey", "status"} <= line.keys()


def test_only_configured_pages_may_call(
    storage_api: Synthesized, storage_api_prod: Synthesized
) -> None:
    prod = ["https://app.example.org", "https://example.org"]
    for stack, origins in ((storage_api, ["http://localhost:3000"]), (storage_api_prod, prod)):
        (api,) = stack.of_type("AWS::ApiGatewayV2::Api")
        assert api.properties["CorsConfiguration"]["AllowOrigins"] == origins
        (rule,) = stack.at("Objects/Bucket").properties["CorsConfiguration"]["CorsRules"]
        assert rule["AllowedOrigins"] == origins


def test_objects_expire(storage_api: Synthesized) -> None:
    bucket = storage_api.at("Objects/Bucket").properties
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert rules["Objects"]["ExpirationInDays"] == 90
    assert rules["OldVersions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    upload = rules["UnfinishedUploads"]["AbortIncompleteMultipartUpload"]
    assert upload == {"DaysAfterInitiation": 7}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


def test_concurrency_is_reserved_unless_set_otherwise(
    storage_api: Synthesized, storage_api_prod: Synthesized
) -> None:
    function = storage_api.at("ApiFunction/Function").properties
    assert function["ReservedConcurrentExecutions"] == 100
    unreserved = storage_api_prod.at("ApiFunction/Function").properties
    assert "ReservedConcurrentExecutions" not in unreserved


def test_failed_events_are_kept_and_told(storage_api: Synthesized) -> None:
    queue = storage_api.at("DeadLetters/Queue")
    (topic,) = storage_api.of_type("AWS::SNS::Topic")
    function = storage_api.at("ApiFunction/Function").properties
    assert function["DeadLetterConfig"]["TargetArn"] == {"Fn::GetAtt": [queue.logical_id, "Arn"]}
    config = storage_api.at("ApiFunction/Function/EventInvokeConfig").properties
    assert config["MaximumRetryAttempts"] == 2
    assert config["DestinationConfig"] == {"OnFailure": {"Destination": {"Ref": topic.logical_id}}}


def test_topic_and_queue_are_encrypted(storage_api: Synthesized) -> None:
    key = storage_api.at("NoticeKey/Key")
    (topic,) = storage_api.of_type("AWS::SNS::Topic")
    assert topic.properties["KmsMasterKeyId"] == {"Fn::GetAtt": [key.logical_id, "Arn"]}
    assert storage_api.at("DeadLetters/Queue").properties["SqsManagedSseEnabled"] is True


def test_alarms_may_use_the_key_of_the_topic(storage_api: Synthesized) -> None:
    key = storage_api.at("NoticeKey/Key").properties
    (_, alarms) = key["KeyPolicy"]["Statement"]
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarms["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert key["EnableKeyRotation"] is True


def test_the_secret_is_made_by_secrets_manager(storage_api: Synthesized) -> None:
    (secret,) = storage_api.of_type("AWS::SecretsManager::Secret")
    assert "SecretString" not in secret.properties
    assert secret.properties["GenerateSecretString"] == {
        "ExcludePunctuation": True,
        "GenerateStringKey": "token",
        "PasswordLength": 48,
        "SecretStringTemplate": "{}",
    }


def test_the_function_may_do_what_its_routes_do(storage_api: Synthesized) -> None:
    policy = storage_api.at("ApiFunction/Role/DefaultPolicy")
    bucket = storage_api.at("Objects/Bucket").logical_id
    assert granted(policy, "s3:") == {
        arn(bucket): {"s3:ListBucket"},
        arn(bucket, "/*"): {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
    }
    assert granted(policy, "sqs:") == {
        arn(storage_api.at("DeadLetters/Queue").logical_id): {"sqs:SendMessage"}
    }
    (topic,) = storage_api.of_type("AWS::SNS::Topic")
    assert granted(policy, "sns:") == {json.dumps({"Ref": topic.logical_id}): {"sns:Publish"}}
    assert granted(policy, "kms:") == {
        arn(storage_api.at("NoticeKey/Key").logical_id): {"kms:Decrypt", "kms:GenerateDataKey"}
    }
    assert granted(policy, "secretsmanager:") == _may_read_secret(storage_api)


def test_the_authorizer_may_read_the_secret_and_nothing_else(storage_api: Synthesized) -> None:
    policy = storage_api.at("Authorizer/Function/Role/DefaultPolicy")
    services = {
        action.partition(":")[0] for each in granted(policy, "").values() for action in each
    }
    assert services == {"logs", "secretsmanager", "xray"}
    assert granted(policy, "secretsmanager:") == _may_read_secret(storage_api)


@pytest.mark.parametrize(("name", "watched"), WATCHED.items())
def test_what_is_watched(
    storage_api: Synthesized, name: str, watched: tuple[str, str, str, int]
) -> None:
    alarm = storage_api.at(f"Alarms/{name}").properties
    found = tuple(alarm[each] for each in ("Namespace", "MetricName", "Statistic", "Threshold"))
    assert found == watched
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_the_error_alarm_counts_crashes_and_answers_of_500(storage_api: Synthesized) -> None:
    alarm = storage_api.at("Alarms/Errors").properties
    metrics = {each["Id"]: each for each in alarm["Metrics"]}
    watched = {
        name: metrics[name]["MetricStat"]["Metric"]["MetricName"] for name in ("failed", "answered")
    }
    assert watched == {"failed": "Errors", "answered": "5xx"}
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (5, "GreaterThanThreshold")


def test_every_alarm_tells_the_topic_when_it_fires_and_when_it_is_over(
    storage_api: Synthesized,
) -> None:
    (topic,) = storage_api.of_type("AWS::SNS::Topic")
    alarms = storage_api.of_type("AWS::CloudWatch::Alarm")
    assert {each.path.split("/")[-2] for each in alarms} == {
        "AuthorizerErrors",
        "DeadLetters",
        "Duration",
        "Errors",
        "Throttles",
    }
    for alarm in alarms:
        assert alarm.properties["AlarmActions"] == [{"Ref": topic.logical_id}]
        assert alarm.properties["OKActions"] == [{"Ref": topic.logical_id}]
        assert alarm.properties["TreatMissingData"] == "notBreaching"


def test_the_dashboard_shows_the_function(storage_api: Synthesized) -> None:
    (dashboard,) = storage_api.of_type("AWS::CloudWatch::Dashboard")
    text = json.dumps(dashboard.properties["DashboardBody"])
    for metric in ("Invocations", "Errors", "Duration", "ConcurrentExecutions"):
        assert metric in text


def test_queries_are_saved_for_the_log_of_the_function(storage_api: Synthesized) -> None:
    group = storage_api.at("ApiFunction/Logs").logical_id
    queries = storage_api.of_type("AWS::Logs::QueryDefinition")
    assert len(queries) == 4
    for query in queries:
        assert query.properties["LogGroupNames"] == [{"Ref": group}]
        assert query.properties["Name"].startswith("storage-api/")


def test_mails_go_to_the_addresses_of_the_settings(storage_api_prod: Synthesized) -> None:
    mails = storage_api_prod.of_type("AWS::SNS::Subscription")
    assert {each.properties["Endpoint"] for each in mails} == {
        "on-call@example.org",
        "owner@example.org",
    }


def test_tokens_of_a_provider_are_checked_by_the_gateway(storage_api_prod: Synthesized) -> None:
    (authorizer,) = storage_api_prod.of_type("AWS::ApiGatewayV2::Authorizer")
    assert authorizer.properties["AuthorizerType"] == "JWT"
    assert authorizer.properties["JwtConfiguration"] == {
        "Issuer": "https://id.example.org/",
        "Audience": ["page", "tool"],
    }
    assert not [each for each in storage_api_prod if each.path.startswith("storage-api/Authorizer")]


def test_none_opens_every_route(storage_api_opened: Synthesized) -> None:
    routes = storage_api_opened.of_type("AWS::ApiGatewayV2::Route")
    assert {
        each.properties["RouteKey"]: each.properties["AuthorizationType"] for each in routes
    } == {
        "ANY /api/{proxy+}": "NONE",
        "GET /api/health": "NONE",
    }


def test_iam_asks_for_signed_requests(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    SYSTEMS["storage-api"](app, PROJECT, {"auth": "iam"})
    app.synth()
    template: dict[str, Any] = json.loads((tmp_path / "storage-api.template.json").read_text())
    resources = [Resource(name, it) for name, it in template["Resources"].items()]
    routes = {
        each.properties["RouteKey"]: each.properties["AuthorizationType"]
        for each in resources
        if each.type == "AWS::ApiGatewayV2::Route"
    }
    assert routes["ANY /api/{proxy+}"] == "AWS_IAM"
    assert routes["GET /api/health"] == routes["OPTIONS /api/{proxy+}"] == "NONE"
    (api,) = (each for each in resources if each.type == "AWS::ApiGatewayV2::Api")
    allowed = set(api.properties["CorsConfiguration"]["AllowHeaders"])
    assert {"X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token"} < allowed


def _may_read_secret(stack: Synthesized) -> dict[str, set[str]]:
    (secret,) = stack.of_type("AWS::SecretsManager::Secret")
    return {json.dumps({"Ref": secret.logical_id}): {"secretsmanager:GetSecretValue"}}
