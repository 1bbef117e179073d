"""Which app is meant, and how the CDK CLI would run it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cloudworthy.local.model.errors import CloudworthyError


@dataclass(frozen=True, slots=True)
class CdkApp:
    """A command that writes a cloud assembly when it is run in ``directory``."""

    command: str
    directory: Path
    context: Mapping[str, Any] = field(default_factory=dict)
    """``context`` of cdk.json, overridden by cdk.context.json."""
    override: str | None = None
    """The command that was given in place of the file's own."""

    def reread(self) -> CdkApp:
        """The app as its files say now; see ``find_app``."""
        return find_app(self.directory, command=self.override)


def find_app(directory: Path, *, command: str | None = None) -> CdkApp:
    """The app of a directory: its cdk.json, with ``command`` in place of the file's own.

    Raises
    ------
    CloudworthyError
        There is no command, or a file is not JSON.
    """
    cdk_json = _read_json(directory / "cdk.json")
    found = command or cdk_json.get("app")
    if not found:
        raise CloudworthyError(
            f"{directory} has no cdk.json that names an app. Run this in the directory of "
            'a CDK app, or give its command with --app "python app.py".'
        )
    for key, value, kind in (("app", found, str), ("context", cdk_json.get("context", {}), dict)):
        if not isinstance(value, kind):
            raise CloudworthyError(
                f"{directory / 'cdk.json'} ({key}): found {json.dumps(value)}, expected "
                f"{'a command' if kind is str else 'an object'}. Correct the file."
            )
    merged = {**cdk_json.get("context", {}), **_read_json(directory / "cdk.context.json")}
    return CdkApp(found, directory, merged, command)


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise CloudworthyError(f"{path} is not JSON: {error}. Correct the file.") from error
    if not isinstance(content, dict):
        raise CloudworthyError(
            f"{path}: found a JSON {type(content).__name__}, expected an object."
        )
    return content


def cli_context(app: CdkApp) -> dict[str, Any]:
    """The context the CDK CLI hands to an app: the app's own and the CLI's defaults.

    Assets are not staged, so that they name the directories they were made from, and the
    runtime sees a change of code without another synth.

    Source: aws-cdk CLI, ``prepareContext`` (documented in code).
    """
    return {
        **app.context,
        "aws:cdk:enable-path-metadata": True,
        "aws:cdk:enable-asset-metadata": True,
        "aws:cdk:bundling-stacks": ["**"],
        "aws:cdk:disable-asset-staging": True,
    }
