"""The CORS section of a response headers policy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cloudworthy.local.model.http import Request
from cloudworthy.local.model.resources import TemplateValue

_EVERY_METHOD = ("GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


@dataclass(frozen=True, slots=True)
class Cors:
    """What pages of other origins are told; ``override`` replaces what the origin says.

    Parameters
    ----------
    origins
        The origins that may read answers: ``*``, or each with ``*`` for its leftmost part at most.
    answers
        Headers on every answer to such a page.
    preflights
        Headers on an answer to its question whether it may ask, besides.
    """

    origins: tuple[str, ...]
    answers: tuple[tuple[str, str], ...] = ()
    preflights: tuple[tuple[str, str], ...] = ()
    override: bool = False

    @property
    def is_for_every_page(self) -> bool:
        return "*" in self.origins

    def headers(self, request: Request) -> list[tuple[str, str]]:
        """The headers for the page that sent a request; none for a page that may not read.

        Source: Amazon CloudFront developer guide, "Understand response headers policies", CORS
        headers (documented).
        """
        origin = request.header("origin")
        if origin is None or not self._may_read(origin):
            return []
        allowed = "*" if self.is_for_every_page else origin
        asks = request.method == "OPTIONS" and request.header("access-control-request-method")
        preflights = self.preflights if asks else ()
        return [("Access-Control-Allow-Origin", allowed), *self.answers, *preflights]

    def _may_read(self, origin: str) -> bool:
        return self.is_for_every_page or any(
            _expression(each).fullmatch(origin) for each in self.origins
        )


def cors_of(config: Mapping[str, TemplateValue]) -> Cors:
    """A ``CorsConfig`` of a template.

    Source: AWS CloudFormation, "ResponseHeadersPolicy CorsConfig" (documented).
    """
    methods = _items(config, "AccessControlAllowMethods")
    credentials = "true" if config["AccessControlAllowCredentials"] else ""
    answers = {
        "Access-Control-Allow-Credentials": credentials,
        "Access-Control-Expose-Headers": ", ".join(_items(config, "AccessControlExposeHeaders")),
    }
    preflights = {
        "Access-Control-Allow-Methods": ", ".join(_EVERY_METHOD if "ALL" in methods else methods),
        "Access-Control-Allow-Headers": ", ".join(_items(config, "AccessControlAllowHeaders")),
        "Access-Control-Max-Age": str(config.get("AccessControlMaxAgeSec", "")),
    }
    return Cors(
        _items(config, "AccessControlAllowOrigins"),
        tuple((name, value) for name, value in answers.items() if value),
        tuple((name, value) for name, value in preflights.items() if value),
        override=bool(config["OriginOverride"]),
    )


def _items(config: Mapping[str, TemplateValue], name: str) -> tuple[str, ...]:
    return tuple((config.get(name) or {}).get("Items") or ())


def _expression(origin: str) -> re.Pattern[str]:
    """An origin of a policy; one that is only a domain is meant with either scheme."""
    scheme = "" if "://" in origin else "https?://"
    return re.compile(scheme + re.escape(origin).replace(r"\*", r"[^/]+"), re.IGNORECASE)


EVERY_PAGE = Cors(("*",))
EVERY_PAGE_WITH_PREFLIGHT = Cors(
    ("*",),
    answers=(("Access-Control-Expose-Headers", "*"),),
    preflights=(
        ("Access-Control-Allow-Methods", ", ".join(_EVERY_METHOD)),
        ("Access-Control-Allow-Headers", "*"),
    ),
)
