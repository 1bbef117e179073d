"""What goes to a backend, and what it answers, whatever kind of backend it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode


class Headers:
    """Headers by name, whatever its case, each with all its values."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[str, list[str]]] = {}

    def set(self, name: str, values: Iterable[str]) -> None:
        self._values[name.lower()] = (name, list(values))

    def add(self, name: str, value: str) -> None:
        self._values.setdefault(name.lower(), (name, []))[1].append(value)

    def set_default(self, name: str, value: str) -> None:
        self._values.setdefault(name.lower(), (name, [value]))

    def get(self, name: str) -> str | None:
        _, values = self._values.get(name.lower(), ("", []))
        return values[0] if values else None

    def pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self._values.values() for value in values]


@dataclass(slots=True)
class IntegrationRequest:
    """A request to a backend, after all mapping.

    ``address`` is the URL of a web server or the path of an AWS service, path parameters
    filled in, without the query string.
    """

    method: str
    address: str
    headers: Headers = field(default_factory=Headers)
    query: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""

    @property
    def url(self) -> str:
        """The address with its query string."""
        if not self.query:
            return self.address
        separator = "&" if "?" in self.address else "?"
        return f"{self.address}{separator}{urlencode(self.query, doseq=True)}"


@dataclass(slots=True)
class IntegrationAnswer:
    """What a backend answered.

    ``selection`` is what selection patterns are compared with: a status, or the error message
    of a function; empty when only the response without a pattern fits.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    selection: str = ""

    def values_of(self, name: str) -> list[str]:
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]
