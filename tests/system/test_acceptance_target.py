"""The acceptance tests ask a deployed stack the way they say they do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

import pytest

from running_system import ROOT, RunningSystem

_SOME = "made_read_changed or without_the_key"


@pytest.mark.xdist_group("crud-api")
def test_with_the_target_aws_they_ask_whatever_the_environment_names(
    systems: Callable[[str], RunningSystem],
) -> None:
    address = systems("crud-api").address
    environment = {
        **os.environ,
        "CLOUDWORTHY_TARGET": "aws",
        "AWS_ENDPOINT_URL": address["endpoint"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": address["region"],
    }
    done = acceptance_of_crud_api(environment)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
    done = acceptance_of_crud_api({**environment, "CLOUDWORTHY_STACK": "nowhere"})
    assert "Stack with id nowhere does not exist" in done.stdout


def acceptance_of_crud_api(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    file = "tests/acceptance/test_crud_api.py"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", file, "-k", _SOME]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
