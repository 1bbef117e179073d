"""Secrets Manager: what AWS answers where the engine answers otherwise."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from cloudworthy.local.endpoint.limits.documents import document_of
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.http import Request, Response

_TARGET = "x-amz-target"
_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}")
_INVALID_NAME = (
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
    "following: -/_+=.@!"
)
_DELETED = (
    "You can't create this secret because a secret with this name is already scheduled for "
    "deletion."
)


class CorrectedSecretsManager:
    """A backend before another one.

    Source: facts secretsmanager-001 to 007 (recorded).
    """

    def __init__(self, engine: Backend) -> None:
        self._engine = engine

    async def send(self, request: Request) -> Response:
        """Hand a request on; errors of a caller have status 400, whatever they are."""
        if request.header(_TARGET) == "secretsmanager.CreateSecret":
            return await self._create(request, str(document_of(request).get("Name", "")))
        response = await self._engine.send(request)
        return replace(response, status=400) if response.status == 404 else response

    async def _create(self, request: Request, name: str) -> Response:
        if not _NAME.fullmatch(name):
            return _error("ValidationException", _INVALID_NAME)
        response = await self._engine.send(request)
        if response.status == 400 and await self._is_deleted(request, name):
            return _error("InvalidRequestException", _DELETED)
        return response

    async def _is_deleted(self, request: Request, name: str) -> bool:
        """Whether the name is still taken by a secret that waits for its deletion."""
        left_out = (_TARGET, "content-length")
        headers = [header for header in request.headers if header[0].lower() not in left_out]
        response = await self._engine.send(
            Request(
                "POST",
                "/",
                [*headers, (_TARGET, "secretsmanager.DescribeSecret")],
                json.dumps({"SecretId": name}).encode(),
            )
        )
        return document_of(response).get("DeletedDate") is not None


def _error(code: str, message: str) -> Response:
    body = json.dumps({"__type": code, "Message": message}).encode()
    return Response(400, [("Content-Type", "application/x-amz-json-1.1")], body)
