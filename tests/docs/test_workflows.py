"""The workflows of GitHub Actions, read as GitHub reads them: YAML, then shell."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cloudworthy.blueprints.systems import SYSTEMS
from cloudworthy.cli.main import cli
from running_system import ROOT

GITHUB = ROOT / ".github"
FILES = sorted(GITHUB.rglob("*.yml"))
CI = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text())
DEPLOY = yaml.safe_load((GITHUB / "workflows" / "deploy.yml").read_text())
ON = True
"""What YAML makes of the key ``on``."""

MAKE_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
READ = {"contents": "read"}


def steps_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    if "runs" in document:
        return list(document["runs"]["steps"])
    return [step for job in document["jobs"].values() for step in job["steps"]]


def all_steps() -> Iterator[dict[str, Any]]:
    for file in FILES:
        yield from steps_of(yaml.safe_load(file.read_text()))


RUNS = [step["run"] for step in all_steps() if "run" in step]
USES = [step["uses"] for step in all_steps() if "uses" in step]


def test_there_are_two_workflows_and_one_action() -> None:
    names = [str(file.relative_to(GITHUB)) for file in FILES]
    assert names == ["actions/setup/action.yml", "workflows/ci.yml", "workflows/deploy.yml"]
    assert RUNS


@pytest.mark.parametrize("command", dict.fromkeys(RUNS))
def test_every_line_runs_what_there_is(command: str) -> None:
    assert subprocess.run(["bash", "-n", "-c", command], check=False).returncode == 0
    program, *arguments = shlex.split(command)
    if program == "make":
        assert set(arguments) <= MAKE_TARGETS
    elif program == ".venv/bin/cloudworthy":
        verb = cli.get_command(click.Context(cli), arguments[0])
        assert verb is not None
        known = {option for parameter in verb.params for option in parameter.opts}
        assert {each for each in arguments if each.startswith("--")} <= known
    elif program == ".venv/bin/cdk":
        assert arguments[0] == "deploy"  # its options: test_deploy.py
    elif program == "sudo":
        assert arguments == ["sysctl", "-w", "kernel.apparmor_restrict_unprivileged_userns=0"]
    else:
        assert [program, *arguments[:2]] == [".venv/bin/python", "-m", "pytest"]


def test_the_tests_may_mount_a_small_file_system() -> None:
    runs = [step["run"] for step in CI["jobs"]["test"]["steps"] if "run" in step]
    assert "userns=0" in runs[runs.index("make test") - 1]


def test_there_are_acceptance_tests_of_every_system_that_is_deployed() -> None:
    inputs = DEPLOY[ON]["workflow_dispatch"]["inputs"]
    assert inputs["system"]["options"] == list(SYSTEMS)
    assert inputs["environment"]["options"] == ["dev", "prod"]
    (test,) = [run for run in RUNS if "pytest" in run]
    for system in SYSTEMS:
        script = f"SYSTEM={system}; printf %s {test.split()[-1]}"
        said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
        assert (ROOT / said.stdout).is_file(), said.stdout


def test_nothing_may_do_more_than_it_has_to() -> None:
    assert (CI["permissions"], DEPLOY["permissions"]) == (READ, {})
    own = {name: job.get("permissions") for name, job in CI["jobs"].items()}
    assert own == {"quality": None, "test": None, "check": {**READ, "security-events": "write"}}
    assert DEPLOY["jobs"]["deploy"]["permissions"] == {**READ, "id-token": "write"}
    checkouts = [step for step in all_steps() if "checkout@" in step.get("uses", "")]
    assert {step["with"]["persist-credentials"] for step in checkouts} == {False}


def test_a_deployment_follows_only_a_push_that_passed() -> None:
    follows = DEPLOY[ON]["workflow_run"]
    assert (follows["workflows"], follows["branches"]) == ([CI["name"]], ["main"])
    condition = DEPLOY["jobs"]["deploy"]["if"]
    assert "workflow_run.conclusion == 'success'" in condition
    assert "workflow_run.event == 'push'" in condition
    assert "pull_request_target" not in CI[ON]


@pytest.mark.parametrize("action", dict.fromkeys(USES))
def test_actions_are_ours_or_pinned_by_commit(action: str) -> None:
    if action.startswith("./"):
        assert (ROOT / action / "action.yml").is_file()
    else:
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", action)
        texts = [file.read_text() for file in FILES]
        assert all(
            re.search(rf"{re.escape(action)} # v\d+\.\d+\.\d+\n", text)
            for text in texts
            if action in text
        )


@pytest.mark.parametrize("command", dict.fromkeys(RUNS))
def test_what_people_type_reaches_a_shell_by_its_environment_only(command: str) -> None:
    assert "${{" not in command


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_names_a_host_or_holds_a_key(file: Path) -> None:
    assert not re.search(r"https?://|index-url|registry|AKIA|\bsecrets\.", file.read_text())


def test_ci_runs_on_the_oldest_and_the_newest_python() -> None:
    assert CI["jobs"]["test"]["strategy"]["matrix"]["python-version"] == ["3.11", "3.13"]
    for target in ("lint", "types", "audit", "test"):
        assert f"make {target}" in RUNS
