"""Tokens of an OpenID Connect provider, such as a Cognito user pool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cloudworthy.constructs.settings import SettingsReader

# A provider on this machine is for trying things out; no other is asked in the clear.
_ORIGIN = r"(https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:\d{1,5})?"
_ISSUER = _ORIGIN + r"(/[\w./~-]*)?"
_AUDIENCE = r"[^\s,]{1,256}"
_SCOPE = r"openid( [\x21\x23-\x5b\x5d-\x7e]{1,256}){0,16}"
_SCOPE_IN_WORDS = "openid, and further scopes with spaces between them"


@dataclass(frozen=True)
class JwtSettings:
    """Whose tokens are accepted, and for whom they must have been made."""

    issuer: str
    audience: Sequence[str]


def read_jwt_settings(reader: SettingsReader, *, wanted: bool) -> JwtSettings | None:
    """Read the provider's settings; `wanted` when the system's `auth` is ``jwt``.

    Raises
    ------
    SettingError
        One of the two is missing, or they are given and nothing would use them.
    """
    issuer = reader.optional_text(
        "jwt_issuer", pattern=_ISSUER, expected="the https address of an OpenID Connect issuer"
    )
    audience = reader.texts("jwt_audience", (), pattern=_AUDIENCE, expected="client ids")
    if not wanted:
        _refuse_unused(reader, {"jwt_issuer": issuer, "jwt_audience": audience})
        return None
    if issuer is None:
        raise reader.error("jwt_issuer", None, "an address, as auth is jwt")
    if not audience:
        raise reader.error("jwt_audience", None, "at least one client id, as auth is jwt")
    return JwtSettings(issuer, audience)


@dataclass(frozen=True)
class PageSignIn:
    """How a page signs people in at the issuer; `origins` are those of the issuer's endpoints."""

    client_id: str
    scope: str
    origins: Sequence[str]


def read_page_sign_in(reader: SettingsReader, jwt: JwtSettings | None) -> PageSignIn | None:
    """Read what a page needs to know in addition, when callers show tokens.

    Raises
    ------
    SettingError
        A setting is not allowed, or nothing would use it.
    """
    client_id = reader.optional_text("jwt_client_id", pattern=_AUDIENCE, expected="a client id")
    scope = reader.optional_text("jwt_scope", pattern=_SCOPE, expected=_SCOPE_IN_WORDS)
    origins = reader.texts(
        "jwt_sign_in_origins",
        (),
        pattern=_ORIGIN,
        expected="origins such as https://id.example.org",
    )
    if jwt is None:
        given = {"jwt_client_id": client_id, "jwt_scope": scope, "jwt_sign_in_origins": origins}
        _refuse_unused(reader, given)
        return None
    issuer = urlsplit(jwt.issuer)
    return PageSignIn(
        client_id or jwt.audience[0],
        scope or "openid",
        tuple(dict.fromkeys((f"{issuer.scheme}://{issuer.netloc}", *origins))),
    )


def _refuse_unused(reader: SettingsReader, given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if value:
            raise reader.error(name, value, "nothing, as auth is not jwt")
