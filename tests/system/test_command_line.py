"""The verbs against a running stack, and what they say when something is wrong."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from running_system import CLOUDWORTHY, ROOT, RunningSystem, launch_system

pytestmark = pytest.mark.xdist_group("web-app")


def cloudworthy(
    *arguments: str, cwd: Path = ROOT, stdin: bytes = b""
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(CLOUDWORTHY), *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def on(web_app: RunningSystem) -> list[str]:
    return ["--state", str(web_app.state.parent)]


def test_the_ready_file_has_what_a_program_needs(web_app: RunningSystem) -> None:
    address = web_app.address
    names = {"stack", "region", "outputs", "apis", "endpoint", "api_keys", "secrets", "state"}
    assert set(address) == names
    assert address["stack"] == "web-app"
    assert [(a["type"], a["stage"]) for a in address["apis"]] == [("REST", "prod"), ("SITE", "")]
    assert len(web_app.api_key) >= 20


def test_outputs(web_app: RunningSystem) -> None:
    done = cloudworthy("outputs", "--json", *on(web_app))
    assert json.loads(done.stdout) == web_app.address["outputs"]
    assert "TableName" in cloudworthy("outputs", *on(web_app)).stdout


@pytest.mark.parametrize("name", ["HealthFunction", "web-app/HealthFunction/Function/Resource"])
def test_invoke_by_path_prints_the_answer_and_the_log(web_app: RunningSystem, name: str) -> None:
    done = cloudworthy("invoke", name, *on(web_app))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["statusCode"] == 200
    assert "platform.report" in done.stderr


def test_invoke_takes_the_event_from_a_file_and_from_standard_input(
    web_app: RunningSystem, tmp_path: Path
) -> None:
    event = {"httpMethod": "GET", "path": "/health", "resource": "/health", "headers": {}}
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event))
    for arguments, stdin in ((["-e", str(file)], b""), (["-e", "-"], file.read_bytes())):
        done = cloudworthy("invoke", "HealthFunction", *arguments, *on(web_app), stdin=stdin)
        assert json.loads(done.stdout)["statusCode"] == 200


def test_invoke_lists_the_functions_when_there_is_no_such_one(web_app: RunningSystem) -> None:
    done = cloudworthy("invoke", "Helth", *on(web_app))
    assert done.returncode == 1
    assert "'Helth' does not exist" in done.stderr
    assert "web-app/HealthFunction" in done.stderr


@pytest.mark.parametrize(
    ("content", "message"), [("{", "is not JSON"), (None, "No such file or directory")]
)
def test_invoke_refuses_a_bad_event(
    web_app: RunningSystem, tmp_path: Path, content: str | None, message: str
) -> None:
    file = tmp_path / "event.json"
    if content is not None:
        file.write_text(content)
    done = cloudworthy("invoke", "HealthFunction", "-e", str(file), *on(web_app))
    assert done.returncode == 1
    assert f"event.json {message}" in done.stderr.replace(": ", " ")


def test_logs_of_one_function(web_app: RunningSystem) -> None:
    request_id = web_app.request("GET", "/items").headers["x-amzn-requestid"]
    done = cloudworthy("logs", "ApiFunction", "--json", *on(web_app))
    messages = [json.loads(line)["message"] for line in done.stdout.splitlines()]
    assert any(request_id in message for message in messages)


def test_logs_can_be_followed(web_app: RunningSystem) -> None:
    command = [str(CLOUDWORTHY), "logs", "ApiFunction", "-f", *on(web_app)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as following:
        assert following.stdout is not None
        item_id = web_app.request("POST", "/items", {}).json()["item_id"]
        answer = web_app.request("GET", f"/items/{item_id}")
        request_id = answer.headers["x-amzn-requestid"].encode()
        assert any(request_id in line for line in following.stdout)
        following.terminate()


def test_wrong_use_is_2_and_failure_is_1(tmp_path: Path) -> None:
    assert cloudworthy("up", "--port", "x").returncode == 2
    assert cloudworthy("fly").returncode == 2
    wrong = cloudworthy("up", "--parameter", "Stage")
    assert (wrong.returncode, "found Stage, expected NAME=VALUE" in wrong.stderr) == (2, True)
    assert cloudworthy("up", "web-app", "--app", "python app.py").returncode == 2
    missing = cloudworthy("outputs", "--state", str(tmp_path))
    assert missing.returncode == 1
    assert "cloudworthy up" in missing.stderr


def test_an_unknown_system_names_those_there_are(tmp_path: Path) -> None:
    done = cloudworthy("up", "wep-app", "--state", str(tmp_path))
    assert done.returncode == 1
    assert "web-app" in done.stderr


def test_a_directory_without_an_app_says_what_to_do(tmp_path: Path) -> None:
    done = cloudworthy("up", cwd=tmp_path)
    assert done.returncode == 1
    assert "cdk.json" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("option", ["--port", "--endpoint-port"])
def test_a_taken_port_is_named_with_its_option(tmp_path: Path, option: str) -> None:
    other = "--endpoint-port" if option == "--port" else "--port"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        arguments = ["up", option, port, other, "0", "--state", str(tmp_path / "state")]
        done = cloudworthy(*arguments)
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in done.stderr
    assert option in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_the_same_state_is_run_only_once(web_app: RunningSystem) -> None:
    done = cloudworthy("up", "--port", "0", "--endpoint-port", "0", *on(web_app))
    assert done.returncode == 1
    assert f"process {web_app.process.pid}" in done.stderr


def test_destroy_stops_the_stack_lists_what_it_removed_and_leaves_nothing(tmp_path: Path) -> None:
    system = launch_system(tmp_path)
    children = system.children()
    done = cloudworthy("destroy", "--yes", "--state", str(tmp_path / "state"))
    assert done.returncode == 0, done.stderr
    assert "removed AWS::DynamoDB::Table" in done.stdout
    assert "removed AWS::S3::Bucket" in done.stdout
    assert system.process.wait(timeout=10) == 0
    assert not system.state.exists()
    assert [c for c in children if c.is_running()] == []


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cloudworthy.cli.main", "--version"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.startswith("cloudworthy")
