"""What may go wrong with an object, in no protocol's words."""

from __future__ import annotations


class InvalidInputError(Exception):
    """One field is not what it has to be; the reason quotes nothing of it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class ContentTooLargeError(Exception):
    """More than the API takes in one request."""


class ObjectTooLargeError(Exception):
    """More than fits into one answer; the URL leads to it."""

    def __init__(self, size: int, url: str, expires_in_s: int) -> None:
        super().__init__(f"{size} bytes")
        self.size = size
        self.url = url
        self.expires_in_s = expires_in_s
