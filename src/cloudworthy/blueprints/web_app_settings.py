"""Settings of web-app."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cloudworthy.constructs.rest_service_api import RestAuth
from cloudworthy.constructs.settings import SettingsReader, setting_error
from cloudworthy.constructs.static_site import SiteDomain
from cloudworthy.constructs.system import SystemSettings, read_system_settings
from cloudworthy.constructs.table import Scaling

SYSTEM: Final = "web-app"

_DOMAIN = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_CERTIFICATE = r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[A-Za-z0-9-]+"


@dataclass(frozen=True)
class WebAppSettings:
    """What can be chosen about web-app."""

    common: SystemSettings
    auth: RestAuth
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
        settings = cls(
            common=read_system_settings(reader, SYSTEM, region="us-east-1"),
            auth=reader.choice("auth", RestAuth.API_KEY),
            capacity=_read_capacity(reader),
            domain=_read_domain(reader),
        )
        reader.finish()
        return settings


def _read_capacity(reader: SettingsReader) -> Scaling:
    minimum = reader.integer("min_capacity", 5, least=1, most=40_000)
    maximum = reader.integer("max_capacity", 100, least=1, most=40_000)
    if minimum > maximum:
        raise setting_error(SYSTEM, "max_capacity", maximum, f"at least min_capacity ({minimum})")
    target = reader.integer("target_utilization", 70, least=20, most=90)
    return Scaling(minimum=minimum, maximum=maximum, target_percent=target)


def _read_domain(reader: SettingsReader) -> SiteDomain | None:
    name = reader.optional_text(
        "domain_name", pattern=_DOMAIN, expected="a domain name such as app.example.org"
    )
    certificate = reader.optional_text(
        "certificate_arn",
        pattern=_CERTIFICATE,
        expected="the ARN of an ACM certificate in us-east-1, where CloudFront looks for it",
    )
    if name and certificate:
        return SiteDomain(domain_name=name, certificate_arn=certificate)
    if name:
        raise setting_error(SYSTEM, "certificate_arn", None, "an ARN, as domain_name is set")
    if certificate:
        raise setting_error(SYSTEM, "domain_name", None, "a name, as certificate_arn is set")
    return None
