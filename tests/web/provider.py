"""An OpenID Connect provider behind real HTTP, whose users are signed in already."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from services.issuer import Issuer, IssuerRequest

CLIENT = "page"
API = "items"


@dataclass(frozen=True)
class Grant:
    """What a code stands for."""

    redirect_uri: str
    challenge: str
    nonce: str


class Provider(Issuer):
    """Redirects back at once, with a code; exchanges it once, for who can prove to have asked."""

    def __init__(self) -> None:
        super().__init__(_Request)
        self.configuration |= {
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "end_session_endpoint": f"{self.url}/logout",
        }
        self.grants: dict[str, Grant] = {}
        self.changes: dict[str, Any] = {}
        """Of the id token's claims."""
        self.refusal = ""

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next."""
        expected = {"response_type": "code", "client_id": CLIENT, "scope": "openid"}
        assert asked.items() >= {**expected, "code_challenge_method": "S256"}.items(), asked
        answer = {"state": asked["state"], "iss": self.url}
        if self.refusal:
            answer |= {"error": "access_denied", "error_description": self.refusal}
        else:
            answer["code"] = secrets.token_urlsafe()
            grant = Grant(asked["redirect_uri"], asked["code_challenge"], asked["nonce"])
            self.grants[answer["code"]] = grant
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def tokens(self, asked: dict[str, str]) -> dict[str, Any] | None:
        grant = self.grants.pop(asked["code"], None)
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if grant is None or proven != grant.challenge or asked["client_id"] != CLIENT:
            return None
        if asked["redirect_uri"] != grant.redirect_uri:
            return None
        claims = {"aud": CLIENT, "nonce": grant.nonce, **self.changes}
        return {
            "token_type": "Bearer",
            "access_token": self.token("ec", now_s=time.time(), aud=API),
            "id_token": self.token(now_s=time.time(), **claims),
        }


class _Request(IssuerRequest):
    server: Provider

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
        url = urlsplit(self.path)
        if url.path == "/authorize":
            location = self.server.authorize(dict(parse_qsl(url.query)))
            self.answer_document(302, {}, Location=location)
        elif url.path == "/logout":
            self.server.requests.append(url.path)
            back = dict(parse_qsl(url.query))["post_logout_redirect_uri"]
            self.answer_document(302, {}, Location=back)
        else:
            super().do_GET()

    def do_POST(self) -> None:  # noqa: N802
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        tokens = self.server.tokens(dict(parse_qsl(body)))
        self.answer_document(200 if tokens else 400, tokens or {"error": "invalid_grant"})
