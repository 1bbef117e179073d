"""Where in a template a value stands, for errors that name it."""

from __future__ import annotations

from dataclasses import dataclass

from cloudworthy.local.model.errors import TemplateError


@dataclass(frozen=True, slots=True)
class Place:
    """A path below a resource, or below a section of the template when there is no resource.

    Parameters
    ----------
    logical_id
        The resource, output or condition; empty for the template itself.
    path
        Property path in the template's own words, ``Properties.Environment.Variables.TABLE``.
    """

    logical_id: str
    path: str = ""

    def child(self, key: str | int) -> Place:
        if isinstance(key, int):
            return Place(self.logical_id, f"{self.path}[{key}]")
        return Place(self.logical_id, f"{self.path}.{key}" if self.path else key)

    def error(
        self, found: str, expected: str, action: str = "Correct the template"
    ) -> TemplateError:
        """An error about the value that stands here."""
        where = self.path or "Template"
        return TemplateError(where, self.logical_id, found=found, expected=expected, action=action)
