"""CloudWatch's API over a socket, in each of its protocols."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import fromstring

import cbor2
import pytest
from botocore.exceptions import ClientError

from cloudworthy.local.endpoint.protocols import rpc_handler
from cloudworthy.local.endpoint.server import AwsEndpoint
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import AllowAll
from cloudworthy.local.model.backends import BackendUnavailableError
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.observe.alarms.evaluator import AlarmEvaluator
from cloudworthy.local.observe.alarms.store import AlarmStore
from cloudworthy.local.observe.cloudwatch.alarm_operations import AlarmOperations
from cloudworthy.local.observe.cloudwatch.metric_operations import MetricOperations
from cloudworthy.local.observe.cloudwatch.operations import XML_NAMESPACE, CloudWatchOperations
from cloudworthy.local.observe.metrics.clock import MetricClock
from cloudworthy.local.observe.metrics.store import MetricStore
from cloudworthy.local.wire.server import HttpServer
from local.endpoint.served import ACCOUNT, REGION, Answer, Calls, client_for, fetch

SCOPE = f"AKIAPERSON/20260101/{REGION}/monitoring/aws4_request"
SIGNED = {"Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=x"}


class NoEngine:
    async def send(self, request: Request) -> Response:
        raise BackendUnavailableError(request.target)


class NoActions:
    async def publish(self, topic_arn: str, subject: str, message: str, email: str) -> None:
        raise AssertionError((topic_arn, subject, message, email))

    async def invoke(self, function_arn: str, event: bytes) -> None:
        raise AssertionError((function_arn, event))


class Served:
    def __init__(self, directory: Path) -> None:
        self.clock = MetricClock(SystemClock())
        self.metrics = MetricStore(directory / "m.sqlite", self.clock)
        self.states = AlarmStore(directory / "a.sqlite", self.clock.now_s())
        prefix = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:"
        evaluator = AlarmEvaluator(
            self.metrics, self.states, self.clock, NoActions(), arn_prefix=prefix
        )
        operations = CloudWatchOperations(
            MetricOperations(self.metrics, self.clock), AlarmOperations(evaluator)
        )
        endpoint = AwsEndpoint(
            dynamodb=NoEngine(),
            services=NoEngine(),
            own={"monitoring": rpc_handler(operations, XML_NAMESPACE)},
            credentials=CredentialStore(ACCOUNT),
            decider=AllowAll(),
            calls=Calls(),
            region=REGION,
        )
        self.server = HttpServer(endpoint.handle)
        self.port = 0

    async def boto3(self, work: Callable[[Any], Any]) -> Any:
        """Use a client, which blocks, beside the loop that answers it."""
        client = client_for(self.port, "cloudwatch")
        return await asyncio.to_thread(work, client)

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        url = f"http://127.0.0.1:{self.port}{path}"
        return await asyncio.to_thread(
            fetch, url, method="POST", body=body, headers={**SIGNED, **headers}
        )


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    served = Served(tmp_path)
    served.port = await served.server.start(0)
    yield served
    await served.server.stop(grace_s=0)
    served.metrics.close()
    served.states.close()


def window() -> dict[str, datetime]:
    now = datetime.now(UTC)
    return {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}


ORDERS: dict[str, Any] = {
    "MetricName": "Orders",
    "Dimensions": [{"Name": "shop", "Value": "a"}],
    "Unit": "Count",
}
ALARM: dict[str, Any] = {
    "AlarmName": "orders",
    "Namespace": "Shop",
    "MetricName": "Orders",
    "Dimensions": ORDERS["Dimensions"],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 3.5,
    "ComparisonOperator": "LessThanThreshold",
}


async def test_metrics_are_put_and_asked_for(served: Served) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(minutes=30)

    def use(client: Any) -> tuple[Any, ...]:
        data = [
            {**ORDERS, "Value": 2},
            {**ORDERS, "Values": [1.0, 5.0], "Counts": [3.0, 1.0]},
            {**ORDERS, "Value": 9, "Timestamp": an_hour_ago},
            {"MetricName": "Many", "StatisticValues": {
                "SampleCount": 2, "Sum": 6, "Minimum": 1, "Maximum": 5}},
        ]  # fmt: skip
        client.put_metric_data(Namespace="Shop", MetricData=data)
        metric = {"Namespace": "Shop", "MetricName": "Orders", "Dimensions": ORDERS["Dimensions"]}
        statistics = client.get_metric_statistics(
            **metric, **window(), Period=7200, Statistics=["Sum", "Maximum"],
            ExtendedStatistics=["p50"],
        )  # fmt: skip
        queries = [
            {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
            {"Id": "e", "Expression": "m * 10", "Label": "tenfold"},
        ]
        data = client.get_metric_data(MetricDataQueries=queries, **window())
        listed = client.list_metrics(Namespace="Shop", Dimensions=[{"Name": "shop"}])
        return statistics, data["MetricDataResults"], listed["Metrics"]

    statistics, results, listed = await served.boto3(use)
    (point,) = statistics["Datapoints"]
    assert (point["Sum"], point["Maximum"], point["Unit"]) == (19.0, 9.0, "Count")
    assert point["ExtendedStatistics"] == {"p50": 1.0}
    assert [it["Label"] for it in results] == ["Orders", "tenfold"]
    assert results[1]["Values"] == [100.0, 90.0]
    assert results[0]["Timestamps"][0] > results[0]["Timestamps"][1]
    assert listed == [
        {"Namespace": "Shop", "MetricName": "Orders", "Dimensions": ORDERS["Dimensions"]}
    ]


async def test_statistics_are_told_by_unit(served: Served) -> None:
    def use(client: Any) -> Any:
        data = [{"MetricName": "Load", "Value": 2, "Unit": it} for it in ("Count", "Percent")]
        client.put_metric_data(Namespace="Shop", MetricData=data)
        asked = {"Namespace": "Shop", "MetricName": "Load", "Period": 7200, "Statistics": ["Sum"]}
        return [
            client.get_metric_statistics(**asked, **window(), **unit)["Datapoints"]
            for unit in ({}, {"Unit": "Percent"}, {"Unit": "Bytes"})
        ]

    told = [{it["Unit"]: it["Sum"] for it in points} for points in await served.boto3(use)]
    assert told == [{"Count": 2.0, "Percent": 2.0}, {"Percent": 2.0}, {}]


async def test_a_large_request_is_compressed_by_the_client(served: Served) -> None:
    def use(client: Any) -> Any:
        data = [{"MetricName": f"Metric{number}", "Value": number} for number in range(900)]
        client.put_metric_data(Namespace="Many", MetricData=data)
        pages = client.get_paginator("list_metrics").paginate(Namespace="Many")
        return [len(page["Metrics"]) for page in pages]

    assert await served.boto3(use) == [500, 400]


async def test_alarms_are_made_described_set_and_deleted(served: Served) -> None:
    def use(client: Any) -> tuple[Any, ...]:
        client.put_metric_alarm(**ALARM)
        client.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(orders)")
        (made,) = client.describe_alarms(AlarmNames=["orders"])["MetricAlarms"]
        metric = {it: ALARM[it] for it in ("Namespace", "MetricName", "Dimensions")}
        (same,) = client.describe_alarms_for_metric(**metric)["MetricAlarms"]
        client.set_alarm_state(AlarmName="orders", StateValue="ALARM", StateReason="to see")
        (told,) = client.describe_alarms(StateValue="ALARM")["MetricAlarms"]
        composite = client.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        history = client.describe_alarm_history(AlarmName="orders", HistoryItemType="StateUpdate")
        client.disable_alarm_actions(AlarmNames=["orders"])
        (quiet,) = client.describe_alarms(AlarmNames=["orders"])["MetricAlarms"]
        client.delete_alarms(AlarmNames=["orders", "any"])
        left = client.describe_alarms()["MetricAlarms"]
        remembered = client.describe_alarm_history()["AlarmHistoryItems"]
        return made, same, told, composite, history["AlarmHistoryItems"], quiet, left, remembered

    made, same, told, composite, history, quiet, left, remembered = await served.boto3(use)
    assert {it: made[it] for it in ALARM} == ALARM
    assert made["StateValue"] == "INSUFFICIENT_DATA"
    assert made == same
    assert (told["StateValue"], told["StateReason"]) == ("ALARM", "to see")
    assert composite[0]["AlarmRule"] == "ALARM(orders)"
    assert history[0]["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"
    assert (made["ActionsEnabled"], quiet["ActionsEnabled"]) == (True, False)
    assert left == []
    types = {(it["AlarmName"], it["AlarmType"]) for it in remembered}
    assert types == {("orders", "MetricAlarm"), ("any", "CompositeAlarm")}


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("put_metric_data", {"Namespace": "Shop", "MetricData": []}, "MissingParameter"),
        ("put_metric_data", {"Namespace": "AWS/X", "MetricData": [{"MetricName": "a", "Value": 1}]},
         "InvalidParameterValue"),
        ("put_metric_data",
         {"Namespace": "Shop", "MetricData": [{"MetricName": "a", "Value": 1, "Unit": "Miles"}]},
         "InvalidParameterValue"),
        ("set_alarm_state", {"AlarmName": "x", "StateValue": "OK", "StateReason": "r"},
         "ResourceNotFound"),
        ("get_metric_data", {"MetricDataQueries": [{"Id": "e", "Expression": "a +"}], **window()},
         "ValidationError"),
        ("put_metric_alarm", {**ALARM, "Period": 10}, "ValidationError"),
        ("describe_anomaly_detectors", {}, "NotImplemented"),
    ],
)  # fmt: skip
async def test_errors_have_their_codes(
    served: Served, operation: str, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        await served.boto3(lambda client: getattr(client, operation)(**parameters))
    assert refused.value.response["Error"]["Code"] == code


async def test_the_query_protocol_of_older_clients(served: Served) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    put = {
        "Action": "PutMetricData",
        "Namespace": "Shop",
        "MetricData.member.1.MetricName": "Orders",
        "MetricData.member.1.Value": "2.5",
        "MetricData.member.1.Dimensions.member.1.Name": "shop",
        "MetricData.member.1.Dimensions.member.1.Value": "a",
    }
    assert (await served.post("/", urlencode(put).encode(), form)).status == 200
    times = {name: it.isoformat() for name, it in window().items()}
    get = {
        "Action": "GetMetricStatistics", "Namespace": "Shop", "MetricName": "Orders",
        "Period": "3600", "Statistics.member.1": "Average", **times,
        "Dimensions.member.1.Name": "shop", "Dimensions.member.1.Value": "a",
    }  # fmt: skip
    answer = await served.post("/", urlencode(get).encode(), form)
    assert answer.status == 200
    root = fromstring(answer.body)  # noqa: S314 - our own answer
    name = f"{{{XML_NAMESPACE}}}"
    path = f"{name}GetMetricStatisticsResult/{name}Datapoints/{name}member/{name}Average"
    assert [it.text for it in root.findall(path)] == ["2.5"]
    assert (await served.post("/", b"Action=SetAlarmState", form)).status == 400


async def test_nothing_of_a_malformed_request_is_kept(served: Served) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    put = {
        "Action": "PutMetricData",
        "Namespace": "Shop",
        "MetricData.member.1.MetricName": "Orders",
        "MetricData.member.1.Value": "2.5",
        "MetricData.member.2.Value": "2.5",
    }
    refused = await served.post("/", urlencode(put).encode(), form)
    assert refused.status == 400
    assert served.metrics.metrics() == []


async def test_the_cbor_protocol_of_newer_clients(served: Served) -> None:
    headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    base = "/service/GraniteServiceVersion20100801/operation"
    data = [{"MetricName": "Orders", "Value": 4.0, "Timestamp": datetime.now(UTC)}]
    body = cbor2.dumps({"Namespace": "Shop", "MetricData": data}, datetime_as_timestamp=True)
    assert (await served.post(f"{base}/PutMetricData", body, headers)).status == 200
    asked = {"Namespace": "Shop", "MetricName": "Orders", "Period": 7200, "Statistics": ["Sum"]}
    body = cbor2.dumps({**asked, **window()}, datetime_as_timestamp=True)
    answer = await served.post(f"{base}/GetMetricStatistics", body, headers)
    assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
    (point,) = cbor2.loads(answer.body)["Datapoints"]
    assert point["Sum"] == 4.0
    assert isinstance(point["Timestamp"], datetime)
    refused = await served.post(f"{base}/PutMetricData", b"\xff\x00", headers)
    assert (refused.status, cbor2.loads(refused.body)["__type"]) == (400, "SerializationException")
