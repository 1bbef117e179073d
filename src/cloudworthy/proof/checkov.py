"""Findings of checkov, which pins old versions of the SDK and so has an environment of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from uv import find_uv_bin

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.proof.finding import Finding, Synthesized, resource_name

_LOCK = Path(__file__).with_name("checkov.txt")
_TIMEOUT_S = 300
_COMMAND = (
    *("-m", "checkov.main", "--framework", "cloudformation", "--output", "json"),
    *("--compact", "--quiet", "--skip-download", "--soft-fail", "--file"),
)


class Checkov:
    """checkov, installed on first use.

    Parameters
    ----------
    cache
        Where its environment is kept.
    """

    def __init__(self, cache: Path) -> None:
        locked = hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:16]
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        self._directory = cache / f"checkov-{version}-{locked}"

    def _install(self) -> None:
        """Make its environment, unless it is there.

        Raises
        ------
        CloudworthyError
            A package could not be fetched.
        """
        if self._directory.is_dir():
            return
        self._directory.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix="building-", dir=self._directory.parent))
        try:
            python = str(scratch / "v" / "bin" / "python")
            _uv("venv", "--no-project", "--python", sys.executable, str(scratch / "v"))
            _uv("pip", "install", "--python", python, "--require-hashes", "-r", str(_LOCK))
            (scratch / "v").rename(self._directory)
        except OSError:
            if not self._directory.is_dir():  # another process was faster
                raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def check(self, stacks: Sequence[Synthesized]) -> list[list[Finding]]:
        """What checkov says of each template.

        Raises
        ------
        CloudworthyError
            It could not be installed, or could not read a template.
        """
        self._install()
        done = subprocess.run(
            [str(self._directory / "bin" / "python"), *_COMMAND, *(str(s.file) for s in stacks)],
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_S,
            env={**os.environ, "LOG_LEVEL": "ERROR"},
        )
        try:
            report = json.loads(done.stdout)
        except ValueError:
            report = {}
        if done.returncode != 0 or not report or report.get("summary", {}).get("parsing_errors"):
            said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-4:])
            raise CloudworthyError(
                f"checkov could not read the templates:\n{said}\n"
                "  Leave it out with --skip checkov."
            )
        return [list(_findings(stack, report)) for stack in stacks]


def _findings(stack: Synthesized, report: Mapping[str, Any]) -> Iterator[Finding]:
    for failed in report.get("results", {}).get("failed_checks", ()):
        if Path(failed["file_abs_path"]) != stack.file.absolute():
            continue
        logical_id = failed["resource"].rpartition(".")[2]
        resource = stack.template["Resources"].get(logical_id, {})
        yield Finding(
            check="checkov",
            rule=failed["check_id"],
            resource=resource_name(logical_id, resource),
            message=failed["check_name"],
        )


def _uv(*arguments: str) -> None:
    done = subprocess.run(
        [find_uv_bin(), "--quiet", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-4:])
        raise CloudworthyError(
            f"checkov could not be installed:\n{said}\n  Leave it out with --skip checkov."
        )
