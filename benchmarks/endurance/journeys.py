"""What a visitor of each system does: one journey leaves the data as large as it was.

Where a system has no way to delete, or keeps the keys of requests for a time, what it keeps
grows, and the report shows by how much.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.endurance.visitor import Visitor
from benchmarks.targets.target import Endpoint

Journey = Callable[[Visitor, "Addresses"], Awaitable[None]]

_READS = 3
_UNKNOWN = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a system answers; ``api`` has the caller's credential in its headers."""

    api: Endpoint
    site: Endpoint | None = None

    @property
    def public(self) -> Endpoint:
        """The API for somebody without a credential."""
        return Endpoint(self.api.base_url)


@dataclass(frozen=True, slots=True)
class Items:
    """A journey through an API of items.

    ``change`` is None where items can be neither changed nor deleted, ``health`` where there is
    no such route.
    """

    path: str
    member: str
    item: Mapping[str, Any]
    change: Mapping[str, Any] | None = None
    listing: str = "?limit=20"
    health: str | None = None

    async def __call__(self, visitor: Visitor, at: Addresses) -> None:
        path = f"{self.path}/{await self._create(visitor, at)}".replace("//", "/")
        for _ in range(_READS):
            answer = await visitor.ask(at.api, "GET", path, operation="get", expected=200)
        listing = self.path + self.listing
        await visitor.ask(at.api, "GET", listing, operation="list", expected=200)
        if self.change is not None:
            await self._change(visitor, at, path, answer.headers["etag"])
        await self._mistakes(visitor, at)
        await self._look(visitor, at)

    async def _create(self, visitor: Visitor, at: Addresses) -> str:
        """Sent twice under one key, as a client does that lost the first answer."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        made = [
            await visitor.ask(
                at.api,
                "POST",
                self.path,
                self.item,
                operation=operation,
                expected=201,
                headers=key,
            )
            for operation in ("create", "create again")
        ]
        first, again = (str(answer.json()[self.member]) for answer in made)
        if first != again:
            raise AssertionError(f"one Idempotency-Key made two items, {first} and {again}")
        return first

    async def _change(self, visitor: Visitor, at: Addresses, path: str, etag: str) -> None:
        match = {"If-Match": etag}
        for operation, expected in (("update", 200), ("update of an old version", 412)):
            await visitor.ask(
                at.api,
                "PUT",
                path,
                self.change,
                operation=operation,
                expected=expected,
                headers=match,
            )
        await visitor.ask(at.api, "DELETE", path, operation="delete", expected=204)

    async def _mistakes(self, visitor: Visitor, at: Addresses) -> None:
        await visitor.ask(at.api, "POST", self.path, [1], operation="bad body", expected=400)
        missing = f"{self.path}/{_UNKNOWN}".replace("//", "/")
        await visitor.ask(at.api, "GET", missing, operation="unknown item", expected=404)
        await visitor.ask(at.public, "GET", self.path, operation="no key", expected=403)

    async def _look(self, visitor: Visitor, at: Addresses) -> None:
        if self.health is not None:
            await visitor.ask(at.public, "GET", self.health, operation="health", expected=200)
        if at.site is not None:
            await visitor.ask(at.site, "GET", "/", operation="page", expected=200)


async def objects(visitor: Visitor, at: Addresses) -> None:
    """Through storage-api, whose every request asks the authorizer, and so its secret."""
    path, name = "/api/data", uuid.uuid4()
    body = {"key": f"load/{name}", "data": "Forty characters of text, more or less."}
    of_key = f"{path}?key=load/{name}"
    once = {"If-None-Match": "*"}
    for operation, expected in (("create", 201), ("create again", 412)):
        await visitor.ask(
            at.api, "POST", path, body, operation=operation, expected=expected, headers=once
        )
    for _ in range(_READS):
        await visitor.ask(at.api, "GET", of_key, operation="get", expected=200)
    listing = f"{path}?prefix=load/&limit=20"
    await visitor.ask(at.api, "GET", listing, operation="list", expected=200)
    await visitor.ask(at.api, "POST", path, body, operation="update", expected=201)
    await visitor.ask(at.api, "DELETE", of_key, operation="delete", expected=204)
    await visitor.ask(at.api, "GET", of_key, operation="unknown object", expected=404)
    await visitor.ask(at.api, "POST", path, [1], operation="bad body", expected=400)
    await visitor.ask(at.public, "GET", path, operation="no token", expected=401)
    await visitor.ask(at.public, "GET", "/api/health", operation="health", expected=200)


_ITEM = {
    "name": "Benchmark item",
    "description": "Forty characters of text, more or less.",
    "status": "pending",
    "metadata": {"colour": "blue", "size": 3, "weight": 1.5},
}
_CHANGE = {"status": "done"}

JOURNEYS: Mapping[str, Journey] = {
    "web-app": Items(
        "/items", "item_id", _ITEM, _CHANGE, "?limit=20&status=pending", health="/health"
    ),
    "vpc-api": Items("/api/items", "id", {k: _ITEM[k] for k in ("name", "status")}, _CHANGE),
    "crud-api": Items("/items", "id", _ITEM, _CHANGE),
    "automation": Items("/", "id", {"data": _ITEM}),
    "storage-api": objects,
}
"""By system."""
