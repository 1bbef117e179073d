"""What a synthesized app was made from, so that it is made again only when that changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cloudworthy.local.synth.app import CdkApp

_IGNORED_DIRECTORIES = frozenset(
    {"node_modules", "__pycache__", "build", "dist", "cdk.out", "venv"}
)
_IGNORED_FILES = (".log", "nohup.out")
"""A run's own output, redirected to a file beside the app, would call for another run."""
_Status = tuple[int, int]

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

    Parameters
    ----------
    files
        Below the app's directory, without what is generated or installed.
    assets
        All files of each asset, wherever it lies: a site that a build tool made is an input.
    """

    files: Mapping[str, _Status]
    assets: Mapping[Path, Mapping[str, _Status]]

    @classmethod
    def of(
        cls, app: CdkApp, *, assets: Iterable[Path] = (), ignored: Collection[Path] = ()
    ) -> Inputs:
        skipped = {str(directory) for directory in ignored}
        return cls(
            _statuses(_files(str(app.directory), skipped, _is_ignored_name)),
            {asset: _asset_files(asset) for asset in assets},
        )

    def fingerprint(
        self,
        app: CdkApp,
        *,
        code_directories: Iterable[Path],
        assets: Iterable[Path],
        environment: Mapping[str, str],
    ) -> str:
        """A hash of all that a synth reads: command, context, versions and these files.

        ``code_directories`` are function code that the assembly refers to in place; their
        files do not change it, unless they are dependency manifests. ``assets`` are what else
        it refers to; those that were not known at that moment count as they are now.
        """
        facts = [app.command, str(app.directory), dict(app.context), dict(environment), _versions()]
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode())
        code = tuple(str(d) + os.sep for d in code_directories if d != app.directory)
        for path, status in self.files.items():
            if not path.startswith(code) or is_dependency_manifest(Path(path)):
                digest.update(f"{path}\0{status}\n".encode())
        for asset in sorted(set(assets)):
            known = self.assets.get(asset)
            statuses = _asset_files(asset) if known is None else known
            digest.update(f"{asset}\0{statuses}\n".encode())
        return digest.hexdigest()[:32]


def _asset_files(asset: Path) -> dict[str, _Status]:
    if not asset.is_dir():
        return {str(asset): _status(asset.stat())} if asset.exists() else {}
    return _statuses(_files(str(asset), set(), lambda name: name == "__pycache__"))


def _statuses(entries: Iterable[os.DirEntry[str]]) -> dict[str, _Status]:
    return {entry.path: _status(entry.stat()) for entry in entries}


def _status(status: os.stat_result) -> _Status:
    return status.st_size, status.st_mtime_ns


def _files(
    directory: str, skipped: set[str], is_left_out: Callable[[str], bool]
) -> Iterator[os.DirEntry[str]]:
    """Files below a directory; one that is reached again, through a link, is skipped."""
    identity = os.path.realpath(directory)
    if identity in skipped:
        return
    skipped.add(identity)
    with os.scandir(directory) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if is_left_out(entry.name) or entry.path in skipped:
            continue
        if entry.is_dir():
            yield from _files(entry.path, skipped, is_left_out)
        elif entry.is_file():
            yield entry


def _versions() -> list[str]:
    return [_version(name) for name in ("aws-cdk-lib", "constructs", "cloudworthy")]


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
