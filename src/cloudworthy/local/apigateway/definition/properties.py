"""Reading resolved CloudFormation properties, with errors that name the place."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.resources import ProvisionedResource


class Properties:
    """The properties of one resource, or of an object inside of it.

    CloudFormation accepts ``"true"`` for a boolean and ``"5"`` for a number; so does this.
    """

    def __init__(self, resource: ProvisionedResource, values: Mapping[str, Any], path: str) -> None:
        self._resource = resource
        self._values = values
        self.path = path
        self.logical_id = resource.logical_id

    @classmethod
    def of(cls, resource: ProvisionedResource) -> Properties:
        return cls(resource, resource.properties, resource.type)

    def allow_only(self, known: str) -> None:
        """Refuse every property but the ``known`` ones, so that none is dropped silently.

        Parameters
        ----------
        known
            Names of properties, separated by spaces.

        Raises
        ------
        UnsupportedError
        """
        accepted = known.split()
        for name in self._values:
            if name not in accepted:
                raise UnsupportedError(
                    f"{self.path}.{name}",
                    self.logical_id,
                    found=f"the property {name}",
                    supported="a property that the local API Gateway serves",
                )

    def refuse(self, name: str, *, unless: Collection[Any] = (), supported: str) -> None:
        """Refuse a property that is set to anything that would change behaviour.

        Raises
        ------
        UnsupportedError
        """
        value = self._values.get(name)
        if value in (None, "", [], {}) or value in unless:
            return
        raise self.unsupported(name, found=repr(value), supported=supported)

    def unsupported(self, name: str, *, found: str, supported: str) -> UnsupportedError:
        return UnsupportedError(
            f"{self.path}.{name}", self.logical_id, found=found, supported=supported
        )

    def invalid(self, name: str, *, found: str, expected: str, action: str) -> TemplateError:
        return TemplateError(
            f"{self.path}.{name}", self.logical_id, found=found, expected=expected, action=action
        )

    def text(self, name: str, default: str = "") -> str:
        value = self._values.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        return bool(self.optional_flag(name))

    def optional_flag(self, name: str) -> bool | None:
        value = self._values.get(name)
        return None if value is None else str(value).lower() == "true"

    def number(self, name: str) -> float | None:
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise self.invalid(
                name, found=repr(value), expected="a number", action="Give a number"
            ) from error

    def texts(self, name: str) -> dict[str, str]:
        return {key: str(value) for key, value in (self._values.get(name) or {}).items()}

    def values(self, name: str) -> list[Any]:
        """A list, or the only element of one, as policies may have it."""
        value = self._values.get(name) or []
        return value if isinstance(value, list) else [value]

    def mapping(self, name: str) -> Mapping[str, Any]:
        return self._values.get(name) or {}

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever the template has
        return self._values.get(name)

    def document(self, name: str) -> Properties | None:
        """An object that may also be given as a text of JSON; None when there is none.

        Raises
        ------
        TemplateError
            The text is not JSON, or not an object.
        """
        value = self._values.get(name)
        if value in (None, "", {}):
            return None
        try:
            parsed = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            parsed = None
        if not isinstance(parsed, Mapping):
            raise self.invalid(
                name, found=repr(value), expected="a JSON object", action="Correct the document"
            )
        return Properties(self._resource, parsed, f"{self.path}.{name}")

    def child(self, name: str) -> Properties:
        return Properties(self._resource, self.mapping(name), f"{self.path}.{name}")

    def children(self, name: str) -> list[Properties]:
        return [
            Properties(self._resource, value, f"{self.path}.{name}[{index}]")
            for index, value in enumerate(self.values(name))
        ]

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None
