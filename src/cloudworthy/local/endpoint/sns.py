"""Amazon SNS where the engine answers in other words than AWS."""

from __future__ import annotations

from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.http import Request, Response

_OF_ENDPOINT = b"<Message>Endpoint does not exist</Message>"
_OF_TOPIC = b"<Message>Topic does not exist</Message>"


class CorrectedSns:
    """SNS of the engine, corrected.

    Source: recorded on AWS 2025-11-19, fact sns-008: publishing to a topic that is not there.
    """

    def __init__(self, engine: Backend) -> None:
        self._engine = engine

    async def send(self, request: Request) -> Response:
        """See ``Backend``."""
        response = await self._engine.send(request)
        if response.status != 404 or b"TopicArn=" not in request.body:
            return response
        body = response.body.replace(_OF_ENDPOINT, _OF_TOPIC)
        headers = [it for it in response.headers if it[0].lower() != "content-length"]
        return Response(response.status, headers, body)
