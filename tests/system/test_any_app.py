"""Apps of other people: what they change while they run, and how a run of them ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from running_system import CLOUDWORTHY, RunningSystem, start_system, wait_until
from small_app import SmallApp, write_assembly, write_code

_LONG_S = 60
ALARM_ON_A_BAND = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "ComparisonOperator": "GreaterThanUpperThreshold",
        "EvaluationPeriods": 1,
        "ThresholdMetricId": "band",
        "Metrics": [{"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m)"}],
    },
}
"""Which is not known here, but found out only when it is to be evaluated."""


def answer_of(system: RunningSystem, function: str) -> str:
    functions = json.loads((system.state / "runtime.json").read_text())["functions"]
    name = next((f["name"] for f in functions if f["logical_id"] == function), None)
    if name is None:
        return "no such function"
    return str(json.load(system.client("lambda").invoke(FunctionName=name)["Payload"]))


def test_a_function_that_is_added_later_is_reloaded_as_well(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app", "One")
    with start_system(tmp_path, "--app", "python app.py", cwd=app.directory) as system:
        app.answer("Two", "first")
        app.declare("One", "Two")
        wait_until(lambda: answer_of(system, "Two") == "first")
        app.answer("Two", "second")
        wait_until(lambda: answer_of(system, "Two") == "second")
        assert answer_of(system, "One") != answer_of(system, "Two")


def test_changed_code_does_not_wait_for_a_synth(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app", "One")
    with start_system(tmp_path, "--app", "python app.py", cwd=app.directory) as system:
        app.declare("One", synth_s=_LONG_S)
        wait_until(lambda: app.synths == 2)
        app.answer("One", "second")
        wait_until(lambda: answer_of(system, "One") == "second")
        assert system.stop() == 0


def test_what_the_run_itself_writes_is_no_change_of_the_app(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app", "One")
    arguments = ["--app", "python app.py"]
    with start_system(app.directory, *arguments, cwd=app.directory) as system:
        assert system.state == app.directory / "state" / "Small"
        assert answer_of(system, "One") == "first"
        # A change that comes later is live: a synth for what was written before has begun.
        app.answer("One", "second")
        wait_until(lambda: answer_of(system, "One") == "second")
        assert not any("app.py" in command for command in commands(system))
        assert app.synths == 1
    for ready_file in app.directory.glob("ready-*"):
        ready_file.unlink()
    with start_system(app.directory, *arguments, cwd=app.directory):
        assert app.synths == 1


def commands(system: RunningSystem) -> Iterator[list[str]]:
    for child in system.children():
        with suppress(psutil.NoSuchProcess):
            yield child.cmdline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_synth_ends_it_at_once(tmp_path: Path, number: signal.Signals) -> None:
    process, synth = synthesizing(tmp_path)
    process.send_signal(number)
    assert process.wait(timeout=5) == 130
    wait_until(lambda: not synth.is_running())


def test_no_synth_outlives_a_killed_run(tmp_path: Path) -> None:
    process, synth = synthesizing(tmp_path)
    process.kill()
    process.wait(timeout=5)
    wait_until(lambda: not synth.is_running())


def synthesizing(tmp_path: Path) -> tuple[subprocess.Popen[bytes], psutil.Process]:
    """A run in the middle of its synth, and the process that runs the app."""
    app = SmallApp(tmp_path / "app", "One", synth_s=_LONG_S)
    process = subprocess.Popen(
        [CLOUDWORTHY, "up", "--app", "python app.py", "--state", tmp_path / "state"],
        cwd=app.directory,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: app.synths == 1)
    children = psutil.Process(process.pid).children(recursive=True)
    return process, next(it for it in children if it.cmdline()[-1] == "app.py")


def test_an_assembly_may_be_made_again_and_what_cannot_be_served_takes_nothing_away(
    tmp_path: Path,
) -> None:
    assembly = tmp_path / "cdk.out"
    staged(assembly, "first")
    arguments = ["--assembly", str(assembly), "--parameter", "Level=prod"]
    with start_system(tmp_path, *arguments, cwd=tmp_path) as system:
        assert answer_of(system, "F") == "first"
        shutil.rmtree(assembly)
        assert answer_of(system, "F") == "first"
        staged(assembly, "second")
        wait_until(lambda: answer_of(system, "F") == "second")
        (assembly / "Small.template.json").write_text("{ half")
        (assembly / "manifest.json").touch()
        wait_until(lambda: refusals(system) == 1)
        assert answer_of(system, "F") == "second"
        properties = {"Name": "kept", "Type": "String", "Value": {"Ref": "Level"}}
        kept = {"Kept": {"Type": "AWS::SSM::Parameter", "Properties": properties}}
        staged(assembly, "third", kept)
        wait_until(lambda: answer_of(system, "F") == "third")
        staged(assembly, "fourth", {"Wrong": ALARM_ON_A_BAND})
        wait_until(lambda: refusals(system) == 2)
        assert answer_of(system, "F") == "third"
        found = system.client("ssm").get_parameter(Name="kept")
        assert found["Parameter"]["Value"] == "prod"


def refusals(system: RunningSystem) -> int:
    return system.log.read_bytes().count(b"version before goes on")


def staged(assembly: Path, answer: str, resources: Mapping[str, object] | None = None) -> None:
    """What ``cdk synth`` leaves: the code is inside of the assembly, named by its hash."""
    code = assembly / f"asset.{answer}"
    write_code(code, answer)
    write_assembly(assembly, {"F": code}, resources)


def test_a_directory_with_other_files_is_no_state(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app", "One")
    (tmp_path / "Small").mkdir()
    (tmp_path / "Small" / "thesis.txt").write_text("years of work")
    done = subprocess.run(
        [CLOUDWORTHY, "up", "--app", "python app.py", "--state", tmp_path],
        cwd=app.directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert "holds files that are no stack's state" in done.stderr
    assert (tmp_path / "Small" / "thesis.txt").exists()


def test_a_missing_node_is_one_sentence(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app", "One")
    done = subprocess.run(
        [CLOUDWORTHY, "up", "--app", "python app.py", "--state", tmp_path / "state"],
        cwd=app.directory,
        env={**os.environ, "JSII_NODE": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert "Node: found nothing at /nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_closed_standard_streams_do_not_matter(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app", "One")
    ready = tmp_path / "ready.json"
    command = f"exec {CLOUDWORTHY} up --app 'python app.py' --port 0 --endpoint-port 0"
    command += f" --state {tmp_path / 'state'} --ready-file {ready} <&- >&- 2>&-"
    with subprocess.Popen(["/bin/sh", "-c", command], cwd=app.directory) as process:
        wait_until(ready.exists)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
