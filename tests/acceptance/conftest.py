"""Where the systems under test are.

Each test file names its ``SYSTEM``. Without more, the system is started on this machine and
ended with the file, and no call of its functions may have been denied. With
``CLOUDWORTHY_TARGET=aws`` the same tests ask the deployed stack of that name, or of the name in
``CLOUDWORTHY_STACK``, in the account and region of the AWS credentials in the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import boto3
import pytest

from acceptance.target import Target
from cloudworthy.local.permissions.usage import ALLOWED, IAM_FILE, read_uses
from running_system import start_system


@pytest.fixture(scope="module")
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    system: str = request.module.SYSTEM
    where = os.environ.get("CLOUDWORTHY_TARGET", "local")
    if where == "aws":
        session = boto3.session.Session()
        yield Target(os.environ.get("CLOUDWORTHY_STACK", system), session.client)  # type: ignore[arg-type]
    elif where == "local":
        directory = tmp_path_factory.mktemp(system)
        with start_system(directory, system, "--iam", "enforce") as running:
            yield Target(system, running.client)
        uses = read_uses(running.state / IAM_FILE, since_start=True)
        assert uses
        assert [use for use in uses if use.outcome != ALLOWED] == []
    else:
        pytest.fail(f"CLOUDWORTHY_TARGET: found {where!r}, expected local or aws.")
