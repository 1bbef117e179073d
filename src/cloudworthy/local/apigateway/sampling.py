"""Whether a request is traced, as soon as its stage is known."""

from __future__ import annotations

from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.model.records import Sampler


class Sampling:
    """Decides for stages with tracing; the others leave the decision to the function."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    async def decide(self, exchange: Exchange) -> None:
        if exchange.tracing:
            exchange.trace.decide(self._sampler)
