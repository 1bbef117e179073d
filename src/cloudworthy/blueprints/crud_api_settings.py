"""Settings of crud-api."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloudworthy.blueprints.capacity_settings import read_capacity
from cloudworthy.constructs.jwt import JwtSettings, read_jwt_settings
from cloudworthy.constructs.rest_authorizers import RestAuth
from cloudworthy.constructs.rest_service_api import ResponseCache
from cloudworthy.constructs.settings import SettingsReader
from cloudworthy.constructs.system import SystemDefaults, SystemSettings, read_system_settings
from cloudworthy.constructs.table import Scaling

SYSTEM: Final = "crud-api"


class Billing(StrEnum):
    """How the table is paid for."""

    PROVISIONED = "provisioned"
    ON_DEMAND = "on_demand"


class Cached(StrEnum):
    """Whether the gateway keeps answers to reads."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True)
class CrudApiSettings:
    """What can be chosen about crud-api. Without `capacity` the table is billed by request."""

    common: SystemSettings
    auth: RestAuth
    jwt: JwtSettings | None
    capacity: Scaling | None
    cache: ResponseCache | None

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> "CrudApiSettings":
        """Read and check the settings.

        Raises
        ------
        SettingError
            A setting is not allowed; the message names it, what was given and what is allowed.
        """
        reader = SettingsReader(SYSTEM, context)
        common = read_system_settings(reader, SYSTEM, SystemDefaults())
        capacity = read_capacity(reader, most=100)
        billing = reader.choice("billing", Billing.PROVISIONED)
        auth = reader.choice("auth", RestAuth.API_KEY)
        settings = cls(
            common=common,
            auth=auth,
            jwt=read_jwt_settings(reader, wanted=auth is RestAuth.JWT),
            capacity=capacity if billing is Billing.PROVISIONED else None,
            cache=_read_cache(reader, common.cors_origins),
        )
        reader.finish()
        return settings


def _read_cache(reader: SettingsReader, cors_origins: tuple[str, ...]) -> ResponseCache | None:
    cached = reader.choice("response_cache", Cached.OFF)
    ttl_s = reader.integer("cache_ttl_s", 60, least=1, most=3600)
    if cached is Cached.OFF:
        return None
    # With several origins the answer repeats the caller's own.
    origin = ["header.Origin"] if len(cors_origins) > 1 else []
    return ResponseCache(
        ttl_s,
        {
            "/items": ["querystring.limit", "querystring.lastKey", *origin],
            "/items/{id}": ["path.id", *origin],
        },
    )
