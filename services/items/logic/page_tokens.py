"""Page tokens: where the last page ended, under which filter.

Only the id of the last item is in a token: its key follows from the id, so that there is no
part of a key that a caller could make up. A token that was changed is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING

from items.logic.errors import InvalidInputError, Problem
from items.logic.identity import is_item_id

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_LENGTH = 1024


def page_token(last_id: str, status: str | None) -> str:
    text = json.dumps({"after": last_id, "status": status}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after_token(token: str, status: str | None, is_id: Callable[[str], bool] = is_item_id) -> str:
    """The id that a page starts after; `is_id` says which texts can be one.

    Raises
    ------
    InvalidInputError
        It is no token of ours, or one of a list with another filter.
    """
    after = _read(token, is_id)
    if after is None or page_token(after[0], after[1]) != token:
        raise InvalidInputError([Problem("lastKey", "not a page token of this list")])
    if after[1] != status:
        raise InvalidInputError([Problem("lastKey", "a page token of a list with another status")])
    return after[0]


def _read(token: str, is_id: Callable[[str], bool]) -> tuple[str, str | None] | None:
    if len(token) > _MAX_LENGTH or not token.isascii():
        return None
    padded = token + "=" * (-len(token) % 4)
    try:
        document = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or set(document) != {"after", "status"}:
        return None
    last_id, status = document["after"], document["status"]
    if not isinstance(last_id, str) or not is_id(last_id):
        return None
    return (last_id, status) if status is None or isinstance(status, str) else None
