"""Systems Manager Parameter Store.

Source: Systems Manager user guide, "Managing parameter tiers": 4 KB and 8 KB (documented); the
texts are reported by users.
"""

from __future__ import annotations

from typing import Final

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.endpoint.limits.documents import document_of, size
from cloudworthy.local.model.http import Request

_MOST_CHARACTERS: Final = {"Standard": 4_096, "Advanced": 8_192}
_STANDARD: Final = (
    "Standard tier parameters support a maximum parameter value of 4096 characters. To create a "
    "larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more "
    "information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/"
    "parameter-store-advanced-parameters.html"
)
_ADVANCED: Final = (
    "The specified parameter value is too large. Advanced-tier parameters support a maximum "
    "parameter value of 8192 characters."
)


def check_ssm(request: Request, operation: str) -> None:
    """See ``check_limits``; a parameter of the tier that chooses itself may be advanced."""
    if operation != "PutParameter":
        return
    document = document_of(request)
    is_standard = document.get("Tier", "Standard") == "Standard"
    if size(document.get("Value")) > _MOST_CHARACTERS["Standard" if is_standard else "Advanced"]:
        raise AwsError("ValidationException", _STANDARD if is_standard else _ADVANCED, 400)
