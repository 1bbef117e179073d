"""A small app that writes its assembly as the CDK would, in milliseconds instead of seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_PROGRAM = """
import os, pathlib, sys, time
sys.path.insert(0, {here!r})
from small_app import write_assembly

with pathlib.Path("../synths.txt").open("a") as synths:
    synths.write("synth\\n")
time.sleep({synth_s})
code = {{name: pathlib.Path(name.lower()).resolve() for name in {functions!r}}}
write_assembly(pathlib.Path(os.environ["CDK_OUTDIR"]), code)
"""
_ENVIRONMENT = "aws://unknown-account/unknown-region"


class SmallApp:
    """An app whose stack ``Small`` has nothing but functions, each with a directory of code."""

    def __init__(self, directory: Path, *functions: str, synth_s: float = 0) -> None:
        self.directory = directory
        directory.mkdir(parents=True)
        for name in functions:
            self.answer(name, "first")
        self.declare(*functions, synth_s=synth_s)

    def declare(self, *functions: str, synth_s: float = 0) -> None:
        """Write the app anew, with these functions."""
        here = str(Path(__file__).parent)
        program = _PROGRAM.format(here=here, functions=functions, synth_s=synth_s)
        (self.directory / "app.py").write_text(program)

    def answer(self, function: str, text: str) -> None:
        """Write a function's code: it answers this text."""
        write_code(self.directory / function.lower(), text)

    @property
    def synths(self) -> int:
        """How often the app was run."""
        record = self.directory.parent / "synths.txt"
        return len(record.read_text().splitlines()) if record.exists() else 0


def write_code(directory: Path, answer: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    code = f"def handler(event, context):\n    return {answer!r}\n"
    (directory / "index.py").write_text(code)


def write_assembly(
    directory: Path, code: Mapping[str, Path], resources: Mapping[str, object] | None = None
) -> None:
    """An assembly of the stack ``Small``: functions by logical id, with where their code is.

    ``resources`` are further ones of the template.
    """
    directory.mkdir(parents=True, exist_ok=True)
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}
    functions = {name: _function(name, path) for name, path in code.items()}
    files = {f"{path}": _asset(path) for path in code.values()}
    artifacts = {
        "Small.assets": {
            "type": "cdk:asset-manifest",
            "properties": {"file": "Small.assets.json"},
        },
        "Small": {
            "type": "aws:cloudformation:stack",
            "environment": _ENVIRONMENT,
            "properties": {"templateFile": "Small.template.json"},
            "dependencies": ["Small.assets"],
        },
    }
    contents = {
        "Small.template.json": {
            "Parameters": {"Level": {"Type": "String", "Default": "dev"}},
            "Resources": {"Role": role, **functions, **(resources or {})},
        },
        "Small.assets.json": {"files": files},
        "manifest.json": {"version": "36.0.0", "artifacts": artifacts},
    }
    for name, content in contents.items():
        (directory / name).write_text(json.dumps(content))


def _function(name: str, code: Path) -> dict[str, object]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"S3Bucket": "assets", "S3Key": f"{code.name}.zip"},
            "Handler": "index.handler",
            "Runtime": "python3.11",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        },
        "Metadata": {"aws:cdk:path": f"Small/{name}/Resource", "aws:asset:path": str(code)},
    }


def _asset(code: Path) -> dict[str, object]:
    destination = {"bucketName": "assets", "objectKey": f"{code.name}.zip"}
    return {
        "source": {"path": str(code), "packaging": "zip"},
        "destinations": {"here": destination},
    }
