"""What a synthesized app was made from, so that it is made again only when that changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cloudworthy.local.synth.app import CdkApp

_IGNORED_DIRECTORIES = frozenset(
    {"node_modules", "__pycache__", "build", "dist", "cdk.out", "venv"}
)
_IGNORED_FILES = (".log", "nohup.out")
"""A run's own output, redirected to a file beside the app, would call for another run."""
_DEPENDENCY_MANIFESTS = ("requirements", "pyproject.toml", "package", "Pipfile", "poetry.lock")


_TERMINAL_VARIABLES = frozenset(
    {
        "_",
        "COLORTERM",
        "COLUMNS",
        "LINES",
        "MFLAGS",
        "OLDPWD",
        "PATH",  # differs with an activated environment, which is no reason for another synth
        "PS1",
        "PWD",
        "SHLVL",
        "WINDOWID",
    }
)
_TERMINAL_PREFIXES = (
    "DBUS_",
    "DESKTOP_",
    "MAKE",
    "PYTEST_",
    "SSH_",
    "TERM",
    "TMUX",
    "VIRTUAL_ENV",
    "VSCODE_",
    "XDG_",
)


def lasting_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables an app may read, without those that every terminal sets anew."""
    return {
        name: value
        for name, value in variables.items()
        if name not in _TERMINAL_VARIABLES and not name.startswith(_TERMINAL_PREFIXES)
    }


def is_dependency_manifest(path: Path) -> bool:
    """Whether a file inside a function's code decides what a dependency layer is built from."""
    return path.name.startswith(_DEPENDENCY_MANIFESTS)


def is_ignored(path: Path, root: Path) -> bool:
    """Whether a path below ``root`` is no input: hidden, generated or installed."""
    parts = path.relative_to(root).parts if path.is_relative_to(root) else path.parts
    return any(_is_ignored_name(part) for part in parts)


def _is_ignored_name(name: str) -> bool:
    return name.startswith(".") or name in _IGNORED_DIRECTORIES or name.endswith(_IGNORED_FILES)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of an app at one moment, by path, with size and modification time.

    Stating them costs milliseconds where reading them would cost seconds.
    """

    files: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, app: CdkApp, *, ignored: Collection[Path] = ()) -> Inputs:
        skipped = {str(directory) for directory in ignored}
        files = {}
        for entry in _files(str(app.directory), skipped):
            status = entry.stat()
            files[entry.path] = (status.st_size, status.st_mtime_ns)
        return cls(files)

    def fingerprint(
        self, app: CdkApp, *, code_directories: Iterable[Path], environment: Mapping[str, str]
    ) -> str:
        """A hash of all that a synth reads: command, context, versions and these files.

        ``code_directories`` are function code that the assembly refers to in place; their
        files do not change it, unless they are dependency manifests.
        """
        facts = [app.command, str(app.directory), dict(app.context), dict(environment), _versions()]
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode())
        code = tuple(str(d) + os.sep for d in code_directories if d != app.directory)
        for path, status in self.files.items():
            if not path.startswith(code) or is_dependency_manifest(Path(path)):
                digest.update(f"{path}\0{status}\n".encode())
        return digest.hexdigest()[:32]


def _files(directory: str, skipped: set[str]) -> Iterator[os.DirEntry[str]]:
    """Files below a directory; one that is reached again, through a link, is skipped."""
    identity = os.path.realpath(directory)
    if identity in skipped:
        return
    skipped.add(identity)
    with os.scandir(directory) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if _is_ignored_name(entry.name) or entry.path in skipped:
            continue
        if entry.is_dir():
            yield from _files(entry.path, skipped)
        elif entry.is_file():
            yield entry


def _versions() -> list[str]:
    return [_version(name) for name in ("aws-cdk-lib", "constructs", "cloudworthy")]


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
