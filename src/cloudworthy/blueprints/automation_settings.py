"""Settings of automation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cloudworthy.constructs.jwt import JwtSettings, read_jwt_settings
from cloudworthy.constructs.rest_authorizers import RestAuth
from cloudworthy.constructs.settings import SettingsReader
from cloudworthy.constructs.system import SystemDefaults, SystemSettings, read_system_settings

SYSTEM: Final = "automation"

_DEFAULTS: Final = SystemDefaults(
    project="serverless-automation", environment="production", log_retention_days=14
)
# The role is named after the stack and its region, and IAM takes 64 characters.
_LONGEST_STACK_NAME: Final = 44


@dataclass(frozen=True)
class AutomationSettings:
    """What can be chosen about automation."""

    common: SystemSettings
    auth: RestAuth
    jwt: JwtSettings | None

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> "AutomationSettings":
        """Read and check the settings.

        Raises
        ------
        SettingError
            A setting is not allowed; the message names it, what was given and what is allowed.
        """
        reader = SettingsReader(SYSTEM, context)
        common = read_system_settings(reader, SYSTEM, _DEFAULTS)
        if len(common.stack_name) > _LONGEST_STACK_NAME:
            raise reader.error(
                "stack_name",
                common.stack_name,
                f"at most {_LONGEST_STACK_NAME} characters, as the role is named after the stack",
            )
        auth = reader.choice("auth", RestAuth.API_KEY)
        settings = cls(
            common=common,
            auth=auth,
            jwt=read_jwt_settings(reader, wanted=auth is RestAuth.JWT),
        )
        reader.finish()
        return settings
