"""Tokens that somebody made who is not the issuer, from what the issuer publishes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import strategies as st

GARBAGE = "x" * 8000
MUTATIONS = 80
"""How many changed credentials of a kind are sent."""
_BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def part(content: Mapping[str, Any] | bytes) -> str:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(token: str, algorithm: str) -> str:
    """The same claims under a header that says there is no signature."""
    return f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': 'k1'})}.{token.split('.')[1]}."


def signed_with_public_key(token: str, key: rsa.RSAPublicKey) -> str:
    """The issuer's public key taken for a shared secret, which everybody then knows."""
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k1'})}.{token.split('.')[1]}"
    return f"{signed}.{part(hmac.digest(pem, signed.encode(), hashlib.sha256))}"


def with_claims(token: str, **changes: Any) -> str:
    """Other claims under the signature of these."""
    header, claims, signature = token.split(".")
    known = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return f"{header}.{part({**known, **changes})}.{signature}"


def broken(token: str) -> dict[str, str]:
    """What is no token any more, by what was done to it."""
    header, claims, signature = token.split(".")
    return {
        "no signature": f"{header}.{claims}.",
        "two parts": f"{header}.{claims}",
        "four parts": f"{token}.{signature}",
        "five parts": f"{header}.{claims}.{signature}.{claims}.{signature}",
        "parts swapped": f"{claims}.{header}.{signature}",
        "signature of nothing": f"..{signature}",
        "header is a list": f"{part(b'[]')}.{claims}.{signature}",
        "claims are a number": f"{header}.{part(b'7')}.{signature}",
        "claims are deep": f"{header}.{part(b'[' * 3000)}.{signature}",
        "header is deep": f"{part(b'[' * 3000)}.{claims}.{signature}",
        "no UTF-8": f"{header}.{part(bytes([0xFF, 0xFE, 0x00]))}.{signature}",
        "padded": f"{token}==",
        "signature with a sign that is none": f"{token[:-9]}!{token[-9:]}",
        "line break": token.replace(".", ".%0A", 1),
        "8 KB of garbage": GARBAGE,
        "8 KB of dots": "." * 8000,
        "word": "null",
    }


@st.composite
def mutations(draw: st.DrawFn, credential: str, *, keep: int = 0) -> str:
    """The credential with something of it changed, left out or put in.

    What is put in are letters of its own alphabet, so that it still looks like one.
    """
    position = draw(st.integers(keep, len(credential) - 1))
    before, letter, after = credential[:position], credential[position], credential[position + 1 :]
    others = st.sampled_from([it for it in _BASE64URL if it != letter])
    kind = draw(st.sampled_from(("change", "leave out", "put in", "cut", "double")))
    if kind == "change":
        return before + draw(others) + after
    if kind == "put in":
        return before + draw(others) + letter + after
    if kind == "double":
        return before + letter + after[: draw(st.integers(0, 40))] + letter + after
    return before + after if kind == "leave out" else before
