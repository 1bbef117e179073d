"""S3 and Secrets Manager as a child process, and a counter before it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
}
_MODULE = "cloudworthy.local.engines.moto_child"


@contextmanager
def running_aws(state: Path) -> Iterator[str]:
    """Run the engine of the services other than DynamoDB; gives its endpoint."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = ["--port", str(port), "--state", str(state / "moto"), "--account", "0" * 12]
    variables = {
        "PYTHONPATH": ":".join(entry for entry in sys.path if entry),
        "AWS_DEFAULT_REGION": CREDENTIALS["AWS_REGION"],
        "MOTO_ACCOUNT_ID": "0" * 12,
        "MOTO_DISABLE_GLOBAL_CORS": "true",
    }
    with (state / "moto.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", _MODULE, *place], stdout=log, stderr=log, env=variables
        )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("the AWS engine did not start")


def admin(service: str, endpoint: str) -> Any:
    """A client as an operator has it."""
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=endpoint,
        region_name=CREDENTIALS["AWS_REGION"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
