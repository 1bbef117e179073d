from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXPOSED = "ETag,Location,Retry-After,Allow"


class Cors:
    """Says which origins may read the answers.

    An origin that is not allowed, or none, is answered with the first one that is: the browser
    then keeps the answer from the page, and a cache never holds an answer without the header.
    """

    def __init__(self, origins: list[str]) -> None:
        self._origins = origins or ["*"]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Cors:
        """Read `CORS_ORIGINS`: origins with commas between them, or `*`."""
        listed = environment.get("CORS_ORIGINS", "*").split(",")
        return cls([origin.strip() for origin in listed if origin.strip()])

    def headers(self, origin: str | None) -> dict[str, str]:
        if "*" in self._origins:
            return {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": _EXPOSED,
            }
        allowed = origin if origin in self._origins else self._origins[0]
        return {
            "Access-Control-Allow-Origin": str(allowed),
            "Access-Control-Expose-Headers": _EXPOSED,
            "Vary": "Origin",
        }
