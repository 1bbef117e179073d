"""An issuer of tokens behind real HTTP: its documents, and the keys behind them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from local_server import LocalServer, QuietRequest

if TYPE_CHECKING:
    pass

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


class Issuer(LocalServer):
    """Answers what `documents` holds; what is not in there is not found."""

    def __init__(self, request: type[IssuerRequest] | None = None) -> None:
        super().__init__(request or IssuerRequest)
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


class IssuerRequest(QuietRequest):
    server: Issuer

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
        self.server.requests.append(self.path)
        document = self.server.document(self.path)
        self.answer_document(404 if document is None else self.server.status, document)

    def answer_document(self, status: int, document: object, **headers: str) -> None:
        """Any page may read the answer, as with every provider that pages sign in at."""
        headers.setdefault("Access-Control-Allow-Origin", "*")
        self.answer(status, headers.items(), json.dumps(document).encode())
