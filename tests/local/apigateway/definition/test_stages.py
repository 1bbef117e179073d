from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import AccessLog, Stage, build_rest_apis
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from local.apigateway.deploying import API_ID, deployment, resource, stage

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:access"


def stage_of(**properties: Any) -> Stage:
    (api,) = build_rest_apis(deployment({}, stage("prod", **properties)))
    return api.stages[0]


def test_settings_of_a_stage() -> None:
    found = stage_of(
        DeploymentId="dep",
        TracingEnabled="true",
        Variables={"a": "b"},
        MethodSettings=[
            {
                "ResourcePath": "/~1items~1{id}",
                "HttpMethod": "GET",
                "LoggingLevel": "INFO",
                "MetricsEnabled": True,
                "DataTraceEnabled": False,
                "ThrottlingRateLimit": 0.5,
                "ThrottlingBurstLimit": "2",
            }
        ],
    )
    (settings,) = found.settings
    assert (found.name, found.deployment_id, found.tracing) == ("prod", "dep", True)
    assert (settings.resource_path, settings.http_method) == ("/items/{id}", "GET")
    assert (settings.throttling_rate_per_s, settings.throttling_burst) == (0.5, 2)
    assert (settings.logging_level, settings.metrics, settings.data_trace) == ("INFO", True, False)


@pytest.mark.parametrize("arn", [GROUP, f"{GROUP}:*"])
def test_access_logs_go_to_a_log_group(arn: str) -> None:
    found = stage_of(AccessLogSetting={"DestinationArn": arn, "Format": "$context.requestId"})
    assert found.access_log == AccessLog("access", "$context.requestId")


def test_an_access_log_format_must_name_the_request() -> None:
    with pytest.raises(TemplateError, match=r"\$context\.requestId"):
        stage_of(AccessLogSetting={"DestinationArn": GROUP, "Format": "$context.status"})


@pytest.mark.parametrize(
    "properties",
    [
        {"CanarySetting": {"PercentTraffic": 10}},
        {"AccessLogSetting": {"DestinationArn": "arn:aws:firehose:x", "Format": "x"}},
    ],
)
def test_what_would_change_behaviour_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError, match="prodStage"):
        stage_of(**properties)


def test_a_deployment_may_name_the_stage_itself() -> None:
    named = resource("Deployment", "Deployment", RestApiId=API_ID, StageName="v1")
    (api,) = build_rest_apis(deployment({}, named))
    assert {s.name: s.deployment_id for s in api.stages}["v1"] == "Deployment"
