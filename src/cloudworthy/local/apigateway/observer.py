"""What the gateway tells about each finished request, for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request, with the dimensions of CloudWatch's ``AWS/ApiGateway`` metrics.

    ``stage``, ``method`` and ``resource_path`` are empty when the request did not get so far.
    """

    api_id: str
    api_name: str
    stage: str
    method: str
    resource_path: str
    status: int
    latency_ms: int
    integration_latency_ms: int | None
    detailed: bool
    """Whether the method's settings ask for metrics of the method itself."""
    cache_hit: bool | None = None
    """None when answers of the method are not cached."""


class RequestObserver(Protocol):
    def observe(self, record: RequestRecord) -> None:
        """Take note of a request that has been answered."""
        ...
