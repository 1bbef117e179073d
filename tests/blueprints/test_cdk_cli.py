"""The pinned CDK command line, on the Node of the wheel, in the repository."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cloudworthy.node import node_binary, npm_command
from synthesized import PROJECT, SYSTEMS

CLI = Path("node_modules/aws-cdk/bin/cdk")
pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("cdk-cli")]


@dataclass(frozen=True)
class Cdk:
    """Runs `cdk` with the app's output in a directory of the test's."""

    script: Path
    output: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(node_binary()), str(self.script), *arguments, "--output", str(self.output)]
        return subprocess.run(
            command,
            cwd=PROJECT,
            env={**_environment(), **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )


@pytest.fixture(scope="session")
def cdk_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CLI of the lock: the one that `make setup-dev` installed, or one of the test's."""
    lock = json.loads((PROJECT / "package-lock.json").read_text())
    pinned = lock["packages"]["node_modules/aws-cdk"]["version"]
    installed = PROJECT / "node_modules/aws-cdk/package.json"
    if installed.is_file() and json.loads(installed.read_text())["version"] == pinned:
        return PROJECT / CLI
    directory = tmp_path_factory.mktemp("cli")
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PROJECT / name, directory / name)
    install = [*npm_command(), "ci", "--no-audit", "--no-fund"]
    path = f"{node_binary().parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(install, cwd=directory, env={**os.environ, "PATH": path}, check=True)
    return directory / CLI


@pytest.fixture
def cdk(cdk_script: Path, tmp_path: Path) -> Cdk:
    return Cdk(cdk_script, tmp_path / "cdk.out")


@pytest.fixture(scope="module")
def made(cdk_script: Path, tmp_path_factory: pytest.TempPathFactory) -> Cdk:
    """After ``cdk synth`` of the default settings."""
    cdk = Cdk(cdk_script, tmp_path_factory.mktemp("made") / "cdk.out")
    done = cdk("synth", "--quiet")
    assert done.returncode == 0, done.stderr
    return cdk


@pytest.fixture
def aws_endpoint() -> Iterator[str]:
    """An empty AWS account on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_synth_ls_and_diff_of_the_same_need_no_account(made: Cdk) -> None:
    assert_every_stack_has_a_template(made)
    done = made("ls", "--app", str(made.output))
    assert (done.returncode, done.stdout.split()) == (0, list(SYSTEMS)), done.stderr
    template = str(made.output / "vpc-api.template.json")
    done = made("diff", "vpc-api", "--app", str(made.output), "--template", template, "--fail")
    assert done.returncode == 0, done.stdout + done.stderr


def test_synth_of_prod_with_a_stack_of_another_name_needs_no_account(cdk: Cdk) -> None:
    """As the workflow deploys; every template there is, without ``--all``, which it ignores."""
    second = ("-c", "crud-api:stack_name=crud-api-prod")
    done = cdk("synth", "--all", "-c", "stage=prod", "-c", "region=eu-west-1", *second)
    assert done.returncode == 0, done.stderr
    assert "Unknown option(s): --all. These will be ignored." in done.stdout + done.stderr
    assert_every_stack_has_a_template(cdk)
    manifest = json.loads((cdk.output / "manifest.json").read_text())
    stack = manifest["artifacts"]["crud-api"]
    assert stack["properties"]["stackName"] == "crud-api-prod"
    assert stack["properties"]["terminationProtection"] is True
    assert stack["environment"] == "aws://unknown-account/eu-west-1"


def test_diff_against_an_account_without_the_stacks_lists_them(
    made: Cdk, aws_endpoint: str
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    cdk = Cdk(made.script, made.output, {"AWS_ENDPOINT_URL": aws_endpoint, **keys})
    done = cdk("diff", *SYSTEMS, "--no-change-set", "--app", str(made.output))
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "[+] AWS::DynamoDB::Table Items/Table" in said
    assert [f"Stack {system}" in said for system in SYSTEMS] == [True] * len(SYSTEMS)


def test_a_wrong_setting_is_one_sentence_and_a_failure(cdk: Cdk) -> None:
    done = cdk("synth", "--quiet", "-c", "stage=production")
    assert done.returncode == 1
    assert "setting stage (web-app): found 'production', expected one of dev, prod" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (PROJECT / "package-lock.json").read_text()


def assert_every_stack_has_a_template(cdk: Cdk) -> None:
    """And nothing in them is left to be looked up in an account."""
    for system in SYSTEMS:
        assert json.loads((cdk.output / f"{system}.template.json").read_text())["Resources"]
    assert "missing" not in json.loads((cdk.output / "manifest.json").read_text())


def _environment() -> dict[str, str]:
    """No credentials and no settings of the machine."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    quiet = {"AWS_EC2_METADATA_DISABLED": "true", "CI": "true", "CDK_DISABLE_CLI_TELEMETRY": "true"}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**kept, **quiet, **nowhere, "NO_COLOR": "1"}


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")
