"""The functions: their size, logs, traces and environment."""

from __future__ import annotations

import pytest

from synthesized import PROJECT, Resource, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

OURS = {"ApiFunction": (256, 30), "HealthFunction": (128, 5)}


@pytest.mark.parametrize(("name", "size"), OURS.items())
def test_size_and_runtime(dev: Synthesized, name: str, size: tuple[int, int]) -> None:
    function = dev.at(f"{name}/Function").properties
    assert (function["MemorySize"], function["Timeout"]) == size
    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == ["arm64"]
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["LoggingConfig"]["LogFormat"] == "JSON"


@pytest.mark.parametrize("name", OURS)
def test_asynchronous_calls_are_tried_three_times(dev: Synthesized, name: str) -> None:
    function = dev.at(f"{name}/Function")
    (config,) = [
        each
        for each in dev.of_type("AWS::Lambda::EventInvokeConfig")
        if each.properties["FunctionName"] == {"Ref": function.logical_id}
    ]
    assert config.properties["MaximumRetryAttempts"] == 2


def test_every_function_has_a_log_group_of_its_own(dev: Synthesized) -> None:
    """Custom resources included: a group that CloudWatch makes would outlive the stack."""
    functions = dev.of_type("AWS::Lambda::Function")
    groups = [each.properties["LoggingConfig"]["LogGroup"]["Ref"] for each in functions]
    assert len(set(groups)) == len(functions) == 4


def test_every_log_group_has_a_retention(dev: Synthesized, prod: Synthesized) -> None:
    groups = dev.of_type("AWS::Logs::LogGroup")
    assert {group.properties["RetentionInDays"] for group in groups} == {7}
    function = prod.at("ApiFunction/Logs")
    assert function.properties["RetentionInDays"] == 90


@pytest.mark.parametrize("name", OURS)
def test_environment_says_what_the_service_reads(dev: Synthesized, name: str) -> None:
    variables = _variables(dev.at(f"{name}/Function"))
    specific = {
        "ApiFunction": {"STATUS_INDEX_NAME", "IDEMPOTENCY_TABLE_NAME"},
        "HealthFunction": {"BUCKET_NAME"},
    }
    common = {
        "CORS_ORIGINS",
        "LOG_LEVEL",
        "POWERTOOLS_METRICS_NAMESPACE",
        "POWERTOOLS_SERVICE_NAME",
        "TABLE_NAME",
    }
    assert variables.keys() == common | specific[name]
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "Cloudworthy"


def test_every_variable_is_read_by_the_services(each_dev: Synthesized) -> None:
    texts = [path.read_text() for path in (PROJECT / "services").rglob("*.py")]
    functions = each_dev.of_type("AWS::Lambda::Function")
    ours = [_variables(each) for each in functions if "Environment" in each.properties]
    names = {name for each in ours if "POWERTOOLS_SERVICE_NAME" in each for name in each}
    assert names
    unread = {name for name in names if not any(f'"{name}"' in text for text in texts)}
    assert not unread


def test_architecture_is_a_setting(prod: Synthesized) -> None:
    for name in OURS:
        assert prod.at(f"{name}/Function").properties["Architectures"] == ["x86_64"]
    layer = prod.at("Dependencies/Layer").properties
    assert layer["CompatibleArchitectures"] == ["x86_64"]


def test_code_is_not_shipped_with_its_requirements(dev: Synthesized) -> None:
    """The layer holds them: nothing is deployed twice."""
    asset = dev.at("ApiFunction/Function").template["Metadata"]["aws:asset:path"]
    names = {path.name for path in (dev.directory / asset).iterdir()}
    assert {"items", "health", "observability"} <= names
    assert not {name for name in names if name.startswith("requirements") or name == "python"}


def test_layer_holds_the_packages_and_their_lock(dev: Synthesized) -> None:
    asset = dev.at("Dependencies/Layer").template["Metadata"]["aws:asset:path"]
    assert {path.name for path in (dev.directory / asset).iterdir()} == {
        "python",
        "requirements.txt",
    }


def _variables(function: Resource) -> dict[str, object]:
    return dict(function.properties["Environment"]["Variables"])
