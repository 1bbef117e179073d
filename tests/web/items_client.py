"""A second client of the API: makes items, competes with the page, looks at what is stored."""

from __future__ import annotations

import json
import urllib.request
from typing import Any, cast

Item = dict[str, Any]


class ItemsClient:
    def __init__(self, site_url: str, api_key: str) -> None:
        self._site_url = site_url
        self._api_key = api_key

    def create(self, **fields: object) -> Item:
        return cast("Item", self._send("POST", "/items", fields))

    def update(self, item_id: str, **fields: object) -> Item:
        return cast("Item", self._send("PUT", f"/items/{item_id}", fields))

    def get(self, item_id: str) -> Item:
        return cast("Item", self._send("GET", f"/items/{item_id}"))

    def delete(self, item_id: str) -> None:
        self._send("DELETE", f"/items/{item_id}")

    def stored(self, status: str) -> list[Item]:
        page = self._send("GET", f"/items?status={status}&limit=100")
        return cast("list[Item]", page["items"])

    def only(self, status: str) -> Item:
        (item,) = self.stored(status)
        return item

    def _send(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the site under test, on http
            self._site_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"x-api-key": self._api_key, "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            text = response.read()
        return json.loads(text) if text else None
