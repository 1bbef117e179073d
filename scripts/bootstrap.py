"""Sets up a clone: virtual environment, engines, the CDK CLI and, for tests, a browser.

Run by make with the machine's own Python, before anything is installed, so it uses the
standard library only. Every step is skipped when what it would install is there already.

    python3 scripts/bootstrap.py run     # what `make up` needs
    python3 scripts/bootstrap.py dev     # what the tests, lint and types need as well
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
ENGINES = VENV / "share" / "cloudworthy"
ENGINE_PINS = ROOT / "src" / "cloudworthy" / "local" / "engines" / "dynoxide_pins.json"
REQUIREMENTS = ROOT / "requirements"
OLDEST = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class SetupError(Exception):
    """A step failed; the message says what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Set up this clone of Cloudworthy.")
    parser.add_argument("what", choices=["run", "dev"], help="for running, or for testing as well")
    what = parser.parse_args().what
    try:
        check_machine()
        step("virtual environment", make_venv)
        step("toolkit", lambda: install("toolkit"))
        step("DynamoDB engine", install_engine)
        if what == "dev":
            step("test tools", lambda: install("dev"))
            step("CDK command line", install_cdk)
            step("oracle of policy evaluation", install_iam_oracle)
            step("browser", install_browser)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


def step(name: str, action: Callable[[], bool]) -> None:
    """Run one step; say how long it took when it had something to do."""
    started = time.monotonic()
    print(f"setup: {name} ... ", end="", file=sys.stderr, flush=True)
    did_something = action()
    took = f"{time.monotonic() - started:.1f} s" if did_something else "ready"
    print(took, file=sys.stderr)


def check_machine() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(
            f"this is Python {found}, and Cloudworthy needs 3.11 or newer. "
            "Install a newer one and name it: make PYTHON=python3.13 setup"
        )


def make_venv() -> bool:
    """A fresh environment when there is none, or when it is one of another Python."""
    stamp = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if PYTHON.exists() and stamp_of("venv") == stamp:
        return False
    try:
        venv.create(VENV, clear=True, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, ImportError) as error:
        raise SetupError(
            f"Python could not make a virtual environment ({error}). "
            "On Debian and Ubuntu: apt-get install python3-venv"
        ) from error
    bootstrap = REQUIREMENTS / "bootstrap.txt"
    run([str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(bootstrap)])
    write_stamp("venv", stamp)
    return True


def install(name: str) -> bool:
    """Install a hashed lock, and the package itself in editable form."""
    lock = REQUIREMENTS / f"{name}.txt"
    content = lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    wanted = hashlib.sha256(content).hexdigest()
    if stamp_of(name) == wanted:
        return False
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON)]
    run([*uv, "--require-hashes", "-r", str(lock)])
    run([*uv, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    write_stamp(name, wanted)
    return True


def install_engine() -> bool:
    """The DynamoDB engine; a changed pin fetches it anew."""
    wanted = hashlib.sha256(ENGINE_PINS.read_bytes()).hexdigest()
    if stamp_of("engine") == wanted and ENGINES.is_dir():
        return False
    run([str(PYTHON), "-m", "cloudworthy.local.engines.install"])
    write_stamp("engine", wanted)
    return True


def install_cdk() -> bool:
    """The pinned CDK CLI, by the npm that comes with the Node wheel."""
    lock = (ROOT / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp_of("cdk") == wanted and (ROOT / "node_modules" / "aws-cdk").is_dir():
        return False
    write_cdk_command(run_npm("install", "--no-save"))
    write_stamp("cdk", wanted)
    return True


def install_iam_oracle() -> bool:
    """The policy evaluator that ours is compared with, beside the engines."""
    manifests = [ROOT / "tests" / "iam" / name for name in ("package.json", "package-lock.json")]
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in manifests)).hexdigest()
    directory = ENGINES / "iam-oracle"
    if stamp_of("iam-oracle") == wanted and (directory / "node_modules").is_dir():
        return False
    directory.mkdir(parents=True, exist_ok=True)
    for manifest in manifests:
        shutil.copy(manifest, directory)
    run_npm("ci", "--ignore-scripts", "--prefix", str(directory))
    write_stamp("iam-oracle", wanted)
    return True


def run_npm(*arguments: str) -> Path:
    """Run the npm of the Node wheel; the answer is where that Node is."""
    find_npm = "from cloudworthy.node import npm_command; print('\\n'.join(npm_command()))"
    npm = run([str(PYTHON), "-c", find_npm]).split("\n")
    node = Path(npm[0])
    path = str(node.parent) + os.pathsep + os.environ.get("PATH", "")
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    run([*npm, *arguments, *quiet], environment={**os.environ, "PATH": path})
    return node


def write_cdk_command(node: Path) -> None:
    """``.venv/bin/cdk``: the pinned CDK CLI on the wheel's Node, wherever it is called."""
    script = VENV / "bin" / "cdk"
    command_line = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
    script.write_text(f'#!/bin/sh\nexec "{node}" "{command_line}" "$@"\n')
    script.chmod(0o755)


def install_browser() -> bool:
    """Chromium for the tests of the page: the machine's, Debian's, or Playwright's."""
    if any(shutil.which(name) for name in BROWSERS):
        return False
    if shutil.which("apt-get") and os.geteuid() == 0:
        run(["apt-get", "update", "--quiet"])
        run(["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "chromium"])
    else:
        run([str(PYTHON), "-m", "playwright", "install", "chromium"])
    return True


def run(command: list[str], environment: dict[str, str] | None = None) -> str:
    """Run a command in the clone and return what it printed; show all of it if it fails."""
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        print(f"failed\n{done.stdout}{done.stderr}", file=sys.stderr)
        raise SetupError(f"`{' '.join(command[:4])} ...` failed with exit code {done.returncode}")
    return done.stdout.strip()


def stamp_of(name: str) -> str:
    path = VENV / f".setup-{name}"
    return path.read_text() if path.is_file() else ""


def write_stamp(name: str, content: str) -> None:
    (VENV / f".setup-{name}").write_text(content)


if __name__ == "__main__":
    sys.exit(main())
