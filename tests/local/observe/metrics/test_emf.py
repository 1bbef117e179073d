from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.model.records import MetricDatum
from cloudworthy.local.observe.metrics.emf import EmbeddedMetricLog, embedded_metrics

LINE = (
    '{"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"Cloudworthy",'
    '"Dimensions":[["service","route"],["service"]],"Metrics":[{"Name":"Requests","Unit":"Count"},'
    '{"Name":"Latency","Unit":"Milliseconds"}]}]},"service":"items","route":"GET /items",'
    '"Requests":[1.0],"Latency":[3.5,4.5],"request_id":"r"}\n'
)
"""As Powertools for AWS Lambda prints it."""


class KeptMetrics:
    def __init__(self) -> None:
        self.data: list[MetricDatum] = []

    def put(self, datum: MetricDatum) -> None:
        self.data.append(datum)


class KeptLog:
    def __init__(self) -> None:
        self.messages: list[str] = []

    def put(
        self,
        group: str,  # noqa: ARG002
        stream: str,  # noqa: ARG002
        message: str,
        *,
        timestamp_ms: int,  # noqa: ARG002
        request_id: str = "",  # noqa: ARG002
    ) -> None:
        self.messages.append(message)


def test_a_log_event_puts_its_metrics_and_stays_a_log_event() -> None:
    logs, metrics = KeptLog(), KeptMetrics()
    sink = EmbeddedMetricLog(logs, metrics)
    sink.put("/aws/lambda/f", "s", LINE, timestamp_ms=1)
    sink.put("/aws/lambda/f", "s", "just text\n", timestamp_ms=2)
    assert logs.messages == [LINE, "just text\n"]
    by_both = (("route", "GET /items"), ("service", "items"))
    by_service = (("service", "items"),)
    assert metrics.data == [
        MetricDatum("Cloudworthy", "Requests", by_both, 1.0, "Count"),
        MetricDatum("Cloudworthy", "Requests", by_service, 1.0, "Count"),
        MetricDatum("Cloudworthy", "Latency", by_both, 3.5, "Milliseconds"),
        MetricDatum("Cloudworthy", "Latency", by_both, 4.5, "Milliseconds"),
        MetricDatum("Cloudworthy", "Latency", by_service, 3.5, "Milliseconds"),
        MetricDatum("Cloudworthy", "Latency", by_service, 4.5, "Milliseconds"),
    ]


def document(**fields: Any) -> str:
    directive = {"Namespace": "N", "Dimensions": [["a"]], "Metrics": [{"Name": "M"}]}
    return json.dumps({"_aws": {"CloudWatchMetrics": [directive]}, **fields})


@pytest.mark.parametrize(
    "message",
    [
        document(M=1),
        document(a="x"),
        document(a="x", M="1"),
        document(a="x", M=True),
        '{"_aws": 1}',
        '{"_aws": {"CloudWatchMetrics": 3}}',
        '["_aws"]',
        '{"_aws"',
    ],
)
def test_what_is_no_metric_is_left_a_log_event(message: str) -> None:
    assert list(embedded_metrics(message)) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["_aws", "CloudWatchMetrics", "Namespace", "Dimensions", "Metrics",
                         "Name", "Unit", "x"]), inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@given(JSON)
def test_no_document_can_stop_the_log(value: Any) -> None:
    directive = {"Namespace": "N", "Dimensions": value, "Metrics": value}
    for document in (value, {"_aws": {"CloudWatchMetrics": [directive]}, "x": value}):
        found = list(embedded_metrics(json.dumps(document)))
        assert all(it.namespace and it.name for it in found)
