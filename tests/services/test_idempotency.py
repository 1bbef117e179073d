"""Creating twice with the same key creates once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from services.api import Api
from services.engine import admin_client, stored_with
from services.systems import every_system

if TYPE_CHECKING:
    from services.api import Reply

pytestmark = every_system


def post(api: Api, key: str, body: Any, caller: str = "caller") -> Reply:
    """Create an item that holds the body."""
    headers = {"Idempotency-Key": key}
    return api("POST", api.system.collection, api.system.holding(body), headers=headers, key=caller)


def test_a_repeat_answers_the_same_and_creates_nothing(api: Api, dynamodb: str) -> None:
    body = {"n": ["once", 1, 0.1, 3.0, 1e40, None]}
    first, again = (post(api, "once", body) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers == first.headers
    assert stored_with(dynamodb, api.system, "once") == 1


def test_the_order_of_members_is_no_difference(api: Api) -> None:
    first = post(api, "order", {"a": 1, "b": 2})
    assert post(api, "order", {"b": 2, "a": 1}).json == first.json


def test_the_same_key_for_something_else_is_422(api: Api, dynamodb: str) -> None:
    post(api, "other", {"a": "first use"})
    reply = post(api, "other", {"a": "second use"})
    assert (reply.status, reply.error["code"]) == (422, "idempotency_key_reused")
    assert stored_with(dynamodb, api.system, "second use") == 0


def test_another_caller_has_keys_of_its_own(api: Api) -> None:
    first = post(api, "callers", {}, "caller-1")
    second = post(api, "callers", {}, "caller-2")
    assert item_id(api, first) != item_id(api, second)


def item_id(api: Api, reply: Reply) -> str:
    made: str = reply.json[api.system.id_name]
    return made


def record_of(api: Api, endpoint: str, reply: Reply) -> dict[str, Any]:
    name, made = api.system.id_name, item_id(api, reply)
    records = admin_client(endpoint).scan(TableName=api.system.idempotency)["Items"]
    [record] = [each for each in records if each["item"]["M"][name]["S"] == made]
    return dict(record)


def test_an_expired_record_is_as_good_as_none(api: Api, dynamodb: str) -> None:
    first = post(api, "expired", {})
    record = {**record_of(api, dynamodb, first), "expires_at": {"N": "1"}}
    admin_client(dynamodb).put_item(TableName=api.system.idempotency, Item=record)
    second = post(api, "expired", {})
    assert second.status == 201
    assert item_id(api, second) != item_id(api, first)


def test_a_record_expires_in_a_day(api: Api, dynamodb: str) -> None:
    reply = post(api, "a-day", {})
    record = record_of(api, dynamodb, reply)
    made_s = int(item_id(api, reply).replace("-", "")[:12], 16) // 1000
    assert int(record["expires_at"]["N"]) == made_s + 24 * 60 * 60


def test_at_the_same_time_one_creates(api: Api, dynamodb: str) -> None:
    environments = [Api(api.system.handler(dynamodb), api.system) for _ in range(6)]
    with ThreadPoolExecutor(len(environments)) as pool:
        replies = list(pool.map(lambda it: post(it, "race", {"a": "race for a key"}), environments))
    assert {reply.status for reply in replies} <= {201, 503}
    assert len({item_id(api, reply) for reply in replies if reply.status == 201}) == 1
    assert stored_with(dynamodb, api.system, "race for a key") == 1


def test_a_refused_body_uses_up_no_key(api: Api) -> None:
    assert post(api, "refused", {"n": 10**40}).status == 400
    assert post(api, "refused", {"n": 1}).status == 201
