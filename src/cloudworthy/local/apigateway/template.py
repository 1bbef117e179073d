"""Mapping templates in the Velocity language, rendered by airspeed.

Source: Amazon API Gateway developer guide, "Mapping template reference" (documented).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from cloudworthy.local.apigateway.caller import authorizer_context
from cloudworthy.local.apigateway.context import GETTERS
from cloudworthy.local.apigateway.errors import DEFAULT_4XX, GatewayError, misconfigured
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.json_path import value_at
from cloudworthy.local.apigateway.query import parse_query

_STATUS = re.compile(r"[2-5]\d\d", re.ASCII)


@dataclass(slots=True)
class Overrides:
    """What templates set through ``$context.responseOverride`` and ``requestOverride``."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    request_headers: dict[str, str] = field(default_factory=dict)
    request_path: dict[str, str] = field(default_factory=dict)
    request_query: dict[str, str] = field(default_factory=dict)


class MappingTemplate:
    """One template; a text without any directive or variable is not rendered at all."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._template = None
        if "$" in source or "#" in source:
            import airspeed  # type: ignore[import-untyped]  # noqa: PLC0415 - 18 ms of a start

            self._template = airspeed.Template(source)

    def render(self, exchange: Exchange, overrides: Overrides, body: str) -> str:
        """The text that the template makes of a body: the caller's, or a backend's.

        Raises
        ------
        GatewayError
            400 when the template reads a body as JSON that is none, 500 when it fails otherwise.
        """
        if self._template is None:
            return self._source
        context = _context(exchange, overrides)
        variables = {
            "context": context,
            "input": _Input(exchange, body),
            "util": _Util(),
            "stageVariables": dict(exchange.stage.definition.variables) if exchange.stage else {},
        }
        text = _merged(self._template, variables)
        _read_overrides(context, overrides)
        return text


def compiled(templates: Mapping[str, str]) -> dict[str, MappingTemplate]:
    """Templates by their media types in lower case."""
    return {kind.lower(): MappingTemplate(source) for kind, source in templates.items()}


def _merged(template: Any, variables: Mapping[str, Any]) -> str:  # noqa: ANN401 - airspeed's
    from airspeed import TemplateError  # noqa: PLC0415 - there is a template, so it is loaded

    try:
        return str(template.merge(variables))
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        fault = error.__cause__ or error.__context__ or error
        if isinstance(fault, json.JSONDecodeError):
            message = f"Could not parse request body into json: {fault}"
            raise GatewayError(DEFAULT_4XX, message=message, reason=message) from error
        raise misconfigured(f"Unable to transform the body: {error}") from error


def _context(exchange: Exchange, overrides: Overrides) -> dict[str, Any]:
    """``$context`` as nested maps, with the maps that a template may write into.

    The template of an answer reads what the request's template wrote.
    """
    context: dict[str, Any] = {}
    for name, getter in GETTERS.items():
        *parents, leaf = name.split(".")
        level = context
        for parent in parents:
            level = level.setdefault(parent, {})
        level[leaf] = getter(exchange) or ""
    if exchange.caller is not None:
        context["authorizer"] |= authorizer_context(exchange.caller, exchange.authorizer_call) or {}
    context["requestOverride"] = {
        "header": dict(overrides.request_headers),
        "path": dict(overrides.request_path),
        "querystring": dict(overrides.request_query),
    }
    context["responseOverride"] = {"header": {}}
    return context


def _read_overrides(context: dict[str, Any], overrides: Overrides) -> None:
    """Take over what a template wrote, which may be anything.

    Raises
    ------
    GatewayError
        500: it is none of what can be overridden. That it is so on AWS is assumed.
    """
    response, request = _map(context["responseOverride"]), _map(context["requestOverride"])
    overrides.status = _status(response.get("status")) or overrides.status
    overrides.headers.update(_texts(response.get("header")))
    overrides.request_headers.update(_texts(request.get("header")))
    overrides.request_path.update(_texts(request.get("path")))
    overrides.request_query.update(_texts(request.get("querystring")))


def _status(value: object) -> int | None:
    text = "" if value is None else str(value)
    if text and not _STATUS.fullmatch(text):
        raise misconfigured(f"$context.responseOverride.status is {text}, which is no status")
    return int(text) if text else None


def _texts(value: object) -> dict[str, str]:
    return {str(name): str(each) for name, each in _map(value).items()}


def _map(value: object) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise misconfigured(f"a template sets an override of $context to {value!r}")
    return value


class _Parameters(dict[str, str]):
    """A map that answers the empty text for what is not there, and whatever the case."""

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        lowered = key.lower()
        return next((v for name, v in self.items() if name.lower() == lowered), default)


class _Input:
    """``$input``."""

    def __init__(self, exchange: Exchange, body: str) -> None:
        self._exchange = exchange
        # Source: rest-aws-http-integrations-011: an empty body reads as {} (recorded).
        self.body = body or "{}"

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
        """The part of a JSON body at ``$`` or ``$.a[0].b``."""
        return value_at(json.loads(self.body), expression)

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
