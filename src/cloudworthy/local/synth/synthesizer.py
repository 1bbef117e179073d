"""Runs a CDK app and keeps its cloud assembly until something it was made from changes."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.process.guard import ProcessGuard
from cloudworthy.local.synth.app import CdkApp, cli_context
from cloudworthy.local.synth.inputs import Inputs, lasting_environment
from cloudworthy.node import jsii_environment

_LAST_LINES = 15
_LOCK_POLL_S = 0.05
_CANNOT_RUN, _NOT_FOUND = 126, 127
"""Exit codes of a shell whose command cannot be started."""
_KEPT = 5
"""Assemblies kept: a runtime that is still up may use an older one, and a shell with other
variables, or a checkout that goes back and forth, comes to one again."""


class SynthFailedError(CloudworthyError):
    """The app ended with an error; the message holds the last of what it printed."""


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A cloud assembly, and whether it was made just now."""

    assembly: Path
    reused: bool


class Synthesizer:
    """Synthesizes one app into ``cache``.

    Parameters
    ----------
    app
        What to run.
    cache
        Apps share it. Each app has a directory below it, with an assembly that is named by
        its fingerprint and moved there only when complete: a failed or killed synth leaves
        the one before in place.
    account, region
        What ``CDK_DEFAULT_ACCOUNT`` and ``CDK_DEFAULT_REGION`` tell the app.
    ignored
        Directories inside the app's that are no part of it, such as the runtime's state.
    """

    def __init__(
        self,
        app: CdkApp,
        cache: Path,
        *,
        account: str,
        region: str,
        ignored: Collection[Path] = (),
    ) -> None:
        self.app = app
        self._ignored = ignored
        identity = hashlib.sha256(f"{app.directory}\0{app.command}".encode())
        self._cache = cache / identity.hexdigest()[:12]
        self._environment = {"CDK_DEFAULT_ACCOUNT": account, "CDK_DEFAULT_REGION": region}

    async def synthesize(self) -> Synthesis:
        """The assembly of the app as it is now.

        Raises
        ------
        SynthFailedError
            The app failed, could not be started, or wrote no assembly.
        CloudworthyError
            Its cdk.json is wrong.
        """
        self._cache.mkdir(parents=True, exist_ok=True)
        with (self._cache / "lock").open("w") as lock:
            # Two runs of one app that start together need one synth between them.
            while not _locked(lock):  # noqa: ASYNC110 - another process lets go of it
                await asyncio.sleep(_LOCK_POLL_S)
            return await self._synthesize()

    async def _synthesize(self) -> Synthesis:
        self.app = self.app.reread()
        assemblies = self._assemblies()
        assets = {asset for kept in assemblies for asset in self.assets_of(kept)}
        inputs = Inputs.of(self.app, assets=assets, ignored=self._ignored)
        for kept in assemblies:
            if kept.name == self._fingerprint(inputs, kept):
                os.utime(kept)
                return Synthesis(kept, reused=True)
        output = Path(tempfile.mkdtemp(prefix="synth-", dir=self._cache))
        try:
            await self._run(output)
            final = self._cache / self._fingerprint(inputs, output)
            if final.exists():
                shutil.rmtree(final)
            output.rename(final)
        except BaseException:
            shutil.rmtree(output, ignore_errors=True)
            raise
        self._forget_old()
        return Synthesis(final, reused=False)

    def _fingerprint(self, inputs: Inputs, assembly: Path) -> str:
        environment = {**lasting_environment(os.environ), **self._environment}
        return inputs.fingerprint(
            self.app,
            code_directories=code_directories(assembly),
            assets=self.assets_of(assembly),
            environment=environment,
        )

    def assets_of(self, assembly: Path) -> Iterable[Path]:
        """What an assembly refers to in place, besides the code of functions and the app."""
        code = set(code_directories(assembly))
        for manifest in sorted(assembly.glob("*.assets.json")):
            for entry in json.loads(manifest.read_text())["files"].values():
                path = Path(entry["source"].get("path", ""))
                around_the_app = self.app.directory.is_relative_to(path)
                if path.is_absolute() and path not in code and not around_the_app:
                    yield path

    def _assemblies(self) -> list[Path]:
        """Those that are kept, the last one used first."""
        kept = [path for path in self._cache.iterdir() if (path / "manifest.json").is_file()]
        return sorted(kept, key=lambda path: path.stat().st_mtime, reverse=True)

    def _forget_old(self) -> None:
        unfinished = self._cache.glob("synth-*")  # Of runs that were killed: this one has the lock.
        for old in (*self._assemblies()[_KEPT:], *unfinished):
            shutil.rmtree(old, ignore_errors=True)

    async def _run(self, output: Path) -> None:
        """Run the command in a shell, as the CDK CLI does."""
        guard = ProcessGuard()
        try:
            child = await guard.spawn(
                ("/bin/sh", "-c", self.app.command),
                cwd=self.app.directory,
                env=self._process_environment(output),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            printed = await child.stdout.read() if child.stdout is not None else b""
            code = await child.wait()
        finally:
            await guard.close()
        if code in (_CANNOT_RUN, _NOT_FOUND):
            raise SynthFailedError(
                f"The app's command {self.app.command!r} could not be started: "
                f"{_last_lines(printed)}. "
                "Correct the command in cdk.json or give another with --app."
            )
        if code != 0:
            raise SynthFailedError(
                f"The synth failed: {self.app.command!r} ended with exit code {code}. "
                f"Correct the app; the last it printed was:\n{_last_lines(printed, indent=4)}"
            )
        if not (output / "manifest.json").is_file():
            raise SynthFailedError(
                f"{self.app.command!r} ended well but wrote no cloud assembly. "
                "Call app.synth() at the end of the app."
            )

    def _process_environment(self, output: Path) -> Mapping[str, str]:
        return {
            **os.environ,
            **jsii_environment(),
            **self._environment,
            "PATH": _path_with_python(),
            "CDK_OUTDIR": str(output),
            "CDK_CONTEXT_JSON": json.dumps(cli_context(self.app)),
        }


def _path_with_python() -> str:
    """``python`` means the interpreter that runs this, which has the CDK, unless one is chosen."""
    path = os.environ.get("PATH", os.defpath)
    if os.environ.get("VIRTUAL_ENV"):
        return path
    return os.pathsep.join([str(Path(sys.executable).parent), path])


def _locked(lock: TextIO) -> bool:
    """Whether the lock could be had at once. Waiting for it in a thread could not be ended."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _last_lines(printed: bytes, *, indent: int = 0) -> str:
    lines = printed.decode(errors="replace").rstrip().splitlines()[-_LAST_LINES:]
    return "\n".join(" " * indent + line for line in lines)


def code_directories(assembly: Path) -> Iterable[Path]:
    """Directories outside of the assembly from which its functions' code is run in place."""
    for template in sorted(assembly.glob("*.template.json")):
        resources = json.loads(template.read_text()).get("Resources", {})
        for resource in resources.values():
            metadata = resource.get("Metadata", {})
            if (
                resource.get("Type") == "AWS::Lambda::Function"
                and "aws:asset:path" in metadata
                and not metadata.get("aws:asset:is-bundled")
                and Path(metadata["aws:asset:path"]).is_absolute()
                and Path(metadata["aws:asset:path"]).is_dir()
            ):
                yield Path(metadata["aws:asset:path"])
