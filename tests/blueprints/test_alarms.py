"""Alarms: what they watch, whom they tell, and what silence means to them."""

from __future__ import annotations

import json

import pytest

from synthesized import Synthesized

pytestmark = pytest.mark.xdist_group("synth")

WATCHED = {
    "ServerErrors": ("AWS/ApiGateway", "5XXError", 1),
    "Latency": ("AWS/ApiGateway", "Latency", 3000),
    "ApiErrors": ("AWS/Lambda", "Errors", 1),
    "ApiThrottles": ("AWS/Lambda", "Throttles", 1),
    "ApiDuration": ("AWS/Lambda", "Duration", 24_000),
    "HealthErrors": ("AWS/Lambda", "Errors", 1),
    "HealthThrottles": ("AWS/Lambda", "Throttles", 1),
    "HealthDuration": ("AWS/Lambda", "Duration", 4000),
    "TableReadThrottles": ("AWS/DynamoDB", "ReadThrottleEvents", 1),
    "TableWriteThrottles": ("AWS/DynamoDB", "WriteThrottleEvents", 1),
    "IndexReadThrottles": ("AWS/DynamoDB", "ReadThrottleEvents", 1),
    "IndexWriteThrottles": ("AWS/DynamoDB", "WriteThrottleEvents", 1),
}


@pytest.mark.parametrize(("name", "watched"), WATCHED.items())
def test_what_is_watched(dev: Synthesized, name: str, watched: tuple[str, str, int]) -> None:
    alarm = dev.at(f"Alarms/{name}").properties
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == watched
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["AlarmDescription"]


def test_no_alarm_is_left_out_of_this_list(dev: Synthesized) -> None:
    assert len(dev.of_type("AWS::CloudWatch::Alarm")) == len(WATCHED)


def test_every_alarm_tells_the_topic_and_treats_missing_data(dev: Synthesized) -> None:
    (topic,) = dev.of_type("AWS::SNS::Topic")
    for alarm in dev.of_type("AWS::CloudWatch::Alarm"):
        assert alarm.properties["AlarmActions"] == [{"Ref": topic.logical_id}], alarm.path
        assert alarm.properties["OKActions"] == [{"Ref": topic.logical_id}]
        assert alarm.properties["TreatMissingData"] == "notBreaching"


def test_the_error_alarm_counts_answers_not_failed_invocations(dev: Synthesized) -> None:
    """A handler that catches its exception and answers 500 must still trip it."""
    alarm = dev.at("Alarms/ServerErrors").properties
    names = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    assert names["ApiName"] == dev.at("Api/Api").properties["Name"]
    assert names["Stage"] == {"Ref": dev.of_type("AWS::ApiGateway::Stage")[0].logical_id}


def test_index_alarms_watch_the_index(dev: Synthesized) -> None:
    for name in ("IndexReadThrottles", "IndexWriteThrottles"):
        dimensions = dev.at(f"Alarms/{name}").properties["Dimensions"]
        assert {"Name": "GlobalSecondaryIndexName", "Value": "StatusIndex"} in dimensions


def test_alarms_may_publish_to_the_topic(dev: Synthesized) -> None:
    """A topic policy of one's own takes away what the default one grants."""
    (policy,) = dev.of_type("AWS::SNS::TopicPolicy")
    statements = policy.properties["PolicyDocument"]["Statement"]
    (allowed,) = [each for each in statements if each["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert ":alarm:*" in json.dumps(allowed["Condition"]["ArnLike"])
    (denied,) = [each for each in statements if each["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_mails_go_to_the_addresses_of_the_settings(dev: Synthesized, prod: Synthesized) -> None:
    assert not dev.of_type("AWS::SNS::Subscription")
    addresses = {
        each.properties["Endpoint"]
        for each in prod.of_type("AWS::SNS::Subscription")
        if each.properties["Protocol"] == "email"
    }
    assert addresses == {"on-call@example.org", "owner@example.org"}
