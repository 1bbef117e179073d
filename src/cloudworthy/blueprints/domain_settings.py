"""Settings that name a domain."""

from cloudworthy.constructs.settings import SettingsReader

_DOMAIN = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"


def read_domain_name(reader: SettingsReader, setting: str, *, example: str) -> str | None:
    """Read the name of a domain, None where none is set."""
    return reader.optional_text(
        setting, pattern=_DOMAIN, expected=f"a domain name such as {example}"
    )
