"""Settings of storage-api."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cloudworthy.constructs.http_authorizers import HttpAuth
from cloudworthy.constructs.jwt import JwtSettings, read_jwt_settings
from cloudworthy.constructs.settings import SettingsReader
from cloudworthy.constructs.system import SystemDefaults, SystemSettings, read_system_settings

SYSTEM: Final = "storage-api"

# A page that somebody tries out on the own machine, and no other until it is named.
_DEFAULTS: Final = SystemDefaults(cors_origins=("http://localhost:3000",))


@dataclass(frozen=True)
class StorageApiSettings:
    """What can be chosen about storage-api.

    Without a `reserved_concurrency` the function takes from the account's pool.
    """

    common: SystemSettings
    auth: HttpAuth
    jwt: JwtSettings | None
    reserved_concurrency: int | None

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> "StorageApiSettings":
        """Read and check the settings.

        Raises
        ------
        SettingError
            A setting is not allowed; the message names it, what was given and what is allowed.
        """
        reader = SettingsReader(SYSTEM, context)
        auth = reader.choice("auth", HttpAuth.TOKEN)
        settings = cls(
            common=read_system_settings(reader, SYSTEM, _DEFAULTS),
            auth=auth,
            jwt=read_jwt_settings(reader, wanted=auth is HttpAuth.JWT),
            reserved_concurrency=reader.integer_or_none(
                "reserved_concurrency", 100, least=1, most=100_000
            ),
        )
        reader.finish()
        return settings
