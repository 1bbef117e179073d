"""Where a stack comes from: an app that is synthesized, or an assembly that is there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from cloudworthy.local.model.progress import Progress
from cloudworthy.local.model.resources import Stack
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


class AppSource:
    """A CDK app in a directory."""

    def __init__(self, synthesizer: Synthesizer, stack_name: str | None) -> None:
        self._synthesizer = synthesizer
        self._stack_name = stack_name
        self._assembly: Path | None = None

    async def load(self, progress: Progress) -> Stack:
        with progress.step(f"synthesize {self._synthesizer.app.command}"):
            synthesis = await self._synthesizer.synthesize()
        self._assembly = synthesis.assembly
        return read_stack(synthesis.assembly, self._stack_name)

    @property
    def watched(self) -> Path:
        return self._synthesizer.app.directory.absolute()

    def code_directories(self) -> Iterable[Path]:
        return () if self._assembly is None else code_directories(self._assembly)


class AssemblySource:
    """A cloud assembly that someone else synthesizes."""

    def __init__(self, directory: Path, stack_name: str | None) -> None:
        self._directory = directory
        self._stack_name = stack_name

    async def load(self, progress: Progress) -> Stack:
        with progress.step(f"read {self._directory}"):
            return read_stack(self._directory, self._stack_name)

    @property
    def watched(self) -> Path:
        return self._directory.absolute()

    def code_directories(self) -> Iterable[Path]:
        return ()
