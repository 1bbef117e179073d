"""Items: by the SDK, through the API, and several at once."""

from __future__ import annotations

import random
import uuid
from typing import Any

from durability.app import TABLE
from durability.ledger import ABSENT, Ledger, pages
from durability.world import World


def stored(world: World) -> dict[str, dict[str, Any]]:
    """Every item by its key."""
    items = pages(world, "dynamodb", "scan", "Items", TableName=TABLE)
    return {item["pk"]["S"]: {k: next(iter(v.values())) for k, v in item.items()} for item in items}


class Items:
    """Puts, conditional counters and deletes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ledger = Ledger()

    def step(self, dice: random.Random) -> None:
        known = self._ledger.certain
        key = dice.choice(list(known)) if known and dice.random() < 0.6 else f"i-{uuid.uuid4()}"
        state = known.get(key)
        if state is ABSENT:
            self._put(key, dice)
        elif dice.random() < 0.25:
            self._delete(key)
        else:
            self._count(key, state)

    def _put(self, key: str, dice: random.Random) -> None:
        text = dice.randbytes(dice.choice([10, 200, 2000])).hex()
        item = {"pk": {"S": key}, "v": {"S": text}, "n": {"N": "0"}}
        with self._ledger.change(key, (text, 0)):
            self._world.client("dynamodb").put_item(TableName=TABLE, Item=item)

    def _count(self, key: str, state: Any) -> None:
        """On the condition that the last acknowledged count is there."""
        text, n = state
        with self._ledger.change(key, (text, n + 1)):
            self._world.client("dynamodb").update_item(
                TableName=TABLE,
                Key={"pk": {"S": key}},
                UpdateExpression="SET n = n + :one",
                ConditionExpression="n = :n",
                ExpressionAttributeValues={":one": {"N": "1"}, ":n": {"N": str(n)}},
            )

    def _delete(self, key: str) -> None:
        with self._ledger.change(key, ABSENT):
            self._world.client("dynamodb").delete_item(TableName=TABLE, Key={"pk": {"S": key}})

    def check(self) -> int:
        found = {
            key: (it["v"], int(it["n"]))
            for key, it in stored(self._world).items()
            if key.startswith("i-")
        }
        return self._ledger.check("items", found)


class Transactions:
    """Two items that change together or not at all."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ledger = Ledger()

    def step(self, dice: random.Random) -> None:
        known = self._ledger.certain
        pair = dice.choice(list(known)) if known and dice.random() < 0.7 else f"t-{uuid.uuid4()}"
        n = int(known.get(pair) or 0) + 1  # type: ignore[call-overload]
        puts = [
            {
                "Put": {
                    "TableName": TABLE,
                    "Item": {"pk": {"S": f"{pair}/{half}"}, "n": {"N": str(n)}},
                    "ConditionExpression": "attribute_not_exists(pk) OR n = :before",
                    "ExpressionAttributeValues": {":before": {"N": str(n - 1)}},
                }
            }
            for half in "ab"
        ]
        with self._ledger.change(pair, n):
            self._world.client("dynamodb").transact_write_items(TransactItems=puts)

    def check(self) -> int:
        halves: dict[str, list[int]] = {}
        for key, item in stored(self._world).items():
            if key.startswith("t-"):
                halves.setdefault(key.partition("/")[0], []).append(int(item["n"]))
        found = {pair: n[0] if n == [n[0]] * 2 else tuple(n) for pair, n in halves.items()}
        return self._ledger.check("transactions", found)


class ApiItems:
    """Writes through the API: gateway, function, table; and the quota that counts them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ledger = Ledger()
        self.answered = 0

    def step(self, dice: random.Random) -> None:
        known = [key for key, state in self._ledger.certain.items() if state is not ABSENT]
        if known and dice.random() < 0.3:
            key = dice.choice(known)
            with self._ledger.change(key, ABSENT):
                self._world.call_api("DELETE", {"pk": key})
        else:
            key, text = f"a-{uuid.uuid4()}", uuid.uuid4().hex
            with self._ledger.change(key, text):
                self._world.call_api("PUT", {"pk": key, "v": text})
        self.answered += 1

    def check(self) -> int:
        found = {key: it["v"] for key, it in stored(self._world).items() if key.startswith("a-")}
        used = self._world.used_quota()
        assert used >= self.answered, f"{self.answered} requests answered, {used} counted"
        return self._ledger.check("items through the API", found)
