"""What the person running Cloudworthy is told when something cannot go on."""

from __future__ import annotations


class CloudworthyError(Exception):
    """A failure that has one clear sentence for the person running the command."""


class TemplateError(CloudworthyError):
    """A place in the template that the runtime cannot honour.

    Parameters
    ----------
    where
        File, resource type or property path, e.g. ``AWS::Lambda::Function.Runtime``.
    logical_id
        The resource it stands in; empty when it is outside of any resource.
    found
        What the template says.
    expected
        What would be accepted.
    action
        What to do about it, as an imperative sentence without the full stop.
    """

    def __init__(
        self, where: str, logical_id: str, *, found: str, expected: str, action: str
    ) -> None:
        place = f"{where} ({logical_id})" if logical_id else where
        super().__init__(f"{place}: found {found}, expected {expected}. {action}.")
        self.where = where
        self.logical_id = logical_id


class UnsupportedError(TemplateError):
    """A resource type, property or value that would change behaviour and is not emulated."""

    def __init__(self, where: str, logical_id: str, *, found: str, supported: str) -> None:
        super().__init__(
            where,
            logical_id,
            found=found,
            expected=supported,
            action="Remove it from the stack that runs locally, or run this stack on AWS",
        )
