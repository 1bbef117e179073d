"""Creating twice with the same key creates once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from services.engine import IDEMPOTENCY, ITEMS, admin_client

if TYPE_CHECKING:
    from services.api import Api, Reply


def post(api: Api, key: str, body: Any, caller: str = "caller") -> Reply:
    return api("POST", "/items", body, headers={"Idempotency-Key": key}, key=caller)


def items_named(endpoint: str, name: str) -> int:
    found = admin_client(endpoint).scan(
        TableName=ITEMS,
        FilterExpression="#name = :name",
        ExpressionAttributeNames={"#name": "name"},
        ExpressionAttributeValues={":name": {"S": name}},
    )
    return found["Count"]


def test_a_repeat_answers_the_same_and_creates_nothing(api: Api, dynamodb: str) -> None:
    body = {"name": "once", "metadata": {"n": [1, 0.1, 3.0, 1e40, None]}}
    first, again = (post(api, "once", body) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers == first.headers
    assert items_named(dynamodb, "once") == 1


def test_a_repeat_answers_what_was_created_even_when_it_has_changed(api: Api) -> None:
    first = post(api, "changed", {"name": "changed"})
    api("PUT", f"/items/{first.json['item_id']}", {"name": "other"})
    assert post(api, "changed", {"name": "changed"}).json == first.json


def test_the_order_of_members_is_no_difference(api: Api) -> None:
    first = post(api, "order", '{"name": "a", "status": "b"}')
    assert post(api, "order", '{"status": "b", "name": "a"}').json == first.json


def test_the_same_key_for_something_else_is_422(api: Api, dynamodb: str) -> None:
    post(api, "other", {"name": "first use"})
    reply = post(api, "other", {"name": "second use"})
    assert (reply.status, reply.error["code"]) == (422, "idempotency_key_reused")
    assert items_named(dynamodb, "second use") == 0


def test_another_caller_has_keys_of_its_own(api: Api) -> None:
    first = post(api, "callers", {"name": "x"}, "caller-1")
    second = post(api, "callers", {"name": "x"}, "caller-2")
    assert first.json["item_id"] != second.json["item_id"]


def test_an_expired_record_is_as_good_as_none(api: Api, dynamodb: str) -> None:
    first = post(api, "expired", {"name": "x"})
    client = admin_client(dynamodb)
    for record in client.scan(TableName=IDEMPOTENCY)["Items"]:
        if record["item"]["M"]["item_id"]["S"] == first.json["item_id"]:
            client.put_item(TableName=IDEMPOTENCY, Item={**record, "expires_at": {"N": "1"}})
    second = post(api, "expired", {"name": "x"})
    assert second.status == 201
    assert second.json["item_id"] != first.json["item_id"]


def test_a_record_expires_in_a_day(api: Api, dynamodb: str) -> None:
    item = post(api, "a-day", {}).json
    records = admin_client(dynamodb).scan(TableName=IDEMPOTENCY)["Items"]
    [record] = [r for r in records if r["item"]["M"]["item_id"]["S"] == item["item_id"]]
    made_s = int(item["item_id"].replace("-", "")[:12], 16) // 1000
    assert int(record["expires_at"]["N"]) == made_s + 24 * 60 * 60


def test_at_the_same_time_one_creates(api: Api, dynamodb: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: post(api, "race", {"name": "race"}), range(16)))
    assert {reply.status for reply in replies} <= {201, 503}
    assert len({reply.json["item_id"] for reply in replies if reply.status == 201}) == 1
    assert items_named(dynamodb, "race") == 1


def test_a_refused_body_uses_up_no_key(api: Api) -> None:
    assert post(api, "refused", {"name": 1}).status == 400
    assert post(api, "refused", {"name": "x"}).status == 201
