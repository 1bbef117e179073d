"""Property values on their way to an API.

CloudFormation takes numbers and booleans as strings too; the SDK does not.
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.model.resources import TemplateValue

_NUMBERS = frozenset(
    {
        "ReadCapacityUnits", "WriteCapacityUnits", "DaysAfterInitiation", "NoncurrentDays",
        "NewerNoncurrentVersions", "ExpirationInDays", "TransitionInDays", "MaxAge",
    }
)  # fmt: skip


def flag(value: TemplateValue) -> bool:
    """A boolean that may be written as a string; an absent one is false."""
    return str(value).lower() == "true"


def as_api(value: TemplateValue) -> TemplateValue:
    """A value with the strings that stand for whole numbers made into numbers."""
    if isinstance(value, Mapping):
        return {key: int(item) if key in _NUMBERS else as_api(item) for key, item in value.items()}
    return [as_api(item) for item in value] if isinstance(value, list) else value


def as_tags(value: TemplateValue) -> dict[str, str]:
    """A list of ``{"Key", "Value"}`` as a mapping."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in value or ()}
