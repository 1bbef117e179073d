"""crud-api: a function an operation, the cache when it is asked for, and what is watched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synthesized import Resource, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

ROUTES = {
    ("POST", "/items"): "Create",
    ("GET", "/items"): "List",
    ("GET", "/items/{id}"): "Get",
    ("PUT", "/items/{id}"): "Update",
    ("DELETE", "/items/{id}"): "Delete",
    # The list knows every route, and what to say to another request.
    ("ANY", "/"): "List",
    ("ANY", "/items"): "List",
    ("ANY", "/items/{id}"): "List",
    ("ANY", "/{proxy+}"): "List",
}
FUNCTIONS = ("Create", "Get", "Update", "Delete", "List")
WATCHED = {f"{name}{what}" for name in FUNCTIONS for what in ("Errors", "Throttles", "Duration")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_operation_has_a_function_of_its_own(crud_api: Synthesized, name: str) -> None:
    function = crud_api.at(f"{name}Function/Function")
    properties = function.properties
    assert (properties["MemorySize"], properties["Timeout"]) == (256, 30)
    assert properties["Handler"] == f"items.handlers.crud_{name.lower()}.handler"
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert crud_api.at(f"{name}Function/Logs").properties["RetentionInDays"] == 7
    (config,) = [
        each.properties
        for each in crud_api.of_type("AWS::Lambda::EventInvokeConfig")
        if each.properties["FunctionName"] == {"Ref": function.logical_id}
    ]
    assert config["MaximumRetryAttempts"] == 2


def test_all_functions_share_one_layer_with_content(crud_api: Synthesized) -> None:
    (layer,) = crud_api.of_type("AWS::Lambda::LayerVersion")
    for name in FUNCTIONS:
        function = crud_api.at(f"{name}Function/Function").properties
        assert function["Layers"] == [{"Ref": layer.logical_id}]
    packages = crud_api.directory / layer.template["Metadata"]["aws:asset:path"] / "python"
    assert {"pydynox", "aws_lambda_powertools"} <= {path.name for path in packages.iterdir()}


def test_the_code_is_a_directory_that_is_there(crud_api: Synthesized) -> None:
    """Not an asset of a single file, and nothing that a user has to create."""
    for name in FUNCTIONS:
        function = crud_api.at(f"{name}Function/Function")
        code = crud_api.directory / function.template["Metadata"]["aws:asset:path"]
        module = function.properties["Handler"].rpartition(".")[0].replace(".", "/")
        assert (code / f"{module}.py").is_file()


def test_routes_lead_to_their_functions(crud_api: Synthesized) -> None:
    ids = {crud_api.at(f"{name}Function/Function").logical_id: name for name in FUNCTIONS}
    found = {}
    for where, method in _methods(crud_api).items():
        if where[0] != "OPTIONS":
            uri = json.dumps(method.properties["Integration"]["Uri"])
            (found[where],) = [name for logical_id, name in ids.items() if logical_id in uri]
            assert method.properties["ApiKeyRequired"] is True
    assert found == ROUTES


def test_the_stage_is_throttled_measured_and_logged(crud_api: Synthesized) -> None:
    (stage,) = crud_api.of_type("AWS::ApiGateway::Stage")
    (settings,) = stage.properties["MethodSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (100, 200)
    assert (settings["MetricsEnabled"], settings["LoggingLevel"]) == (True, "INFO")
    assert "CacheClusterEnabled" not in stage.properties


def test_the_table_is_provisioned_or_billed_by_request(
    crud_api: Synthesized, crud_api_prod: Synthesized
) -> None:
    table = crud_api.at("Items/Table").properties
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert crud_api_prod.at("Items/Table").properties["BillingMode"] == "PAY_PER_REQUEST"
    assert not crud_api_prod.of_type("AWS::ApplicationAutoScaling::ScalableTarget")


def test_only_reads_are_cached_and_encrypted(crud_api_prod: Synthesized) -> None:
    (stage,) = crud_api_prod.of_type("AWS::ApiGateway::Stage")
    assert stage.properties["CacheClusterEnabled"] is True
    by_method = {
        (each["HttpMethod"], each["ResourcePath"]): each
        for each in stage.properties["MethodSettings"]
    }
    everything = by_method.pop(("*", "/*"))
    assert "CachingEnabled" not in everything
    assert set(by_method) == {("GET", "/~1items"), ("GET", "/~1items~1{id}")}
    for settings in by_method.values():
        assert settings["CachingEnabled"] is True
        assert settings["CacheDataEncrypted"] is True
        assert settings["CacheTtlInSeconds"] == 60
        # These take nothing over from those of the stage.
        assert everything.items() - {"HttpMethod": "*", "ResourcePath": "/*"}.items() <= (
            settings.items()
        )


def test_an_answer_is_kept_for_the_request_it_answers(crud_api_prod: Synthesized) -> None:
    """Two pages of a list must not be taken for each other, nor two items."""
    keys = {
        where: method.properties["Integration"].get("CacheKeyParameters")
        for where, method in _methods(crud_api_prod).items()
    }
    kept = {where: set(parameters) for where, parameters in keys.items() if parameters}
    origin = "method.request.header.Origin"  # several origins: each gets its own back
    assert kept == {
        ("GET", "/items"): {
            "method.request.querystring.limit",
            "method.request.querystring.lastKey",
            origin,
        },
        ("GET", "/items/{id}"): {"method.request.path.id", origin},
    }
    for where, parameters in kept.items():
        declared = _methods(crud_api_prod)[where].properties["RequestParameters"]
        assert set(declared) == parameters


def test_what_is_watched(crud_api: Synthesized, crud_api_prod: Synthesized) -> None:
    table = {"TableReadThrottles", "TableWriteThrottles"}
    assert _alarms(crud_api) == WATCHED | table | {"ServerErrors"}
    assert _alarms(crud_api_prod) == WATCHED | {"ServerErrors"}  # no capacity to lack


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_alarm_watches_the_function_it_is_named_after(crud_api: Synthesized, name: str) -> None:
    function = {"Ref": crud_api.at(f"{name}Function/Function").logical_id}
    for what in ("Errors", "Throttles", "Duration"):
        alarm = crud_api.at(f"Alarms/{name}{what}").properties
        assert alarm["MetricName"] == what
        assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": function}]


def test_outputs_name_the_right_resources(crud_api: Synthesized) -> None:
    outputs = {name: output["Value"] for name, output in crud_api.template["Outputs"].items()}
    assert outputs["TableName"] == {"Ref": crud_api.at("Items/Table").logical_id}
    for name in FUNCTIONS:
        function = crud_api.at(f"{name}Function/Function")
        assert outputs[f"{name}FunctionName"] == {"Ref": function.logical_id}


def _alarms(stack: Synthesized) -> set[str]:
    return {each.path.split("/")[2] for each in stack.of_type("AWS::CloudWatch::Alarm")}


def _methods(stack: Synthesized) -> dict[tuple[str, str], Resource]:
    parts = {
        each.logical_id: each.properties for each in stack.of_type("AWS::ApiGateway::Resource")
    }
    return {
        (each.properties["HttpMethod"], _path(each.properties["ResourceId"], parts)): each
        for each in stack.of_type("AWS::ApiGateway::Method")
    }


def _path(resource_id: dict[str, Any], parts: dict[str, dict[str, Any]]) -> str:
    if "Ref" not in resource_id:
        return "/"
    part = parts[resource_id["Ref"]]
    return _path(part["ParentId"], parts).rstrip("/") + "/" + str(part["PathPart"])
