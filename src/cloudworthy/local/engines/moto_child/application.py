"""moto's WSGI application, called with the runtime's own message types."""

from __future__ import annotations

import io
import sys
from typing import Any
from urllib.parse import unquote_to_bytes

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from cloudworthy.local.engines.moto_child.deliveries import Deliveries
from cloudworthy.local.model.http import Request, Response


class MotoApplication:
    """Answers one request after the other."""

    def __init__(self) -> None:
        self._dispatch = DomainDispatcherApplication(create_backend_app)
        self._deliveries = Deliveries()

    def __call__(self, request: Request) -> Response:
        """Carry a request out; whatever moto raises goes through."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            started.append((status, headers))

        with self._deliveries.of(request):
            chunks = self._dispatch(_environ(request), start_response)
            try:
                body = b"".join(chunks)
            finally:
                close = getattr(chunks, "close", None)
                if close is not None:
                    close()
        status, headers = started[-1]
        return Response(int(status.split(" ", 1)[0]), list(headers), body)


def _environ(request: Request) -> dict[str, Any]:
    host = request.header("host") or "127.0.0.1"
    name, _, port = host.partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": name,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.client_ip,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    _add_headers(environ, request)
    environ["CONTENT_LENGTH"] = str(len(request.body))
    return environ


def _add_headers(environ: dict[str, Any], request: Request) -> None:
    """Headers as WSGI names them; moto wants underscores of S3 metadata kept on the side."""
    preserved: dict[str, str] = {}
    for name, value in request.headers:
        if "_" in name and not should_preserve_original_header_name(name):
            continue
        key = environ_key_for_header(name)
        if "_" in name:
            preserved[key] = name
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = preserved
