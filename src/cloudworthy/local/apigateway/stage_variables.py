"""``${stageVariables.<name>}`` in the ARN of a function."""

from __future__ import annotations

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with its stage variables filled in; empty when one of them is missing."""
    if any(name not in variables for name in _VARIABLE.findall(text)):
        return ""
    return _VARIABLE.sub(lambda found: variables[found[1]], text)
