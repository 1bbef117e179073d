"""An issuer of tokens: a web server with the two documents, and the keys behind them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.wire.server import HttpServer
from local.apigateway.serving import ManualClock

NOW_S = int(ManualClock().now().timestamp())


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:  # noqa: ARG001 - a key of its own for each
    return rsa.generate_private_key(65537, 2048)


class Issuer:
    """Publishes keys under ``http://127.0.0.1:PORT``."""

    def __init__(self) -> None:
        self.url = ""
        self.key_ids = ["k1"]
        self.targets: list[str] = []
        self.key_algorithm = ""
        """What the published keys say they are for; they say nothing when it is empty."""
        self.silent = False
        """Whether requests are left without an answer."""

    def token(
        self, *, key_id: str = "k1", signed_by: str = "", algorithm: str = "RS256", **changes: Any
    ) -> str:
        """A token of this issuer; a claim that is None is left out."""
        claims = {
            "iss": self.url,
            "sub": "someone",
            "aud": "client",
            "iat": NOW_S,
            "exp": NOW_S + 3600,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, private_key(signed_by or key_id), algorithm, {"kid": key_id})

    def bearer(self, **changes: Any) -> tuple[str, str]:
        """The header with such a token."""
        return "Authorization", f"Bearer {self.token(**changes)}"

    async def handle(self, request: Request) -> Response:
        self.targets.append(request.target)
        if self.silent:
            await asyncio.Event().wait()
        documents: dict[str, Any] = {
            "/.well-known/openid-configuration": {"jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [self._jwk(key_id) for key_id in self.key_ids]},
        }
        document = documents.get(request.target)
        return Response(404 if document is None else 200, [], json.dumps(document).encode())

    def _jwk(self, key_id: str) -> dict[str, Any]:
        key: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(private_key(key_id).public_key()))
        named = {"alg": self.key_algorithm} if self.key_algorithm else {}
        return {**key, **named, "kid": key_id}


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    server = HttpServer(issuer.handle)
    issuer.url = f"http://127.0.0.1:{await server.start(0)}"
    try:
        yield issuer
    finally:
        await server.stop()
