"""Settings of web-app."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cloudworthy.blueprints.capacity_settings import read_capacity
from cloudworthy.blueprints.domain_settings import read_domain_name
from cloudworthy.constructs.jwt import (
    JwtSettings,
    PageSignIn,
    read_jwt_settings,
    read_page_sign_in,
)
from cloudworthy.constructs.rest_authorizers import RestAuth
from cloudworthy.constructs.settings import SettingsReader
from cloudworthy.constructs.static_site import SiteDomain
from cloudworthy.constructs.system import SystemDefaults, SystemSettings, read_system_settings
from cloudworthy.constructs.table import Scaling

SYSTEM: Final = "web-app"

_CERTIFICATE = r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[A-Za-z0-9-]+"


@dataclass(frozen=True)
class WebAppSettings:
    """What can be chosen about web-app."""

    common: SystemSettings
    auth: RestAuth
    jwt: JwtSettings | None
    sign_in: PageSignIn | None
    capacity: Scaling
    domain: SiteDomain | None

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> "WebAppSettings":
        """Read and check the settings.

        Raises
        ------
        SettingError
            A setting is not allowed; the message names it, what was given and what is allowed.
        """
        reader = SettingsReader(SYSTEM, context)
        auth = reader.choice("auth", RestAuth.API_KEY)
        jwt = read_jwt_settings(reader, wanted=auth is RestAuth.JWT)
        settings = cls(
            common=read_system_settings(reader, SYSTEM, SystemDefaults()),
            auth=auth,
            jwt=jwt,
            sign_in=read_page_sign_in(reader, jwt),
            capacity=read_capacity(reader, most=100),
            domain=_read_domain(reader),
        )
        reader.finish()
        return settings


def _read_domain(reader: SettingsReader) -> SiteDomain | None:
    name = read_domain_name(reader, "domain_name", example="app.example.org")
    certificate = reader.optional_text(
        "certificate_arn",
        pattern=_CERTIFICATE,
        expected="the ARN of an ACM certificate in us-east-1, where CloudFront looks for it",
    )
    if name and certificate:
        return SiteDomain(domain_name=name, certificate_arn=certificate)
    if name:
        raise reader.error("certificate_arn", None, "an ARN, as domain_name is set")
    if certificate:
        raise reader.error("domain_name", None, "a name, as certificate_arn is set")
    return None
