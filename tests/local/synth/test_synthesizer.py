"""Synth of small apps: a Python program that writes an assembly as the CDK would."""

from __future__ import annotations

import json
import os
import textwrap
from pathlib import Path

import pytest

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.synth.app import find_app
from cloudworthy.local.synth.synthesizer import Synthesizer, SynthFailedError

_APP = """
    import json, os, pathlib
    out = pathlib.Path(os.environ["CDK_OUTDIR"])
    context = json.loads(os.environ["CDK_CONTEXT_JSON"])
    code = str(pathlib.Path("code").resolve())
    function = {"Type": "AWS::Lambda::Function", "Metadata": {"aws:asset:path": code}}
    template = {"Resources": {"F": function}, "Metadata": context}
    out.joinpath("s.template.json").write_text(json.dumps(template))
    assets = {name: {"source": {"path": str(pathlib.Path(name).resolve()), "packaging": "zip"},
              "destinations": {}} for name in context.get("assets", ())}
    out.joinpath("s.assets.json").write_text(json.dumps({"files": assets}))
    out.joinpath("region").write_text(os.environ["CDK_DEFAULT_REGION"])
    out.joinpath("manifest.json").write_text("{}")
"""


class Project:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "code").mkdir()
        (directory / "code" / "handler.py").write_text("x = 1")
        (directory / "cdk.json").write_text(
            json.dumps({"app": "python app.py", "context": {"stage": "dev"}})
        )
        self.write_app(_APP)

    def write_app(self, program: str) -> None:
        (self.directory / "app.py").write_text(textwrap.dedent(program))

    def synthesizer(self) -> Synthesizer:
        cache = self.directory / ".cloudworthy"
        app = find_app(self.directory)
        return Synthesizer(app, cache, account="000000000000", region="eu-west-1")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


async def test_the_app_gets_what_the_cdk_cli_gives(project: Project) -> None:
    assembly = (await project.synthesizer().synthesize()).assembly
    context = json.loads((assembly / "s.template.json").read_text())["Metadata"]
    assert context["stage"] == "dev"
    assert context["aws:cdk:enable-path-metadata"] is True
    assert context["aws:cdk:bundling-stacks"] == ["**"]
    assert context["aws:cdk:disable-asset-staging"] is True
    assert (assembly / "region").read_text() == "eu-west-1"


async def test_an_unchanged_app_is_not_run_again(project: Project) -> None:
    first = await project.synthesizer().synthesize()
    second = await project.synthesizer().synthesize()
    assert (first.reused, second.reused) == (False, True)
    assert first.assembly == second.assembly


async def test_what_was_before_is_not_made_again(project: Project) -> None:
    first = await project.synthesizer().synthesize()
    program = (project.directory / "app.py").read_text()
    status = (project.directory / "app.py").stat()
    project.write_app(program + "\n# changed")
    changed = await project.synthesizer().synthesize()
    (project.directory / "app.py").write_text(program)
    os.utime(project.directory / "app.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    again = await project.synthesizer().synthesize()
    assert (changed.reused, again.reused) == (False, True)
    assert again.assembly == first.assembly != changed.assembly


async def test_only_some_assemblies_are_kept(project: Project) -> None:
    for number in range(8):
        project.write_app(_APP + f"    # {number}\n")
        made = await project.synthesizer().synthesize()
    assert len([path for path in made.assembly.parent.iterdir() if path.is_dir()]) == 5
    assert (await project.synthesizer().synthesize()).reused


async def test_changed_context_reaches_the_app(project: Project) -> None:
    synthesizer = project.synthesizer()
    await synthesizer.synthesize()
    cdk_json = project.directory / "cdk.json"
    cdk_json.write_text(cdk_json.read_text().replace('"dev"', '"prod"'))
    assembly = (await synthesizer.synthesize()).assembly
    context = json.loads((assembly / "s.template.json").read_text())["Metadata"]
    assert context["stage"] == "prod"


async def test_function_code_is_no_input_but_its_dependencies_are(project: Project) -> None:
    await project.synthesizer().synthesize()
    (project.directory / "code" / "handler.py").write_text("x = 2  # longer")
    assert (await project.synthesizer().synthesize()).reused
    (project.directory / "code" / "requirements.txt").write_text("pydantic")
    assert not (await project.synthesizer().synthesize()).reused


@pytest.mark.parametrize("name", ["stack.py", "data/values.yaml", "cdk.context.json"])
async def test_any_other_file_is_an_input(project: Project, name: str) -> None:
    await project.synthesizer().synthesize()
    path = project.directory / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")
    assert not (await project.synthesizer().synthesize()).reused


@pytest.mark.parametrize("asset", ["web/dist", ".output/public", "node_modules/x/site.zip"])
async def test_what_was_built_and_is_deployed_is_an_input(project: Project, asset: str) -> None:
    context = json.dumps({"app": "python app.py", "context": {"assets": [asset, "code", "."]}})
    (project.directory / "cdk.json").write_text(context)
    path = project.directory / asset
    path.parent.mkdir(parents=True)
    if not path.suffix:
        path.mkdir()
        path /= "index.html"
    path.write_text("old")
    assert not (await project.synthesizer().synthesize()).reused
    (project.directory / "code" / "handler.py").write_text("x = 2  # longer")
    assert (await project.synthesizer().synthesize()).reused
    path.write_text("newer")
    assert not (await project.synthesizer().synthesize()).reused
    assert (await project.synthesizer().synthesize()).reused


async def test_what_is_built_while_it_is_deployed_is_deployed_again(project: Project) -> None:
    site = project.directory / "dist" / "index.html"
    site.parent.mkdir()
    site.write_text("old")
    changes_it = "pathlib.Path('dist/index.html').open('a').write('newer')"
    (project.directory / "cdk.json").write_text(
        json.dumps({"app": "python app.py", "context": {"assets": ["dist"]}})
    )
    await project.synthesizer().synthesize()
    project.write_app(f"{_APP}    {changes_it}\n")
    await project.synthesizer().synthesize()
    assert not (await project.synthesizer().synthesize()).reused


async def test_a_failed_synth_says_why_and_keeps_the_last_assembly(project: Project) -> None:
    last = await project.synthesizer().synthesize()
    project.write_app("print('before'); raise SystemExit('the bucket has no name')")
    with pytest.raises(SynthFailedError, match=r"exit code 1.*\n.*before\n.*no name"):
        await project.synthesizer().synthesize()
    assert (last.assembly / "manifest.json").is_file()
    assert [p for p in last.assembly.parent.iterdir() if p.is_dir()] == [last.assembly]


async def test_an_app_that_writes_nothing_is_told_so(project: Project) -> None:
    project.write_app("pass")
    with pytest.raises(SynthFailedError, match=r"Call app.synth\(\)"):
        await project.synthesizer().synthesize()


async def test_a_command_that_cannot_start_is_named(project: Project) -> None:
    (project.directory / "cdk.json").write_text('{"app": "no-such-program app.py"}')
    with pytest.raises(SynthFailedError, match=r"'no-such-program app.py' could not be started"):
        await project.synthesizer().synthesize()


def test_a_directory_without_an_app_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CloudworthyError, match="--app"):
        find_app(tmp_path)


def test_a_broken_cdk_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text("{")
    with pytest.raises(CloudworthyError, match=r"cdk\.json is not JSON"):
        find_app(tmp_path)


async def test_the_environment_is_an_input(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "dev")
    await project.synthesizer().synthesize()
    monkeypatch.setenv("TERM", "another")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/another")
    monkeypatch.setenv("VIRTUAL_ENV", "/another")
    assert (await project.synthesizer().synthesize()).reused
    monkeypatch.setenv("STAGE", "prod")
    assert not (await project.synthesizer().synthesize()).reused


async def test_directories_behind_links_are_inputs_once(project: Project, tmp_path: Path) -> None:
    shared = tmp_path / ".shared"
    shared.mkdir()
    (shared / "stack.py").write_text("a = 1")
    (shared / "again").symlink_to(shared)
    (project.directory / "stacks").symlink_to(shared)
    await project.synthesizer().synthesize()
    assert (await project.synthesizer().synthesize()).reused
    (shared / "stack.py").write_text("a = 2  # longer")
    assert not (await project.synthesizer().synthesize()).reused


async def test_the_command_is_one_of_a_shell(project: Project) -> None:
    (project.directory / "cdk.json").write_text('{"app": "true && MODE=x python app.py"}')
    assert not (await project.synthesizer().synthesize()).reused


@pytest.mark.parametrize("content", ['{"app": ["x"]}', '{"app": "x", "context": []}'])
def test_a_cdk_json_of_other_types_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "cdk.json").write_text(content)
    with pytest.raises(CloudworthyError, match=r"cdk.json \(.*\): found \["):
        find_app(tmp_path)
