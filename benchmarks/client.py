"""Single requests, for what is not load: readiness, seeding, walking pages."""

from __future__ import annotations

import http.client
import json
from typing import Any, Self

from benchmarks.targets.target import Endpoint


class UnexpectedAnswerError(Exception):
    """The API answered otherwise than the measurement needs."""


class Client:
    """One kept-alive connection to an API."""

    def __init__(self, endpoint: Endpoint, *, timeout_s: float = 60.0) -> None:
        self._endpoint = endpoint
        self._connection = http.client.HTTPConnection(
            endpoint.host, endpoint.port, timeout=timeout_s
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def send(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        headers = dict(self._endpoint.headers)
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        self._connection.request(method, self._endpoint.base_path + path, data, headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def json(
        self, method: str, path: str, body: object = None, *, status: int = 200
    ) -> dict[str, Any]:
        """The decoded answer.

        Raises
        ------
        UnexpectedAnswerError
            The status was not ``status``.
        """
        found, answer = self.send(method, path, body)
        if found != status:
            shown = answer[:300].decode(errors="replace")
            raise UnexpectedAnswerError(
                f"{method} {path}: found {found}, expected {status}: {shown}"
            )
        document: dict[str, Any] = json.loads(answer)
        return document


def answers(endpoint: Endpoint, path: str = "/items?limit=1") -> bool | None:
    """True when the API answers 200, None as long as it does not; for ``wait_until``."""
    try:
        with Client(endpoint) as client:
            status, _ = client.send("GET", path)
    except (OSError, http.client.HTTPException):
        return None
    return True if status == 200 else None
