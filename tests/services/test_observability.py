"""What an operator sees of a request: log lines, metrics, spans."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aws_api.repeats import ATTEMPTS
from items.operations.wiring import application
from items.systems.web_app import WEB_APP
from observability.trace_header import TraceHeader
from services.api import Api, environment
from services.systems import WEB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.between import Between

SERVICES = Path(__file__).resolve().parents[2] / "services"
ROOT_ID = "1-5759e988-bd862e3fe1be46a994272793"
PARENT_ID = "53995c3f42cd8ad8"
SAMPLED = f"Root={ROOT_ID};Parent={PARENT_ID};Sampled=1"


class Observed:
    """An API of its own and what it logs."""

    def __init__(self, endpoint: str, capsys: pytest.CaptureFixture[str], **more: str) -> None:
        self.stream = io.StringIO()
        self.capsys = capsys
        more = {"POWERTOOLS_SERVICE_NAME": f"items-{uuid.uuid4()}", **more}
        self.variables = environment(endpoint, AWS_LAMBDA_FUNCTION_NAME="api-fn", **more)
        self.api = Api(application(self.variables, WEB_APP, self.stream))

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def metrics(self) -> list[dict[str, Any]]:
        """The metric lines that were written since the last time."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


@pytest.fixture
def observed(between: Between, capsys: pytest.CaptureFixture[str]) -> Observed:
    return Observed(between.url, capsys)


@pytest.fixture
def daemon() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(5)
        yield daemon


def received(daemon: socket.socket, count: int) -> list[dict[str, Any]]:
    documents = []
    for _ in range(count):
        header, _, body = daemon.recv(65_536).partition(b"\n")
        assert json.loads(header) == {"format": "json", "version": 1}
        documents.append(json.loads(body))
    return documents


def test_each_request_is_one_line_with_its_ids(
    observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    item = observed.api.create(name="CANARY", metadata={"CANARY": "CANARY"})
    observed.api("GET", f"/items/{item['item_id']}")
    first, second = observed.lines
    assert first["cold_start"] is True
    assert second["cold_start"] is False
    for line in (first, second):
        assert line["level"] == "INFO"
        assert line["request_id"] == "invocation-1"
        assert line["api_request_id"] == "request-1"
        assert line["xray_trace_id"] == ROOT_ID
        assert line["duration_ms"] > 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["timestamp"])
    assert (second["method"], second["route"], second["status"]) == ("GET", "/items/{id}", 200)


def test_no_line_has_a_body_a_header_or_a_credential(observed: Observed, between: Between) -> None:
    secret = {"x-api-key": "CANARY", "Authorization": "CANARY", "If-Match": '"CANARY"'}
    item = observed.api.create(name="CANARY", status="CANARY")
    path = f"/items/{item['item_id']}"
    observed.api("PUT", path, {"name": "CANARY"}, headers=secret)
    observed.api("POST", "/items", {"CANARY": "CANARY"}, headers=secret)
    message = json.dumps({"__type": "x#ValidationException", "message": "CANARY"}).encode()
    between.failures[:] = [(400, message)]
    assert observed.api("PUT", path, {"name": "CANARY"}, headers={}).status == 500
    assert "CANARY" not in observed.stream.getvalue()
    assert "CANARY" not in observed.capsys.readouterr().out


def test_an_unexpected_error_is_logged_with_its_stack(observed: Observed, between: Between) -> None:
    document = {"__type": "x#AccessDeniedException", "message": "not allowed to Scan"}
    between.failures[:] = [(400, json.dumps(document).encode())]
    reply = observed.api("GET", "/items")
    assert reply.status == 500
    assert reply.error["request_id"] == "request-1"
    error = observed.lines[0]
    assert (error["level"], error["message"]) == ("ERROR", "unexpected error")
    assert error["exception"]["type"] == "pydynox.AccessDeniedException"
    assert "not allowed to Scan" in error["exception"]["message"]
    assert any("connection.py" in frame for frame in error["exception"]["stack"])


def test_metrics_count_requests_time_and_business(observed: Observed) -> None:
    item = observed.api.create()
    [line] = observed.metrics()
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Cloudworthy"
    assert [sorted(names) for names in directive["Dimensions"]] == [["function_name", "service"]]
    assert {each["Name"]: each["Unit"] for each in directive["Metrics"]} == {
        "ItemsCreated": "Count",
        "Requests": "Count",
        "Latency": "Milliseconds",
    }
    assert line["function_name"] == "api-fn"
    assert line["service"] == observed.variables["POWERTOOLS_SERVICE_NAME"]
    path = f"/items/{item['item_id']}"
    observed.api("PUT", path, {"name": "x"})
    observed.api("DELETE", path)
    observed.api("GET", path)
    updated, deleted, missing = observed.metrics()
    assert updated["ItemsUpdated"] == deleted["ItemsDeleted"] == [1.0]
    assert not {"ItemsUpdated", "ItemsDeleted", "Fault"} & set(missing)


def test_a_repeated_create_counts_once(observed: Observed) -> None:
    for _ in range(2):
        observed.api("POST", "/items", {}, headers={"Idempotency-Key": str(id(observed))})
    first, again = observed.metrics()
    assert "ItemsCreated" in first
    assert "ItemsCreated" not in again


@pytest.mark.parametrize("code", ["AccessDeniedException", "InternalServerError"])
def test_a_caught_exception_counts_as_a_fault(
    observed: Observed, between: Between, code: str
) -> None:
    status = 500 if code == "InternalServerError" else 400
    between.failures[:] = [(status, json.dumps({"__type": f"x#{code}"}).encode())] * ATTEMPTS
    assert observed.api("GET", "/items").status >= 500
    assert observed.metrics()[0]["Fault"] == [1.0]


def test_a_sampled_request_sends_its_spans(
    between: Between, capsys: pytest.CaptureFixture[str], daemon: socket.socket
) -> None:
    address = f"127.0.0.1:{daemon.getsockname()[1]}"
    trace = {"_X_AMZN_TRACE_ID": SAMPLED, "AWS_XRAY_DAEMON_ADDRESS": address}
    observed = Observed(between.url, capsys, **trace)
    item = observed.api.create()
    call, handler = received(daemon, 2)
    assert (handler["type"], handler["name"]) == ("subsegment", "handler")
    assert (handler["trace_id"], handler["parent_id"]) == (ROOT_ID, PARENT_ID)
    assert handler["annotations"] == {"method": "POST", "route": "/items", "outcome": "success"}
    assert handler["http"] == {"response": {"status": 201}}
    assert (call["name"], call["namespace"]) == ("DynamoDB", "aws")
    assert (call["trace_id"], call["parent_id"]) == (ROOT_ID, handler["id"])
    aws = {"operation": "PutItem", "region": "us-east-1", "table_name": WEB.table}
    assert call["aws"] == aws
    assert handler["start_time"] <= call["start_time"] <= call["end_time"] <= handler["end_time"]
    assert re.fullmatch("[0-9a-f]{16}", call["id"])

    between.failures[:] = [(400, b'{"__type":"x#ThrottlingException"}')] * ATTEMPTS
    observed.api("PUT", f"/items/{item['item_id']}", {"name": "x"})
    *calls, handler = received(daemon, ATTEMPTS + 1)
    assert all(each["throttle"] and each["error"] for each in calls)
    assert handler["fault"] is True
    assert handler["annotations"]["outcome"] == "fault"

    observed.api("PUT", f"/items/{item['item_id']}", {"name": "x"}, headers={"If-Match": '"9"'})
    call, handler = received(daemon, 2)
    assert call["error"] is True
    assert "fault" not in call
    assert handler["annotations"]["outcome"] == "client_error"


def test_the_addresses_of_the_daemon_may_be_given_by_protocol(
    between: Between, capsys: pytest.CaptureFixture[str], daemon: socket.socket
) -> None:
    address = f"tcp:127.0.0.1:1 udp:127.0.0.1:{daemon.getsockname()[1]}"
    trace = {"_X_AMZN_TRACE_ID": SAMPLED, "AWS_XRAY_DAEMON_ADDRESS": address}
    Observed(between.url, capsys, **trace).api("GET", "/items")
    assert len(received(daemon, 2)) == 2


@pytest.mark.parametrize(
    "header",
    [
        "",
        f"Root={ROOT_ID};Parent={PARENT_ID};Sampled=0",
        f"Root={ROOT_ID};Sampled=1",
        "Root=nonsense;Parent=x;Sampled=1",
        "=;;=",
    ],
)
def test_a_header_that_is_not_sampled_or_not_whole_sends_nothing(
    between: Between, capsys: pytest.CaptureFixture[str], daemon: socket.socket, header: str
) -> None:
    address = f"127.0.0.1:{daemon.getsockname()[1]}"
    trace = {"_X_AMZN_TRACE_ID": header, "AWS_XRAY_DAEMON_ADDRESS": address}
    assert Observed(between.url, capsys, **trace).api("GET", "/items").status == 200
    daemon.setblocking(False)  # noqa: FBT003
    with pytest.raises(BlockingIOError):
        daemon.recv(1)
    assert not TraceHeader.parse(header).sampled


def test_opentelemetry_is_imported_by_the_first_sampled_request_only(dynamodb: str) -> None:
    """Measured where it counts, in a fresh process that imports the deployed handler."""
    program = """
import sys
from items.handlers.api import handler
handler({"httpMethod": "GET", "path": "/items"}, None)
before = "opentelemetry.trace" in sys.modules
import os
os.environ["_X_AMZN_TRACE_ID"] = sys.argv[1]
os.environ["AWS_XRAY_DAEMON_ADDRESS"] = "127.0.0.1:2000"
handler({"httpMethod": "GET", "path": "/items"}, None)
print(before, "opentelemetry.trace" in sys.modules)
"""
    variables = {**environment(dynamodb), "PYTHONPATH": str(SERVICES), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", program, SAMPLED],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "False True"
