"""Where a stack comes from: an app that is synthesized, or an assembly that is there."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from cloudworthy.local.model.progress import Progress
from cloudworthy.local.model.resources import Asset, Stack
from cloudworthy.local.synth.synthesizer import Synthesizer, code_directories
from cloudworthy.local.template.assembly import read_stack


class StackSource(Protocol):
    async def load(self, progress: Progress) -> Stack:
        """The stack as it is now."""
        ...

    @property
    def watched(self) -> Path:
        """The directory whose files make the stack."""
        ...

    def code_directories(self) -> Iterable[Path]:
        """Where the code of the stack's functions is edited."""
        ...

    def assets(self) -> Iterable[Path]:
        """What else the stack refers to where it is edited or built."""
        ...

    def concerns(self, path: Path) -> bool:
        """Whether a file that changed calls for the stack to be loaded again."""
        ...


class AppSource:
    """A CDK app in a directory."""

    def __init__(
        self, synthesizer: Synthesizer, stack_name: str | None, parameters: Mapping[str, str]
    ) -> None:
        self._synthesizer = synthesizer
        self._stack_name = stack_name
        self._parameters = parameters
        self._assembly: Path | None = None
        self._seen: dict[Path, bytes] = {}

    async def load(self, progress: Progress) -> Stack:
        with progress.step(f"synthesize {self._synthesizer.app.command}"):
            synthesis = await self._synthesizer.synthesize()
        self._assembly = synthesis.assembly
        return read_stack(synthesis.assembly, self._stack_name, self._parameters)

    @property
    def watched(self) -> Path:
        return self._synthesizer.app.directory.absolute()

    def code_directories(self) -> Iterable[Path]:
        return () if self._assembly is None else code_directories(self._assembly)

    def assets(self) -> Iterable[Path]:
        return () if self._assembly is None else self._synthesizer.assets_of(self._assembly)

    def concerns(self, path: Path) -> bool:
        """Not when the content is the one before: a synth may write files of the app anew."""
        try:
            content = hashlib.sha256(path.read_bytes()).digest()
        except OSError:
            content = b""
        before = self._seen.get(path)
        self._seen[path] = content
        return content != before


class AssemblySource:
    """A cloud assembly that someone else synthesizes.

    Parameters
    ----------
    kept
        Where its assets are kept under their hashes: whoever writes the assembly anew may
        remove them while they run.
    """

    def __init__(
        self,
        directory: Path,
        stack_name: str | None,
        parameters: Mapping[str, str],
        *,
        kept: Path,
    ) -> None:
        self._directory = directory.absolute()
        self._stack_name = stack_name
        self._parameters = parameters
        self._kept = kept

    async def load(self, progress: Progress) -> Stack:
        with progress.step(f"read {self._directory}"):
            stack = read_stack(self._directory, self._stack_name, self._parameters)
            assets = {key: self._keep(asset) for key, asset in stack.assets.items()}
        return replace(stack, assets=assets)

    @property
    def watched(self) -> Path:
        return self._directory

    def code_directories(self) -> Iterable[Path]:
        return ()

    def assets(self) -> Iterable[Path]:
        return ()

    def concerns(self, path: Path) -> bool:
        """The manifest is what the CDK writes last."""
        return path in (self._directory, self._directory / "manifest.json")

    def _keep(self, asset: Asset) -> Asset:
        if not asset.path.is_relative_to(self._directory) or not asset.path.exists():
            return asset
        kept = self._kept / asset.object_key.replace("/", "-")
        if not kept.exists():
            self._kept.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="keeping-", dir=self._kept) as scratch:
                copy = Path(scratch) / "asset"
                if asset.path.is_dir():
                    shutil.copytree(asset.path, copy, symlinks=True)
                else:
                    shutil.copy2(asset.path, copy)
                try:
                    copy.rename(kept)
                except OSError:
                    if not kept.exists():  # another run was faster, with the same content
                        raise
        return replace(asset, path=kept)
