"""Physical ids that follow from the stack and the logical id."""

from __future__ import annotations

import hashlib
import string

ALPHANUMERIC = string.ascii_lowercase + string.digits
UPPERCASE = string.ascii_uppercase + string.digits
HEXADECIMAL = string.digits + "abcdef"


def token(*parts: str, length: int, alphabet: str = ALPHANUMERIC) -> str:
    """Letters that look random and are always the same for the same parts."""
    number = int.from_bytes(hashlib.sha512("\0".join(parts).encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(alphabet))
        letters.append(alphabet[index])
    return "".join(letters)


def physical_name(
    stack_name: str, logical_id: str, suffix: str, *, longest: int, lower: bool = False
) -> str:
    """``stack-LogicalId-suffix``, shortened from the logical id as CloudFormation does.

    Source: CloudFormation user guide, "Name type" (documented: the form is stack name,
    logical id and a unique id; how it is shortened is assumed).
    """
    room = longest - len(suffix) - 1
    stack_part = stack_name[: max(room // 2, room - len(logical_id) - 1)].rstrip("-")
    logical_part = logical_id[: room - len(stack_part) - 1]
    name = f"{stack_part}-{logical_part}-{suffix}"
    return name.lower() if lower else name


def uuid_text(digits: str) -> str:
    """32 hexadecimal digits in the form of a UUID."""
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
