"""What every items API does when its table, or its function, is not well."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from aws_api.repeats import ATTEMPTS
from faults.answers import Answer, assert_unavailable, assert_waited_for
from faults.control import Faults
from running_system import RunningSystem
from services.systems import SYSTEMS, System

SHAPES = {shape.name: shape for shape in SYSTEMS}
LONGER_THAN_A_CALL_MS = 3_500
_NUMBERS = count()


@dataclass(frozen=True)
class ItemsApi:
    """A running items API, and a look at its tables past it."""

    running: RunningSystem
    shape: System

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.running.request(method, path, body, headers=named)

    def create(self, text: str, *, key: str = "", **more: str) -> Answer:
        headers = {"idempotency_key": key} if key else {}
        body = {**self.shape.holding({"text": text}), **more}
        return self("POST", self.shape.collection, body, **headers)

    def created(self, text: str) -> dict[str, Any]:
        answer = self.create(text)
        assert answer.status == 201, answer.data
        item: dict[str, Any] = answer.json()
        return item

    def path(self, item: dict[str, Any]) -> str:
        return self.shape.path(item)

    def tables(self) -> dict[str, list[str]]:
        """What is in each table."""
        client = self.running.client("dynamodb")
        scan = client.get_paginator("scan")
        return {
            name: sorted(
                json.dumps(item, sort_keys=True)
                for page in scan.paginate(TableName=name)
                for item in page["Items"]
            )
            for name in client.list_tables()["TableNames"]
        }

    def stored_with(self, text: str) -> int:
        """How many items have a text; the records of their making do not count."""
        outputs = self.running.address["outputs"]
        name = outputs.get("TableName") or outputs["DynamoDBTableName"]
        return sum(json.dumps(text) in item for item in self.tables()[name])

    def writes(self, item: dict[str, Any], text: str) -> dict[str, tuple[str, str, Any]]:
        """Method, path and body of every write that the API has."""
        new = self.shape.holding({"text": text})
        found: dict[str, tuple[str, str, Any]] = {"create": ("POST", self.shape.collection, new)}
        if self.shape.changes:
            found["update"] = ("PUT", self.path(item), self.shape.change({"text": text}))
            found["delete"] = ("DELETE", self.path(item), None)
        return found


def fresh(text: str) -> str:
    return f"{text} {next(_NUMBERS)}"


def fresh_key() -> str:
    return f"key-{next(_NUMBERS)}"


class ItemsUnderFaults:
    """The tests; each system's file has a class of its own of this kind."""

    def test_a_table_that_is_busy_now_and_then_is_waited_for(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        text, path = fresh("now and then"), api.path(api.created("to be read"))
        with faults.on("dynamodb", "throttle", rate=0.4) as hits:
            created = [api.create(text, key=fresh_key() if n % 2 else "") for n in range(14)]
            read = [api("GET", path) for _ in range(10)]
        assert_waited_for(created + read, hits)
        assert api.stored_with(text) == sum(answer.status == 201 for answer in created)

    @pytest.mark.parametrize("effect", ["throttle", "fail"])
    def test_a_table_that_does_nothing_for_good_is_503_and_nothing_is_written(
        self, api: ItemsApi, faults: Faults, effect: str
    ) -> None:
        item, text, key = api.created(fresh("kept")), fresh("for good"), fresh_key()
        before = api.tables()
        with faults.on("dynamodb", effect) as hits:
            answers = [api(*write) for write in api.writes(item, text).values()]
            answers += [api.create(text, key=key)]
            answers += [api("GET", path) for path in (api.path(item), api.shape.collection)]
        for answer in answers:
            assert_unavailable(answer)
        # What may have been done is asked once; being throttled says that it was not.
        once = 2 if api.shape.changes and effect == "fail" else 0
        assert hits() == ATTEMPTS * (len(answers) - once) + once
        assert api.tables() == before
        assert api.create(text, key=key).status == 201
        assert api.stored_with(text) == 1

    def test_a_create_whose_answers_are_lost_creates_once(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        answers: dict[str, Answer] = {}
        with faults.on("dynamodb", "lose-answer", rate=0.5) as hits:
            while len(answers) < 6 or hits() == 0:
                text = fresh("lost")
                answers[text] = api.create(text, key=fresh_key() if len(answers) % 2 else "")
        for answer in answers.values():
            if answer.status != 201:
                assert_unavailable(answer)
        assert {api.stored_with(text) for text in answers} == {1}

    def test_a_create_that_is_never_answered_is_known_again_by_its_key(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        text, key = fresh("never answered"), fresh_key()
        with faults.on("dynamodb", "lose-answer"):
            assert_unavailable(api.create(text, key=key))
        again, once_more = (api.create(text, key=key) for _ in range(2))
        assert (again.status, once_more.status) == (201, 201)
        assert again.json() == once_more.json() == api("GET", api.path(again.json())).json()
        assert api.stored_with(text) == 1

    def test_a_function_that_is_throttled_has_done_nothing(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        """API Gateway says 500, as on AWS, and gives no other answer a chance."""
        item, text = api.created(fresh("kept")), fresh("throttled")
        before = api.tables()
        with faults.on("lambda", "throttle") as hits:
            answers = [api(*write) for write in api.writes(item, text).values()]
        assert {(it.status, it.json()["error"]["code"]) for it in answers} == {
            (500, "internal_error")
        }
        assert hits() == len(answers)
        assert api.tables() == before

    def test_a_function_that_dies_after_its_work_has_done_it_once(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        text, key = fresh("died"), fresh_key()
        with faults.on("lambda", "lose-answer"):
            assert api.create(text, key=key).status == 502
        assert api.create(text, key=key).status == 201
        assert api.stored_with(text) == 1


class ChangingItemsUnderFaults(ItemsUnderFaults):
    """Items that can be changed and deleted, too."""

    def test_an_update_whose_answer_is_lost_is_made_once(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        item, text = api.created(fresh("first")), fresh("second")
        _, path, body = api.writes(item, text)["update"]
        with faults.on("dynamodb", "lose-answer") as hits:
            assert_unavailable(api("PUT", path, body, if_match='"1"'))
        assert hits() == 1
        changed = api("GET", path)
        assert changed.headers["etag"] == '"2"'
        assert text in changed.data.decode()
        again = api("PUT", path, body, if_match='"1"')
        assert (again.status, again.headers["etag"]) == (412, '"2"')
        assert again.json()["error"]["details"]["current"] == changed.json()

    def test_a_delete_whose_answer_is_lost_is_made(self, api: ItemsApi, faults: Faults) -> None:
        item = api.created(fresh("to go"))
        with faults.on("dynamodb", "lose-answer") as hits:
            assert_unavailable(api("DELETE", api.path(item)))
        assert hits() == 1
        assert api("DELETE", api.path(item)).status == 404

    def test_a_table_that_is_slower_than_anybody_waits_is_503(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        """Whoever called is told in time; the write, under way, is made whole or not at all."""
        items = [api.created(fresh("slow")) for _ in range(2)]
        text = fresh("slow change")
        with (
            ThreadPoolExecutor(2) as pool,
            faults.on("dynamodb", "slow", delay_ms=LONGER_THAN_A_CALL_MS),
        ):
            (_, path, body), (_, gone, _) = (
                api.writes(items[0], text)["update"],
                api.writes(items[1], text)["delete"],
            )
            update, delete = (
                pool.submit(api, "PUT", path, body),
                pool.submit(api, "DELETE", gone),
            )
            assert_unavailable(update.result())
            assert_unavailable(delete.result())
        assert api("GET", path).headers["etag"] in ('"1"', '"2"')
        assert api("GET", gone).status in (200, 404)
