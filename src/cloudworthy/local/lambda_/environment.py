"""The Python environments that workers run in, one for each runtime, built once."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from cloudworthy.local.lambda_.interpreter import Interpreter, find_interpreter, runtime_version
from cloudworthy.local.model.errors import CloudworthyError

_log = logging.getLogger(__name__)

LOCK = Path(__file__).with_name("worker.txt")
_COMPILE = """
import compileall, re, sysconfig
left_out = re.compile(
    r"/(site-packages|tests?|idlelib|lib2to3|tkinter|turtledemo|ensurepip|pydoc_data|distutils)/"
)
compileall.compile_dir(sysconfig.get_path("stdlib"), maxlevels=20, quiet=2, rx=left_out)
compileall.compile_dir(sysconfig.get_path("purelib"), maxlevels=20, quiet=2)
"""
"""The standard library of an interpreter also holds what people have installed for it, which may
be a hundred times as much and which no worker sees.
"""


class EnvironmentBuildError(CloudworthyError):
    """uv could not install what a worker needs."""


@dataclass(frozen=True, slots=True)
class WorkerPython:
    """What a worker of one runtime is started with."""

    executable: Path
    version: tuple[int, int, int]
    bytecode: Path
    """Where compiled code goes: never beside the sources, as ``/var/task`` is read-only."""
    fingerprint: str
    """Changes with the interpreter and with what is installed."""

    @property
    def site_packages(self) -> Path:
        name = f"python{self.version[0]}.{self.version[1]}"
        return self.executable.parent.parent / "lib" / name / "site-packages"

    def command(self, *arguments: str) -> list[str]:
        options = ["-X", f"pycache_prefix={self.bytecode}", "-X", "utf8"]
        return [str(self.executable), *options, *arguments]


class WorkerEnvironments:
    """Virtual environments with the runtime client and the SDK, and nothing else.

    Parameters
    ----------
    cache
        Where they are kept between starts.
    shell
        The shell's environment variables: uv and the search for interpreters use them, a
        worker never sees them.
    notice
        Told once for each runtime whose own Python version is not installed.
    """

    def __init__(
        self,
        cache: Path,
        *,
        shell: Mapping[str, str],
        notice: Callable[[str], None] = _log.warning,
        lock: Path = LOCK,
    ) -> None:
        self._cache = cache
        self._shell = shell
        self._notice = notice
        self._lock = lock
        self._found: dict[str, asyncio.Task[WorkerPython]] = {}

    async def python_for(self, runtime: str) -> WorkerPython:
        """The environment of a runtime, made on first use.

        Raises
        ------
        InterpreterMissingError, EnvironmentBuildError
        """
        task = self._found.get(runtime)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._found[runtime] = asyncio.create_task(self._find(runtime))
        return await asyncio.shield(task)

    async def _find(self, runtime: str) -> WorkerPython:
        known = await asyncio.to_thread(self._built_before, runtime)
        if known is not None:
            await self._compile(known)
            return known
        interpreter = await find_interpreter(runtime, self._shell)
        if not interpreter.exact:
            self._notice(_nearest_notice(runtime, interpreter))
        python = self._python(interpreter)
        if not python.executable.exists():
            await self._build(interpreter, python)
        await self._compile(python)
        return python

    def _built_before(self, runtime: str) -> WorkerPython | None:
        """An environment with exactly the runtime's version, without looking for interpreters."""
        wanted = runtime_version(runtime) or (0, 0)
        for directory in self._cache.glob(f"{wanted[0]}.{wanted[1]}.*-{self._lock_hash()}"):
            executable = directory / "bin" / "python"
            if executable.exists():
                major, minor, micro = directory.name.partition("-")[0].split(".")
                version = (int(major), int(minor), int(micro))
                return self._python(Interpreter(executable, version, exact=True))
        return None

    def _python(self, interpreter: Interpreter) -> WorkerPython:
        version = ".".join(map(str, interpreter.version))
        fingerprint = f"{version}-{self._lock_hash()}"
        directory = self._cache / fingerprint
        return WorkerPython(
            executable=directory / "bin" / "python",
            version=interpreter.version,
            bytecode=self._cache / "bytecode",
            fingerprint=fingerprint,
        )

    def _lock_hash(self) -> str:
        return hashlib.sha256(self._lock.read_bytes()).hexdigest()[:16]

    async def _build(self, interpreter: Interpreter, python: WorkerPython) -> None:
        final = python.executable.parent.parent
        self._cache.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix="building-", dir=self._cache))
        try:
            await self._install(interpreter, scratch / "v")
            move_into_place(scratch / "v", final)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    async def _install(self, interpreter: Interpreter, directory: Path) -> None:
        python = str(directory / "bin" / "python")
        pins = ("--require-hashes", "--only-binary", ":all:", "-r", str(self._lock))
        await run_uv(
            ("venv", "--no-project", "--python", str(interpreter.path), str(directory)), self._shell
        )
        await run_uv(("pip", "install", "--python", python, *pins), self._shell)

    async def _compile(self, python: WorkerPython) -> None:
        """Compile all that workers may import, once: they may not write among each other's."""
        done = python.executable.parent.parent / "compiled"
        if done.exists():
            return
        process = await asyncio.create_subprocess_exec(
            *python.command("-c", _COMPILE),
            env={},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if await process.wait() == 0:
            done.touch()


def _nearest_notice(runtime: str, interpreter: Interpreter) -> str:
    version = ".".join(map(str, interpreter.version))
    major, minor = runtime_version(runtime) or (3, 0)
    return (
        f"{runtime} is not installed on this machine; its functions run on Python {version}. "
        f"For the version that AWS runs: uv python install {major}.{minor}"
    )


def move_into_place(built: Path, final: Path) -> None:
    """Give a finished directory its name, unless another process was faster."""
    try:
        built.rename(final)
    except OSError:
        if not final.is_dir():
            raise


async def run_uv(arguments: Sequence[str], shell: Mapping[str, str]) -> None:
    """Run uv with the shell's own configuration of indexes and proxies.

    Raises
    ------
    EnvironmentBuildError
        With the last lines of what uv said.
    """
    process = await asyncio.create_subprocess_exec(
        find_uv_bin(),
        "--quiet",
        *arguments,
        env={**shell, "NO_COLOR": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode != 0:
        said = "\n".join(errors.decode(errors="replace").strip().splitlines()[-12:])
        raise EnvironmentBuildError(f"uv {arguments[0]} {arguments[1]} failed:\n{said}")
