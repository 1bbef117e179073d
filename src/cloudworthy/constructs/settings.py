"""Settings of a system: read from CDK context, checked before anything is built.

A setting is looked up as ``<system>:<name>`` first, then as ``<name>``, so that one command
line can set a value for every system of the app or for one of them.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

Choice = TypeVar("Choice", bound=StrEnum)


class SettingError(ValueError):
    """A setting has a value that is not allowed, or does not exist.

    The message names the setting, what was given, and what is allowed.
    """


class SettingsReader:
    """Reads typed settings out of CDK context; `finish` refuses what nobody asked for."""

    def __init__(self, system: str, context: Mapping[str, object]) -> None:
        self._system = system
        self._context = context
        self._known: set[str] = set()

    def choice(self, name: str, default: Choice) -> Choice:
        """One of the values of an enumeration."""
        given = self._value(name, default)
        kind = type(default)
        for member in kind:
            if given == member.value:
                return member
        raise self.error(name, given, "one of " + ", ".join(member.value for member in kind))

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number between two bounds, as a number or as the text of one."""
        given = self._value(name, default)
        number = _whole_number(given, least, most)
        if number is None:
            raise self.error(name, given, f"a whole number from {least} to {most}")
        return number

    def integer_or_none(self, name: str, default: int, *, least: int, most: int) -> int | None:
        """A whole number between two bounds, or the word ``none``."""
        given = self._value(name, default)
        number = _whole_number(given, least, most)
        if number is None and given != "none":
            raise self.error(name, given, f"a whole number from {least} to {most}, or none")
        return number

    def one_of(self, name: str, default: int, allowed: tuple[int, ...]) -> int:
        """A whole number out of a fixed list."""
        given = self._value(name, default)
        text = str(given)
        if text in {str(number) for number in allowed}:
            return int(text)
        raise self.error(name, given, "one of " + ", ".join(map(str, allowed)))

    def text(self, name: str, default: str, *, pattern: str, expected: str) -> str:
        """A string that matches a pattern as a whole."""
        given = self._value(name, default)
        if isinstance(given, str) and re.fullmatch(pattern, given):
            return given
        raise self.error(name, given, expected)

    def optional_text(self, name: str, *, pattern: str, expected: str) -> str | None:
        """A string that matches a pattern, or None when the setting is absent or empty."""
        given = self._value(name, None)
        if given is None or given == "":
            return None
        return self.text(name, "", pattern=pattern, expected=expected)

    def texts(
        self, name: str, default: tuple[str, ...], *, pattern: str, expected: str
    ) -> tuple[str, ...]:
        """A list of strings, given as a list or with commas between them."""
        given = self._value(name, default)
        items = given.split(",") if isinstance(given, str) else given
        if not isinstance(items, list | tuple):
            raise self.error(name, given, f"a list of {expected}")
        texts = tuple(item.strip() for item in items if isinstance(item, str) and item.strip())
        valid = all(re.fullmatch(pattern, text) for text in texts)
        if not valid or any(not isinstance(item, str) for item in items):
            raise self.error(name, given, f"a list of {expected}")
        return texts

    def error(self, name: str, given: object, expected: str) -> SettingError:
        """An error in the form that every error of a setting has."""
        return setting_error(self._system, name, given, expected)

    def finish(self) -> None:
        """Refuse a setting that was given and never read: most often a misspelt one.

        Raises
        ------
        SettingError
            A name under this system's prefix is unknown, or a plain name is nearly one of
            the settings. Other plain names belong to the CDK and are left alone.
        """
        prefix = f"{self._system}:"
        for key, given in self._context.items():
            name = key.removeprefix(prefix)
            if name in self._known:
                continue
            close = get_close_matches(name, sorted(self._known), n=1, cutoff=0.8)
            if key.startswith(prefix) or (close and ":" not in key):
                hint = f" Did you mean {close[0]}?" if close else ""
                raise SettingError(
                    f"setting {key} ({self._system}): found {given!r}, expected no setting of "
                    f"that name. Known: {', '.join(sorted(self._known))}.{hint}"
                )

    def _value(self, name: str, default: object) -> object:
        self._known.add(name)
        specific = f"{self._system}:{name}"
        return self._context.get(specific, self._context.get(name, default))


def _whole_number(given: object, least: int, most: int) -> int | None:
    text = str(given)
    if isinstance(given, bool) or not re.fullmatch(r"-?\d{1,18}", text):
        return None
    return int(text) if least <= int(text) <= most else None


def setting_error(system: str, name: str, given: object, expected: str) -> SettingError:
    """An error in the form every settings error has."""
    return SettingError(
        f"setting {name} ({system}): found {given!r}, expected {expected}. "
        f"Pass -c {name}=VALUE, or set {name} under context in cdk.json."
    )
