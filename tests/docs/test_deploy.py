"""docs/deploy.md: its commands exist with their options, and its first calls are answered."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cloudworthy.blueprints.automation_settings import AutomationSettings
from cloudworthy.blueprints.crud_api_settings import CrudApiSettings
from cloudworthy.blueprints.storage_api_settings import StorageApiSettings
from cloudworthy.blueprints.systems import SYSTEMS
from cloudworthy.blueprints.vpc_api_settings import VpcApiSettings
from cloudworthy.blueprints.web_app_settings import WebAppSettings
from cloudworthy.cli.main import cli
from docs.aws_command import parse
from running_system import ROOT, RunningSystem

pytestmark = pytest.mark.timeout(300)

PAGE = (ROOT / "docs" / "deploy.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
FIRST_CALLS = dict(
    re.findall(r"^### (.*?)\n(.*?)(?=^### |\Z)", SECTIONS["First calls"], re.MULTILINE | re.DOTALL)
)
README_CALLS = dict(
    re.findall(
        r"^\| `([\w-]+)` \|.*\| `(curl .*)` \|$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
)
POLICIES = {
    re.findall(r"`([\w-]+)\.json`", PAGE[: block.start()])[-1]: json.loads(block[1])
    for block in re.finditer(r"```json\n(.*?)```", PAGE, re.DOTALL)
}
SENT = {
    "web-app": "Lamp",
    "vpc-api": "Lamp",
    "crud-api": "Lamp",
    "automation": "job-1",
    "storage-api": "notes/a.txt",
}
"""What is written and read again."""
COMMAND_LINES = pytest.mark.xdist_group("deploy")
"""The options of the CDK's command line are asked for once."""
TOOLS = ("aws", "cdk", "cloudworthy", "git", "make", "python")


def script(text: str) -> str:
    return "".join(re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


def run(commands: str, path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The commands in one shell, in which programs at ``path`` come first."""
    return subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{commands}"],
        cwd=ROOT,
        env={**os.environ, **environment, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def said_by(commands: str, directory: Path, **environment: str) -> list[list[str]]:
    """How the commands call the tools, which only take notes."""
    notes = directory / "notes"
    for tool in TOOLS:
        program = directory / tool
        program.write_text(
            f"#!/bin/sh\nprintf '%s\\0' {tool} \"$@\" >> {notes}\nprintf '\\036' >> {notes}\n"
            "echo something\n"
        )
        program.chmod(0o755)
    # The page puts .venv/bin in front; here the notes stay there.
    kept = commands.replace("export PATH=$PWD/.venv/bin:$PATH\n", "")
    done = run(kept, directory, **environment)
    assert done.returncode == 0, done.stderr
    return [call.split("\0")[:-1] for call in notes.read_text().split("\x1e")[:-1]]


@pytest.fixture(scope="module")
def cdk_options() -> Callable[[str], set[str]]:
    """Asks the pinned CDK command line, as ``make setup-dev`` installs it."""
    subprocess.run(
        [sys.executable, "scripts/bootstrap.py", "dev"], cwd=ROOT, check=True, capture_output=True
    )
    known: dict[str, set[str]] = {}

    def options(verb: str) -> set[str]:
        if verb not in known:
            command = [str(ROOT / ".venv" / "bin" / "cdk"), verb, "--help"]
            environment = {**os.environ, "CI": "true", "CDK_DISABLE_CLI_TELEMETRY": "true"}
            told = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
            ).stdout
            assert f"cdk {verb}" in told or verb == "ls"
            known[verb] = set(re.findall(r"(?<=[\s,])--?[a-z][\w-]*", told))
        return known[verb]

    return options


@COMMAND_LINES
def test_every_command_is_one_that_its_tool_knows(
    tmp_path: Path, cdk_options: Callable[[str], set[str]]
) -> None:
    elsewhere = "".join(script(text) for name, text in SECTIONS.items() if name != "First calls")
    calls = said_by(elsewhere, tmp_path)
    assert {call[0] for call in calls} == set(TOOLS)
    for tool, *arguments in calls:
        if tool == "aws":
            parse(arguments)
        elif tool == "cdk":
            assert_cdk_knows(arguments, cdk_options)
        elif tool == "cloudworthy":
            assert cli.get_command(click.Context(cli), arguments[0])
        elif tool == "make":
            assert re.search(rf"^{arguments[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        elif tool == "python":
            assert arguments[:2] == ["-m", "pytest"]
            assert (ROOT / arguments[2]).is_file()


@COMMAND_LINES
def test_the_workflow_deploys_with_a_command_that_the_cdk_knows(
    tmp_path: Path, cdk_options: Callable[[str], set[str]]
) -> None:
    deploy = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())
    steps = [step.get("run", "") for step in deploy["jobs"]["deploy"]["steps"]]
    (command,) = [step for step in steps if "cdk deploy" in step]
    names = {"SYSTEM": "web-app", "STAGE": "prod", "REGION": "eu-west-1"}
    ((_, *arguments),) = said_by(command.replace(".venv/bin/", ""), tmp_path, **names)
    assert_cdk_knows(arguments, cdk_options)
    assert "web-app:stack_name=web-app-prod" in arguments


def assert_cdk_knows(arguments: Sequence[str], options: Callable[[str], set[str]]) -> None:
    verb, *rest = arguments
    assert {each for each in rest if each.startswith("-")} <= options(verb), arguments
    if verb in ("diff", "deploy", "destroy", "rollback"):
        assert rest[0] in SYSTEMS
    given = [value for option, value in pairwise(rest) if option == "-c"]
    context = dict(setting.split("=", 1) for setting in given)
    for settings in (
        WebAppSettings,
        VpcApiSettings,
        CrudApiSettings,
        AutomationSettings,
        StorageApiSettings,
    ):
        settings.from_context(context)


def test_the_first_calls_are_those_of_every_system() -> None:
    assert list(FIRST_CALLS) == list(SYSTEMS)


@pytest.mark.parametrize(
    "system", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in SYSTEMS]
)
def test_the_first_calls_are_answered(
    system: str, systems: Callable[[str], RunningSystem], tmp_path: Path
) -> None:
    aws = tmp_path / "aws"
    aws.write_text(f'#!/bin/sh\nexec {sys.executable} -m docs.aws_command "$@"\n')
    aws.chmod(0o755)
    address = systems(system).address
    done = run(
        script(FIRST_CALLS[system]) + README_CALLS[system],
        tmp_path,
        PYTHONPATH=str(ROOT / "tests"),
        AWS_ENDPOINT_URL=address["endpoint"],
        AWS_DEFAULT_REGION=address["region"],
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("request_id") == 0, done.stdout
    assert done.stdout.count(SENT[system]) >= 2, done.stdout


def test_only_jobs_of_the_environment_take_the_role() -> None:
    (statement,) = POLICIES["trust-dev"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    (condition,) = statement["Condition"].items()
    operator, claims = condition
    issuer = statement["Principal"]["Federated"].split("oidc-provider/")[1]
    assert operator == "StringEquals"
    assert claims[f"{issuer}:aud"] == "sts.amazonaws.com"
    assert claims[f"{issuer}:sub"].endswith(":environment:dev")
    assert "*" not in claims[f"{issuer}:sub"]


def test_the_role_may_take_the_roles_of_the_cdk_read_and_fail_an_event() -> None:
    deploy, *reads, event = POLICIES["permissions-dev"]["Statement"]
    assert (deploy["Action"], "role/cdk-" in deploy["Resource"]) == ("sts:AssumeRole", True)
    for statement in reads:
        assert_only_reads(statement)
    assert set(event["Action"]) == {
        "lambda:InvokeFunction",
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
    }
    assert all(name.endswith(":*-dev-*") for name in event["Resource"])


def assert_only_reads(statement: Mapping[str, Any]) -> None:
    actions = statement["Action"]
    for action in [actions] if isinstance(actions, str) else actions:
        assert re.fullmatch(r"[a-z0-9]+:(Get|GET|List|Describe|Scan)\w*", action)
    assert statement["Resource"] != "*" or statement["Sid"] == "LookAtTheFunctions"


def test_links_lead_somewhere() -> None:
    heads = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        else:
            assert (ROOT / "docs" / target.split("#")[0]).is_file(), target
