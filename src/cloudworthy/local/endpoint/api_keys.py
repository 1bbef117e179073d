"""API Gateway's own API, as far as it tells about API keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.endpoint.stack_api import RunningStack
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.resources import ProvisionedResource

_KEYS = "/apikeys"


class ApiKeysApi:
    """Answers GetApiKey and GetApiKeys; values are shown only when they are asked for.

    Parameters
    ----------
    running
        Called for each request: the stack as it is now, None before it is there.

    Source: API Gateway API reference, "GetApiKey" and "GetApiKeys" (documented).
    """

    def __init__(self, running: Callable[[], RunningStack | None]) -> None:
        self._running = running

    async def handle(self, request: Request) -> Response:
        """Answer one request.

        Raises
        ------
        AwsError
            There is no such key, or no such operation here.
        """
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        keys = self._keys()
        if (request.method, request.path) == ("GET", _KEYS):
            shown = query.get("includeValues") == "true"
            items = [_described(key, with_value=shown) for key in keys.values()]
            return _json({"item": items})
        if request.method == "GET" and request.path.startswith(f"{_KEYS}/"):
            key = keys.get(unquote(request.path.removeprefix(f"{_KEYS}/")))
            if key is None:
                message = "Invalid API Key identifier specified"
                raise AwsError("NotFoundException", message, 404)
            return _json(_described(key, with_value=query.get("includeValue") == "true"))
        raise AwsError(
            "NotImplemented",
            f"{request.method} {request.path} of API Gateway is not available on this machine",
            501,
        )

    def _keys(self) -> dict[str, ProvisionedResource]:
        running = self._running()
        if running is None:
            return {}
        keys = running.deployment.of_type("AWS::ApiGateway::ApiKey")
        return {key.physical_id: key for key in keys}


def _described(key: ProvisionedResource, *, with_value: bool) -> dict[str, Any]:
    description = {
        "id": key.physical_id,
        "name": key.properties.get("Name", key.physical_id),
        "description": key.properties.get("Description", ""),
        "enabled": str(key.properties.get("Enabled", False)).lower() == "true",
    }
    return description | ({"value": key.data["value"]} if with_value else {})


def _json(body: dict[str, Any]) -> Response:
    return Response(200, [("Content-Type", "application/json")], json.dumps(body).encode())
