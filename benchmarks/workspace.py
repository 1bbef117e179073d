"""Where the benchmarks keep what they install and write: below ``.cloudworthy/bench``."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.engines.dynoxide import find_binary
from cloudworthy.local.engines.platforms import default_tools
from cloudworthy.node import node_binary, npm_command

_HANDLER_PYTHON = "3.13"


class PreparationError(Exception):
    """Something that the benchmarks need could not be installed."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths of one clone, and the environments of the peers, made when first asked for."""

    repository: Path

    @property
    def scratch(self) -> Path:
        return self.repository / ".cloudworthy" / "bench"

    @property
    def services(self) -> Path:
        return self.repository / "services"

    @property
    def own(self) -> Path:
        return self.repository / "benchmarks"

    def log(self, name: str) -> Path:
        return self.scratch / "logs" / f"{name}.log"

    def program(self, name: str) -> Path:
        return self.own / "programs" / name

    def fresh(self, name: str) -> Path:
        """An empty directory of this name."""
        directory = self.scratch / "tmp" / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return directory

    def clear(self) -> None:
        """Remove what runs have made; what was installed and the logs stay."""
        shutil.rmtree(self.scratch / "tmp", ignore_errors=True)

    def install(self) -> None:
        """Everything that the properties and methods below would install when asked."""
        self.handler_python()
        self.peer_python()
        self.peer_modules()

    @property
    def dynoxide(self) -> Path:
        return find_binary(default_tools())

    @property
    def node(self) -> Path:
        return node_binary()

    def handler_python(self) -> Path:
        """Python as Lambda has it for our functions, with the packages of their layer."""
        return self._python("handlers", self.services / "requirements.txt")

    def peer_python(self) -> Path:
        """The same Python with MiniStack and boto3."""
        return self._python("peers", self.own / "requirements.txt")

    def peer_modules(self) -> Path:
        """The ``node_modules`` with serverless and serverless-offline."""
        directory = self.scratch / "node"
        manifests = [self.own / "package.json", self.own / "package-lock.json"]

        def install() -> None:
            for manifest in manifests:
                shutil.copy(manifest, directory)
            options = ("--ignore-scripts", "--no-audit", "--no-fund")
            _run([*npm_command(), "ci", *options], directory)

        _once(directory, manifests, install)
        return directory / "node_modules"

    def _python(self, name: str, lock: Path) -> Path:
        directory = self.scratch / f"python-{name}"
        python = directory / "bin" / "python"

        def install() -> None:
            uv = [sys.executable, "-m", "uv"]
            wanted = str(_interpreter())
            _run([*uv, "venv", "--quiet", "--clear", "--python", wanted, str(directory)])
            packages = ["--require-hashes", "--compile-bytecode", "--requirement", str(lock)]
            _run([*uv, "pip", "install", "--quiet", "--python", str(python), *packages])

        _once(directory, [lock], install)
        return python


def _interpreter() -> Path:
    """The Python that our functions name, otherwise the one that runs this."""
    candidates = [
        *sorted(Path.home().glob(f".pyenv/versions/{_HANDLER_PYTHON}*/bin/python{_HANDLER_PYTHON}"))
    ]
    found = shutil.which(f"python{_HANDLER_PYTHON}")
    if candidates:
        return candidates[-1]
    return Path(found or sys.executable)


def _once(directory: Path, inputs: Sequence[Path], install: Callable[[], None]) -> None:
    """Install into ``directory`` unless that was done from the same inputs."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
    receipt = directory / "installed-from"
    if receipt.is_file() and receipt.read_text() == digest:
        return
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    install()
    receipt.write_text(digest)


def _run(command: Sequence[str], directory: Path | None = None) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PreparationError(f"{' '.join(command)} failed:\n{done.stderr.strip()[-2000:]}")
