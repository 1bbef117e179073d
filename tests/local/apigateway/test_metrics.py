from __future__ import annotations

from dataclasses import replace

from cloudworthy.local.apigateway.metrics import RequestMetrics
from cloudworthy.local.apigateway.observer import RequestRecord
from cloudworthy.local.model.records import MetricDatum

RECORD = RequestRecord("id", "Shop", "prod", "GET", "/items", 200, 12, 10, detailed=False)


class Kept:
    def __init__(self) -> None:
        self.data: list[MetricDatum] = []

    def put(self, datum: MetricDatum) -> None:
        self.data.append(datum)


def metrics_of(record: RequestRecord) -> dict[tuple[str, ...], float]:
    kept = Kept()
    RequestMetrics(kept).observe(record)
    return {(it.name, *(value for _, value in it.dimensions)): it.value for it in kept.data}


def test_a_request_counts_for_its_api_and_its_stage() -> None:
    by_stage = {
        ("Count", "Shop", "prod"): 1,
        ("4XXError", "Shop", "prod"): 0,
        ("5XXError", "Shop", "prod"): 0,
        ("Latency", "Shop", "prod"): 12,
        ("IntegrationLatency", "Shop", "prod"): 10,
    }
    by_api = {key[:2]: value for key, value in by_stage.items()}
    assert metrics_of(RECORD) == by_api | by_stage


def test_errors_count_by_their_class() -> None:
    refused = metrics_of(replace(RECORD, status=403, integration_latency_ms=None))
    assert (refused["4XXError", "Shop"], refused["5XXError", "Shop"]) == (1, 0)
    assert ("IntegrationLatency", "Shop") not in refused
    assert metrics_of(replace(RECORD, status=502))["5XXError", "Shop", "prod"] == 1


def test_a_method_has_metrics_of_its_own_when_asked_for() -> None:
    detailed = metrics_of(replace(RECORD, detailed=True))
    assert detailed["Count", "Shop", "GET", "/items", "prod"] == 1


def test_without_a_stage_the_api_counts() -> None:
    assert {key[1:] for key in metrics_of(replace(RECORD, stage=""))} == {("Shop",)}
