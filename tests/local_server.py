"""A small HTTP server on a port of its own, for what a test wants to stand in a request's way."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class LocalServer(ThreadingHTTPServer):
    """Serves within a ``with``."""

    daemon_threads = True

    def __init__(self, request: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), request)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class QuietRequest(BaseHTTPRequestHandler):
    """Keeps connections, and leaves the output to the tests."""

    protocol_version = "HTTP/1.1"

    def answer(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Send an answer with its length, without the body where there is none."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self) -> bytes:
        """What came with the request."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class AnyRequest(QuietRequest):
    """Takes every method alike, by ``handle_any``."""

    def handle_any(self) -> None:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)
