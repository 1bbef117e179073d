"""What an operator sees of a request: metrics and spans."""

from __future__ import annotations

import io
import json
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from authorizer.wiring import token_authorizer
from objects.handlers.wiring import application
from services.api import CONTEXT
from services.storage.conftest import TOKEN
from services.storage.http_api import ObjectsApi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.between import Between
    from services.storage.conftest import Storage

ROOT_ID = "1-5759e988-bd862e3fe1be46a994272793"
STORAGE_API = Path(__file__).parents[2] / "blueprints" / "storage-api.snapshot.json"
SAMPLED = f"Root={ROOT_ID};Parent=53995c3f42cd8ad8;Sampled=1"


@pytest.fixture
def daemon() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(5)
        yield daemon


@pytest.fixture
def traced(shared: Storage, counting: Between, daemon: socket.socket) -> dict[str, str]:
    """The environment of a function whose requests are sampled."""
    address = f"127.0.0.1:{daemon.getsockname()[1]}"
    trace = {"_X_AMZN_TRACE_ID": SAMPLED, "AWS_XRAY_DAEMON_ADDRESS": address}
    return shared.environment(counting.url, **trace)


def received(daemon: socket.socket, count: int) -> list[dict[str, Any]]:
    return [json.loads(daemon.recv(65_536).partition(b"\n")[2]) for _ in range(count)]


def test_each_request_to_s3_is_a_span(
    traced: dict[str, str], shared: Storage, counting: Between, daemon: socket.socket
) -> None:
    api = ObjectsApi(application(traced, io.StringIO()))
    api.write("traced", "x")
    call, handler = received(daemon, 2)
    assert handler["annotations"] == {
        "method": "POST",
        "route": "/api/data",
        "outcome": "success",
    }
    assert (call["name"], call["parent_id"]) == ("S3", handler["id"])
    aws = {"operation": "PutObject", "region": "us-east-1", "bucket_name": shared.bucket_name}
    assert call["aws"] == aws
    assert call["http"] == {"response": {"status": 200}}

    counting.failures[:] = [(503, b"<Error><Code>SlowDown</Code></Error>"), None]
    api.read("traced")
    throttled, lost, found, handler = received(daemon, 4)
    assert throttled["throttle"] is True
    assert lost["fault"] is True
    assert found["http"] == {"response": {"status": 200}}
    assert "fault" not in handler


def test_reading_the_secret_is_a_span(
    traced: dict[str, str], counting: Between, daemon: socket.socket
) -> None:
    authorizer = token_authorizer(traced, io.StringIO())
    authorizer({"identitySource": [f"Bearer {TOKEN}"]}, CONTEXT)
    call, handler = received(daemon, 2)
    assert (handler["name"], handler["annotations"]) == ("authorizer", {"outcome": "allowed"})
    assert (call["name"], call["aws"]["operation"]) == ("SecretsManager", "GetSecretValue")
    counting.failures[:] = [(400, b'{"__type":"AccessDeniedException"}')]
    fresh = token_authorizer(traced, io.StringIO())
    with pytest.raises(Exception, match="AccessDeniedException"):
        fresh({"identitySource": ["Bearer x"]}, CONTEXT)
    call, handler = received(daemon, 2)
    assert call["error"] is True
    assert handler["fault"] is True


def test_business_counters(
    shared: Storage, counting: Between, capsys: pytest.CaptureFixture[str]
) -> None:
    api = ObjectsApi(application(shared.environment(counting.url), io.StringIO()))
    api.write("counted", "x")
    api("DELETE", query={"key": "counted"})
    counting.failures[:] = [(403, b"")]
    assert api.read("counted").status == 500
    written, deleted, failed = map(json.loads, capsys.readouterr().out.splitlines())
    assert (written["ObjectsWritten"], written["Requests"]) == ([1.0], [1.0])
    assert deleted["ObjectsDeleted"] == [1.0]
    assert failed["Fault"] == [1.0]
    assert "Fault" not in written


def test_the_saved_query_asks_for_what_a_line_has(
    shared: Storage, counting: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)  # which Powertools reads there
    stream = io.StringIO()
    api = ObjectsApi(application(shared.environment(counting.url), stream))
    counting.failures[:] = [(403, b"")]
    assert api.read("k").status == 500
    (line,) = (
        it for it in map(json.loads, stream.getvalue().splitlines()) if it["level"] == "ERROR"
    )
    found = {*line, *(f"exception.{name}" for name in line["exception"])}
    assert fields_of_saved_query("storage-api/errors") - {"@timestamp"} < found


def fields_of_saved_query(name: str) -> set[str]:
    """What a query shows; a test of the blueprints holds the file to what synth writes."""
    resources = json.loads(STORAGE_API.read_text())["Resources"].values()
    (query,) = (
        it["Properties"]["QueryString"] for it in resources if it["Properties"].get("Name") == name
    )
    shown = re.search(r"fields (.+)", query)
    assert shown
    return set(shown[1].split(", "))
