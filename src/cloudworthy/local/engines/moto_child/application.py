"""moto's WSGI application, called with the runtime's own message types."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from moto.moto_server.werkzeug_app import (
    BackendRequest,
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.datastructures import ImmutableMultiDict

from cloudworthy.local.engines.moto_child.deliveries import Deliveries
from cloudworthy.local.engines.moto_child.operation import (
    S3,
    Operation,
    Protocol,
    operation_of,
)
from cloudworthy.local.model.http import Request, Response

if TYPE_CHECKING:
    from flask import Flask
    from moto.backends import SERVICE_NAMES

_HAS_FORM = "cloudworthy.has_form"
_FOR_S3 = "cloudworthy.for_s3"
_HAS_PARAMETERS = "cloudworthy.has_parameters"
_NO_PARAMETERS = ImmutableMultiDict({"cloudworthy": ""})
"""A form that names nothing."""


class _Request(BackendRequest):
    """A request whose body is a form in the query protocol only, whatever its type says."""

    @property
    def want_form_data_parsed(self) -> bool:
        return bool(self.environ[_HAS_FORM])

    @property
    def form(self) -> ImmutableMultiDict[str, str]:
        """The form, or one that names nothing where moto would take data for parameters.

        Without a form and a query moto reads any body as a query, and without a body the headers:
        a message with ``&Action=DeleteQueue`` in its text would delete the queue that it is sent
        to. The URL stays as it is, for moto takes names from its end.
        """
        if not self.environ[_HAS_PARAMETERS]:
            return _NO_PARAMETERS
        self._load_form_data()
        form: ImmutableMultiDict[str, str] = self.__dict__["form"]
        return form


class _Dispatcher(DomainDispatcherApplication):
    """Takes what has no signature to where the operation is, not to what its body names."""

    def infer_service_region_host(self, environ: dict[str, Any], path: str) -> str | None:
        if environ[_FOR_S3] and "HTTP_AUTHORIZATION" not in environ:
            return None
        return super().infer_service_region_host(environ, path)


def _create_app(service: SERVICE_NAMES) -> Flask:
    app = create_backend_app(service)
    app.request_class = _Request
    return app


class MotoApplication:
    """Answers one request after the other."""

    def __init__(self) -> None:
        self._dispatch = _Dispatcher(_create_app)
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
    operation = operation_of(request)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        _HAS_PARAMETERS: _has_parameters(request, operation),
        _HAS_FORM: operation.protocol is Protocol.QUERY,
        _FOR_S3: operation.service == S3,
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


def _has_parameters(request: Request, operation: Operation) -> bool:
    """Whether parameters are in the form or the query, and not in the body's own format."""
    if operation.service == S3 or operation.protocol is Protocol.QUERY:
        return True
    return operation.protocol is Protocol.REST and bool(request.query)


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
