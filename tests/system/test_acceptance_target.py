"""The acceptance tests ask a deployed stack the way they say they do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from running_system import ROOT, start_system

_SOME = "made_read_changed or without_the_key"


def test_with_the_target_aws_they_ask_whatever_the_environment_names(tmp_path: Path) -> None:
    with start_system(tmp_path, "crud-api") as system:
        environment = {
            **os.environ,
            "CLOUDWORTHY_TARGET": "aws",
            "AWS_ENDPOINT_URL": system.address["endpoint"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": system.address["region"],
        }
        file = "tests/acceptance/test_crud_api.py"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", file, "-k", _SOME]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
        assert "2 passed" in done.stdout
        missing = {**environment, "CLOUDWORTHY_STACK": "nowhere"}
        done = subprocess.run(
            command, cwd=ROOT, env=missing, capture_output=True, text=True, check=False
        )
        assert "Stack with id nowhere does not exist" in done.stdout
