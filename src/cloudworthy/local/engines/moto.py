"""The AWS services other than DynamoDB and Lambda, carried out by moto."""

from __future__ import annotations

import sys
from pathlib import Path

from cloudworthy.local.engines.supervised import SupervisedEngine, minimal_environment
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.process.guard import ProcessGuard

_START_TIMEOUT_S = 120.0
"""A journal that could not be shortened is repeated before the process listens."""
_STOP_TIMEOUT_S = 20.0


class MotoServer(SupervisedEngine):
    """moto as a child process with a journal; what it acknowledged survives any kill.

    Parameters
    ----------
    state
        The directory for the journal, the snapshot and the process's output.
    account
        The account that all resources are in.
    region
        The region of requests that name none.
    """

    def __init__(
        self,
        state: Path,
        *,
        guard: ProcessGuard,
        account: str,
        region: str,
        clock: Clock | None = None,
    ) -> None:
        directory = state / "moto"
        module = "cloudworthy.local.engines.moto_child"
        arguments = ["--state", str(directory), "--account", account]
        super().__init__(
            "moto",
            lambda port: [sys.executable, "-m", module, "--port", str(port), *arguments],
            guard=guard,
            output=state / "moto.log",
            environment=_environment(account, region),
            start_timeout_s=_START_TIMEOUT_S,
            stop_timeout_s=_STOP_TIMEOUT_S,
            patience_s=_START_TIMEOUT_S,
            clock=clock,
        )


def _environment(account: str, region: str) -> dict[str, str]:
    paths = {"PYTHONPATH": ":".join(entry for entry in sys.path if entry)}
    return minimal_environment(
        MOTO_ACCOUNT_ID=account,
        MOTO_DISABLE_GLOBAL_CORS="true",
        # Bodies stay in memory: a file's position would be shared with a forked snapshot.
        MOTO_S3_DEFAULT_KEY_BUFFER_SIZE=str(5 * 1024**3),
        AWS_DEFAULT_REGION=region,
        # moto makes clients of its own in places; without these it would look for real ones.
        AWS_ACCESS_KEY_ID="none",
        AWS_SECRET_ACCESS_KEY="none",  # noqa: S106 - none
        AWS_EC2_METADATA_DISABLED="true",
        # The order of sets has to be the same when the journal is repeated.
        PYTHONHASHSEED="0",
        **paths,
    )
