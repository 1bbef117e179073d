"""A newcomer's way through the README: its commands, in order, in a copy of the repository."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from cloudworthy.blueprints.systems import SYSTEMS
from cloudworthy.cli.main import cli
from project_copy import copy_of_the_repository
from running_system import ROOT

pytestmark = [pytest.mark.xdist_group("readme"), pytest.mark.timeout(400)]

README = (ROOT / "README.md").read_text()
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
NEEDS_AWS = {"cdk bootstrap", "cdk diff web-app", "cdk deploy web-app", "cdk destroy web-app"}
"""What talks to an AWS account; tests/blueprints runs the diff against a template."""
ARE_CI = {"make test", "make lint", "make types", "make bench"}
"""What CI itself runs, or minutes of measuring; here only that make knows them."""
CHECKED_ELSEWHERE = {"cloudworthy check web-app"}
"""Half a minute that tests/proof spends already; here only that the command exists."""


class Newcomer:
    """A shell in the copy, with `.venv/bin` in its path."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        path = f"{directory / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        # What the make was given that runs the tests is not for theirs.
        shell = {name: it for name, it in os.environ.items() if not name.startswith("MAKE")}
        self.environment = {**shell, "PATH": path, "PYTHON": sys.executable}
        self.output = directory / "up.log"

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def export(self, line: str) -> None:
        """``export API=… KEY=<the API key>``, the key taken from what ``up`` published."""
        address = json.loads(
            (self.directory / ".cloudworthy" / "web-app" / "runtime.json").read_text()
        )
        (key,) = address["api_keys"].values()
        line = line.replace("<the API key>", key)
        for name, value in re.findall(r"(\w+)=(\S+)", line):
            self.environment[name] = value


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    """Has run ``make up``, and sees what it printed."""
    assert COMMANDS[0] == "make up"
    setup = [sys.executable, "scripts/bootstrap.py", "dev"]
    subprocess.run(setup, cwd=ROOT, check=True, capture_output=True)
    shell = Newcomer(copy_of_the_repository(tmp_path_factory.mktemp("newcomer")))
    with shell.output.open("wb") as output:
        up = subprocess.Popen(
            ["make", "up", f"PYTHON={sys.executable}"],
            cwd=shell.directory,
            env=shell.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "Ctrl-C ends it" in shell.output.read_text(), up)
        yield shell
    finally:
        if up.poll() is None:
            os.killpg(up.pid, signal.SIGINT)
        up.wait(timeout=30)


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 240
    while not condition():
        assert process.poll() is None, "make up ended"
        assert time.monotonic() < deadline, "make up took too long"
        time.sleep(0.1)


def test_every_command_of_the_readme_does_what_it_says(newcomer: Newcomer) -> None:
    printed = newcomer.output.read_text()
    for address in ("http://127.0.0.1:8080/prod", "http://127.0.0.1:8081/#key=", ":4566"):
        assert address in printed
    answers = []
    for command in COMMANDS[1:]:
        if command.startswith("export "):
            newcomer.export(command)
        elif command in ARE_CI:
            newcomer.run(f"make --dry-run {command.removeprefix('make ')}")
        elif command in CHECKED_ELSEWHERE:
            newcomer.run(f"{command} --help")
        elif command not in NEEDS_AWS:
            answers.append((command, newcomer.run(command)))
    by_command = [answer for command, answer in answers if command.startswith("curl")]
    health, created, page, mistake, no_key = map(json.loads, by_command)
    assert health["status"] == "healthy"
    assert created["version"] == 1
    assert [item["item_id"] for item in page["items"]] == [created["item_id"]]
    assert mistake["error"]["details"][0]["field"] == "nmae"
    assert no_key["error"]["code"] == "forbidden"
    said = dict(answers)
    assert "http://127.0.0.1:8080/prod/" in said["cloudworthy outputs"]
    assert "statusCode" in said["cloudworthy invoke HealthFunction"]
    assert "platform.report" in said["cloudworthy logs ApiFunction"]
    assert "removed AWS::DynamoDB::Table" in said["cloudworthy destroy --yes"]
    assert "OK" in said["cloudworthy alarms"] or "INSUFFICIENT_DATA" in said["cloudworthy alarms"]
    assert said["cloudworthy mail"] == ""
    assert said["cdk ls"].split() == list(SYSTEMS)


def test_the_readme_names_only_files_that_exist() -> None:
    names = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_table_has_every_system_and_how_it_starts() -> None:
    default = re.search(r"^SYSTEM \?= (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    rows = re.findall(r"^\| `([\w-]+)` \|.*\| `make up( SYSTEM=(.*?))?` \|", README, re.MULTILINE)
    assert default is not None
    assert {system: named or default[1] for system, _, named in rows} == {s: s for s in SYSTEMS}


def test_every_option_in_the_text_is_one_of_the_command_line() -> None:
    context = click.Context(cli)
    verbs = [cli.get_command(context, name) for name in cli.list_commands(context)]
    known = {option for verb in verbs if verb for each in verb.params for option in each.opts}
    known.add("--help")
    rows = re.findall(r"^\| `(\w+)[^`]*` \|", README.split("## Command line")[1], re.MULTILINE)
    assert set(rows) == set(cli.list_commands(context))
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", README, flags=re.DOTALL))
    given = {it for span in spans for it in re.findall(r"(?<![\w-])--[a-z-]+", span)}
    assert given - known == set()


def test_the_index_of_fidelity_has_every_page() -> None:
    index = (ROOT / "docs" / "fidelity.md").read_text()
    pages = {f"fidelity/{page.name}" for page in (ROOT / "docs" / "fidelity").glob("*.md")}
    assert {link for link in re.findall(r"\((.*?\.md)\)", index) if "/" in link} == pages


def test_the_rooms_of_the_picture_exist() -> None:
    picture = README.split("The rooms, in the order")[1].split("```")[1]
    rooms = re.findall(r"([a-z_]+)/ ", picture)
    places = [*ROOT.rglob("src/**/"), *ROOT.iterdir(), *(ROOT / "services").iterdir()]
    assert set(rooms) <= {path.name for path in places if path.is_dir()}
    shown = set(rooms) | {"cloudworthy"}
    local = ROOT / "src" / "cloudworthy" / "local"
    assert {p.name for p in local.iterdir() if (p / "__init__.py").exists()} <= shown
