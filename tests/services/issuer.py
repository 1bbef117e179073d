"""An issuer of tokens behind real HTTP: its documents, and the keys behind them."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, TypeVar

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

if TYPE_CHECKING:
    from collections.abc import Iterator

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def private_key(name: str) -> PrivateKey:
    """A key for each name: on a curve when the name says so."""
    if name.startswith("ec"):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048)


def public_jwk(name: str) -> dict[str, Any]:
    key = private_key(name)
    if isinstance(key, rsa.RSAPrivateKey):
        document = RSAAlgorithm.to_jwk(key.public_key())
    else:
        document = ECAlgorithm.to_jwk(key.public_key())
    return {**json.loads(document), "kid": name, "use": "sig"}


class Issuer(ThreadingHTTPServer):
    """Answers what `documents` holds; what is not in there is not found."""

    daemon_threads = True

    def __init__(self, request: type[IssuerRequest] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), request or IssuerRequest)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[str] = []
        self.configuration: dict[str, Any] = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
        }
        self.keys: list[Any] = [public_jwk("rsa"), public_jwk("ec")]
        self.status = 200

    def document(self, path: str) -> object:
        documents = {
            "/.well-known/openid-configuration": self.configuration,
            "/keys": {"keys": self.keys},
        }
        return documents.get(path)

    def token(self, key: str = "rsa", *, now_s: float, **changes: Any) -> str:
        """A token that is good for an hour; a claim that is None is left out."""
        claims = {
            "iss": self.url,
            "sub": "someone",
            "aud": "page",
            "iat": now_s,
            "exp": now_s + 3600,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        algorithm = "ES256" if key.startswith("ec") else "RS256"
        return jwt.encode(claims, private_key(key), algorithm, {"kid": key})


class IssuerRequest(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        document = self.server.document(self.path)
        self.answer(404 if document is None else self.server.status, document)

    def answer(self, status: int, document: object, **headers: str) -> None:
        """Any page may read the answer, as with every provider that pages sign in at."""
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def issuing() -> Iterator[Issuer]:
    with serving(Issuer()) as issuer:
        yield issuer


IssuerT = TypeVar("IssuerT", bound=Issuer)


@contextmanager
def serving(issuer: IssuerT) -> Iterator[IssuerT]:
    thread = threading.Thread(target=issuer.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield issuer
    finally:
        issuer.shutdown()
        thread.join()
        issuer.server_close()
