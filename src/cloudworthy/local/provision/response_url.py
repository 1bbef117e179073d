"""Where the function of a custom resource puts its answer: a URL good for one ``PUT``."""

from __future__ import annotations

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class ResponseUrl:
    """Listens on the loopback address while it is entered.

    On AWS this is a presigned URL of S3.
    """

    def __init__(self) -> None:
        self._path = f"/{secrets.token_urlsafe(24)}"
        self._answered = threading.Event()
        self._body = b""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def text(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{self._path}"

    @property
    def is_answered(self) -> bool:
        return self._answered.is_set()

    def answer(self, timeout_s: float) -> dict[str, Any] | None:
        """What was put; None when nothing has come in time or it is no JSON object."""
        if not self._answered.wait(timeout_s):
            return None
        try:
            document = json.loads(self._body)
        except ValueError:
            return None
        return document if isinstance(document, dict) else None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_PUT(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_ours = secrets.compare_digest(self.path.encode(), owner._path.encode())
                self.send_response(200 if is_ours else 403)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if is_ours and not owner.is_answered:
                    owner._body = content
                    owner._answered.set()

            def log_message(self, *_: object) -> None:
                """Nothing to standard error."""

        return Handler
