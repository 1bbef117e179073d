"""A copy of this repository to change things in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from running_system import ROOT


def copy_of_the_repository(target: Path) -> Path:
    """The tracked files, with the environment and what was built of the original."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / ".venv").symlink_to(ROOT / ".venv")
    for made in ("build", "node_modules"):
        if (ROOT / made).is_dir():
            (target / made).symlink_to(ROOT / made)
    (target / ".cloudworthy").mkdir()
    (ROOT / ".cloudworthy" / "cache").mkdir(parents=True, exist_ok=True)
    (target / ".cloudworthy" / "cache").symlink_to(ROOT / ".cloudworthy" / "cache")
    return target
