"""Method request: required parameters and the body's model, where a validator is set.

Sources: rest-errors-009 to -015 (recorded and documented).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloudworthy.local.apigateway.definition import RequestValidation
from cloudworthy.local.apigateway.errors import (
    BAD_REQUEST_BODY,
    BAD_REQUEST_PARAMETERS,
    GatewayError,
)
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.mapping_expressions import request_value

if TYPE_CHECKING:
    from jsonschema import Draft4Validator


class RequestValidator:
    """The checks of one method; parameters come before the body."""

    def __init__(self, validation: RequestValidation) -> None:
        self._required = validation.required
        self._validates_body = validation.validates_body
        self._models = {
            content_type: _validator(schema)
            for content_type, schema in validation.body_models.items()
        }

    def check(self, exchange: Exchange) -> None:
        """Refuse a request that the method's validator does not accept.

        Raises
        ------
        GatewayError
            BAD_REQUEST_PARAMETERS or BAD_REQUEST_BODY.
        """
        missing = [name for place, name in self._required if not _value(exchange, place, name)]
        if missing:
            message = f"Missing required request parameters: [{', '.join(missing)}]"
            raise GatewayError(BAD_REQUEST_PARAMETERS, message=message)
        if self._validates_body:
            self._check_body(exchange)

    def _check_body(self, exchange: Exchange) -> None:
        header = exchange.headers.get("content-type") or "application/json"
        content_type = header.partition(";")[0].strip().lower()
        model = self._models.get(content_type) or self._models.get("$default")
        if model is None:
            return
        try:
            body: Any = json.loads(exchange.request.body or b"{}")
        except ValueError as error:
            raise GatewayError(BAD_REQUEST_BODY, validation_error=str(error)) from error
        problems = [error.message for error in model.iter_errors(body)]
        if problems:
            detail = f"[{', '.join(problems)}]"
            raise GatewayError(
                BAD_REQUEST_BODY,
                validation_error=detail,
                reason=f"Request body does not match model schema: {detail}",
            )


def _validator(schema: Mapping[str, Any]) -> Draft4Validator:
    from jsonschema import Draft4Validator  # noqa: PLC0415 - 40 ms that most APIs need not wait

    return Draft4Validator(dict(schema))


def _value(exchange: Exchange, place: str, name: str) -> str | None:
    return request_value(f"method.request.{place}.{name}", exchange)


async def validate_request(exchange: Exchange) -> None:
    exchange.known_route.validate(exchange)
