"""S3 and Secrets Manager as a child process, and a counter before it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

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
_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "server", "date"}


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


class Counting(ThreadingHTTPServer):
    """Hands requests on to an endpoint, remembers them, and may fail instead.

    Attributes
    ----------
    requests
        Method and path of what was asked, or the name of the operation where a header has it.
    failures
        Answers to give instead of handing on, one a request: status and body; None hands the
        request on but closes the connection instead of answering.
    """

    daemon_threads = True

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Hop)
        self.backend = endpoint.removeprefix("http://")
        self.requests: list[str] = []
        self.failures: list[tuple[int, bytes] | None] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Hop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Counting

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = self.headers.get("X-Amz-Target", "").partition(".")[2]
        path = self.path.partition("?")[0]
        self.server.requests.append(target or f"{self.command} {path}")
        failure = self.server.failures.pop(0) if self.server.failures else (0, b"")
        if failure is None:
            self._hand_on(body)
            self.close_connection = True
        elif failure[0]:
            self._answer(failure[0], [("Content-Type", "application/xml")], failure[1])
        else:
            self._answer(*self._hand_on(body))

    def _hand_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(self.server.backend)
        connection.request(self.command, self.path, body=body, headers=dict(self.headers))
        response = connection.getresponse()
        headers = [(k, v) for k, v in response.getheaders() if k.lower() not in _HOP_BY_HOP]
        answer = response.status, headers, response.read()
        connection.close()
        return answer

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):  # a client may not want to read it all
                self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        """Take every method alike."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Say nothing; the test's own output is enough."""
