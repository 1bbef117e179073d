"""Mapping templates in the Velocity language, rendered by airspeed.

Source: Amazon API Gateway developer guide, "Mapping template reference" (documented).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from cloudworthy.local.apigateway.context import GETTERS
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.query import parse_query


@dataclass(slots=True)
class Overrides:
    """What templates set through ``$context.responseOverride``."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


class MappingTemplate:
    """One template; a text without any directive or variable is not rendered at all."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._template = None
        if "$" in source or "#" in source:
            import airspeed  # type: ignore[import-untyped]  # noqa: PLC0415 - 18 ms of a start

            self._template = airspeed.Template(source)

    def render(self, exchange: Exchange, overrides: Overrides) -> str:
        if self._template is None:
            return self._source
        context = _context(exchange)
        variables = {
            "context": context,
            "input": _Input(exchange),
            "util": _Util(),
            "stageVariables": dict(exchange.stage.definition.variables) if exchange.stage else {},
        }
        text = str(self._template.merge(variables))
        _read_overrides(context, overrides)
        return text


def _context(exchange: Exchange) -> dict[str, Any]:
    """``$context`` as nested maps, with the maps that a template may write into."""
    context: dict[str, Any] = {}
    for name, getter in GETTERS.items():
        *parents, leaf = name.split(".")
        level = context
        for parent in parents:
            level = level.setdefault(parent, {})
        level[leaf] = getter(exchange) or ""
    context["requestOverride"] = {"header": {}, "path": {}, "querystring": {}}
    context["responseOverride"] = {"header": {}}
    return context


def _read_overrides(context: dict[str, Any], overrides: Overrides) -> None:
    written = context["responseOverride"]
    if written.get("status"):
        overrides.status = int(written["status"])
    overrides.headers.update({name: str(value) for name, value in written["header"].items()})


class _Parameters(dict[str, str]):
    """A map that answers the empty text for what is not there, and whatever the case."""

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        lowered = key.lower()
        return next((v for name, v in self.items() if name.lower() == lowered), default)


class _Input:
    """``$input``."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        # Source: rest-aws-http-integrations-011: an empty body reads as {} (recorded).
        self.body = exchange.request.body.decode("utf-8", "replace") or "{}"

    def params(self, name: str | None = None) -> dict[str, _Parameters] | str:
        query = parse_query(self._exchange.request.query)
        places = {
            "path": _Parameters(self._exchange.path_parameters),
            "querystring": _Parameters({key: values[-1] for key, values in query.items()}),
            "header": _Parameters(self._exchange.request.headers),
        }
        if name is None:
            return places
        return next((value for place in places.values() if (value := place.get(name))), "")

    def path(self, expression: str) -> object:
        """The part of a JSON body at ``$`` or ``$.a.b``."""
        value: Any = json.loads(self.body)
        for key in expression.removeprefix("$").split(".")[1:]:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def json(self, expression: str) -> str:
        return json.dumps(self.path(expression))


class _Util:
    """``$util``."""

    def escapeJavaScript(self, text: str) -> str:  # noqa: N802 - AWS's name
        return json.dumps(text)[1:-1].replace("'", "\\'")

    def urlEncode(self, text: str) -> str:  # noqa: N802 - AWS's name
        return quote_plus(text)

    def urlDecode(self, text: str) -> str:  # noqa: N802 - AWS's name
        return unquote_plus(text)

    def parseJson(self, text: str) -> object:  # noqa: N802 - AWS's name
        return json.loads(text)
