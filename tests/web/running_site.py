"""Starts web-app on this machine for the tests, as a person does."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTS_WITHIN_S = 90
_STOPS_WITHIN_S = 20


@contextlib.contextmanager
def running_site(state: Path) -> Iterator[tuple[str, str]]:
    """Run `cloudworthy up web-app` with its state in a directory; yields site URL and API key."""
    ready_file = state / "ready.json"
    command = [str(Path(sys.executable).with_name("cloudworthy")), "up", "web-app"]
    options = ["--port", "0", "--endpoint-port", "0", "--state", str(state / "state")]
    with (state / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, *options, "--ready-file", str(ready_file)], stdout=log, stderr=log
        )
        try:
            ready = _wait_for(ready_file, process, state / "log")
            site_url = next(api["url"] for api in ready["apis"] if api["type"] == "SITE")
            yield site_url.rstrip("/"), next(iter(ready["api_keys"].values()))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_STOPS_WITHIN_S)


def _wait_for(ready_file: Path, process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if ready_file.exists():
            return cast("dict[str, Any]", json.loads(ready_file.read_text()))
        time.sleep(0.05)
    raise AssertionError(f"web-app did not start:\n{log.read_text()}")
