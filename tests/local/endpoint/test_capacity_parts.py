"""What of a request is throttled: an index, a table of several, an action of a transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cloudworthy.local.endpoint.capacity_tables import Write, table_of
from cloudworthy.local.endpoint.dynamodb_metrics import DynamoDbMetrics
from cloudworthy.local.model.records import MetricDatum
from local.endpoint.provisioned import ARN, ONCE, enforce
from local.endpoint.served import PERSON, Served, fetch, served
from local.observe.manual_clock import ManualClock

MORE_THAN_IS_SAVED_UP = "x" * 380_000
"""An item of this size uses more than a rate of one a second gives in five minutes."""
PLENTY, LITTLE = 10_000, 1
OF_TABLE = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
Call = Callable[[Any], dict[str, Any]]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("aws"), capacity_clock=ManualClock()) as system:
        yield system


@pytest.fixture(scope="module")
def dynamodb(aws: Served) -> Any:
    return aws.client("dynamodb", PERSON, config=ONCE)


def units(number: int) -> dict[str, int]:
    return {"ReadCapacityUnits": number, "WriteCapacityUnits": number}


def index(name: str, key: str, projection: str, number: int) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": projection},
        "ProvisionedThroughput": units(number),
    }


def properties(name: str, of_table: int, of_indexes: int) -> dict[str, Any]:
    """A table with an index of everything by kind, and one of the keys alone by owner."""
    names = ("id", "kind", "owner")
    return {
        "TableName": name,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": it, "AttributeType": "S"} for it in names],
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": units(of_table),
        "GlobalSecondaryIndexes": [
            index("by_kind", "kind", "ALL", of_indexes),
            index("by_owner", "owner", "KEYS_ONLY", of_indexes),
        ],
    }


def item(item_id: str, **attributes: str) -> dict[str, Any]:
    return {name: {"S": value} for name, value in {"id": item_id, **attributes}.items()}


def refusal(call: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        call()
    response: Any = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return dict(response)


# an exhausted index


@pytest.fixture(scope="module")
def full_indexes(aws: Served, dynamodb: Any) -> None:
    """A table with plenty of capacity, whose indexes are used up."""
    table = properties("indexed", PLENTY, LITTLE)
    dynamodb.create_table(**table)
    enforce(aws, {"indexed": table})
    dynamodb.put_item(TableName="indexed", Item=item("in-neither", note="a"))
    dynamodb.put_item(TableName="indexed", Item=item("by-kind", kind="a", note="a"))
    dynamodb.put_item(TableName="indexed", Item=item("by-owner", owner="a", note="a"))
    dynamodb.put_item(
        TableName="indexed",
        Item=item("full", kind="b", note=MORE_THAN_IS_SAVED_UP),
    )
    # An index of keys alone is full after many writes only; each moves the item in it.
    moves = 0
    while not is_refused(dynamodb, item("moved", owner=f"{moves}")):
        moves += 1
    assert moves > 100


def is_refused(dynamodb: Any, it: dict[str, Any]) -> bool:
    try:
        dynamodb.put_item(TableName="indexed", Item=it)
    except ClientError:
        return True
    return False


def put(item_id: str, **attributes: str) -> Call:
    return lambda client: client.put_item(TableName="indexed", Item=item(item_id, **attributes))


def delete(item_id: str) -> Call:
    return lambda client: client.delete_item(TableName="indexed", Key=item(item_id))


def update(item_id: str, expression: str, name: str) -> Call:
    return lambda client: client.update_item(
        TableName="indexed",
        Key=item(item_id),
        UpdateExpression=expression,
        ExpressionAttributeNames={"#it": name},
        ExpressionAttributeValues={":it": {"S": "z"}},
    )


@pytest.mark.parametrize(
    ("call", "full"),
    [
        (put("new", note="b"), ""),
        (put("new", kind="b"), "by_kind"),
        (put("new", owner="b"), "by_owner"),
        (put("by-kind", kind="a", note="a"), ""),
        (put("by-kind", kind="a", note="b"), "by_kind"),
        (put("by-kind", note="a"), "by_kind"),
        (put("by-owner", owner="a", note="b"), ""),
        (put("by-owner", owner="b", note="a"), "by_owner"),
        (delete("not-there"), ""),
        (delete("new"), ""),
        (delete("by-kind"), "by_kind"),
        (delete("by-owner"), "by_owner"),
        (update("in-neither", "SET #it = :it", "note"), ""),
        (update("in-neither", "SET #it = :it", "kind"), "by_kind"),
        (update("by-kind", "SET #it = :it", "note"), "by_kind"),
        (update("by-owner", "SET #it = :it", "note"), ""),
        (update("by-owner", "SET note = :it REMOVE #it", "owner"), "by_owner"),
        (update("not-there", "SET #it = :it", "owner"), "by_owner"),
    ],
)
@pytest.mark.usefixtures("full_indexes")
def test_a_full_index_stops_the_writes_that_reach_it_and_no_others(
    dynamodb: Any, call: Call, full: str
) -> None:
    if not full:
        call(dynamodb)
        return
    response = refusal(lambda: call(dynamodb))
    assert response["Error"]["Code"] == "ProvisionedThroughputExceededException"
    assert "global secondary indexes" in response["Error"]["Message"]
    assert response["ThrottlingReasons"] == [
        {
            "reason": "IndexWriteProvisionedThroughputExceeded",
            "resource": f"{ARN}/indexed/index/{full}",
        }
    ]


@pytest.mark.usefixtures("full_indexes")
def test_of_a_batch_only_what_reaches_a_full_index_is_left(dynamodb: Any) -> None:
    writes = [
        {"PutRequest": {"Item": item("one", note="a")}},
        {"PutRequest": {"Item": item("two", kind="a")}},
        {"DeleteRequest": {"Key": item("by-owner")}},
        {"DeleteRequest": {"Key": item("not-there")}},
    ]
    answer = dynamodb.batch_write_item(RequestItems={"indexed": writes})
    assert answer["UnprocessedItems"] == {"indexed": writes[1:3]}
    keys = [item(name) for name in ("one", "two", "by-owner")]
    found = dynamodb.batch_get_item(RequestItems={"indexed": {"Keys": keys}})
    assert {it["id"]["S"] for it in found["Responses"]["indexed"]} == {"one", "by-owner"}


_VALUES = st.sampled_from(["a", "b", "c"])
_ITEMS = st.none() | st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("kind", "owner", "note"), _VALUES)
)


@given(before=_ITEMS, after=_ITEMS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_write_reaches_the_indexes_that_the_engine_counts(
    dynamodb: Any, differential: str, before: dict[str, str] | None, after: dict[str, str] | None
) -> None:
    def write(attributes: dict[str, str] | None) -> dict[str, Any]:
        asked = {"TableName": differential, "ReturnConsumedCapacity": "INDEXES"}
        if attributes is None:
            answer = dynamodb.delete_item(Key=item("it"), **asked)
        else:
            answer = dynamodb.put_item(Item=item("it", **attributes), **asked)
        used: dict[str, Any] = answer["ConsumedCapacity"].get("GlobalSecondaryIndexes", {})
        return {name: it["CapacityUnits"] for name, it in used.items() if it["CapacityUnits"]}

    write(before)
    used = write(after)
    old = None if before is None else item("it", **before)
    new = Write(differential, key=item("it"))
    if after is not None:
        new = Write(differential, new_item=item("it", **after))
    indexes = table_of(differential, "", properties(differential, 1, 1)).indexes.values()
    assert {it.name for it in indexes if new.reaches(it, old)} == used.keys()


@pytest.fixture(scope="module")
def differential(dynamodb: Any) -> str:
    dynamodb.create_table(**properties("differential", PLENTY, PLENTY))
    return "differential"


# an exhausted table of several


@pytest.fixture
def full_table(aws: Served, dynamodb: Any) -> Iterator[str]:
    """A table that is used up, beside one that is not, called ``free``."""
    tables = {
        "used-up": properties("used-up", LITTLE, PLENTY),
        "free": properties("free", PLENTY, PLENTY),
    }
    for table in tables.values():
        dynamodb.create_table(**table)
    dynamodb.put_item(TableName="free", Item=item("there"))
    enforce(aws, tables)
    dynamodb.put_item(TableName="used-up", Item=item("there", note=MORE_THAN_IS_SAVED_UP))
    for _ in range(7):
        dynamodb.get_item(TableName="used-up", Key=item("there"))
    yield "used-up"
    enforce(aws, {})
    for name in tables:
        dynamodb.delete_table(TableName=name)


def test_batches_leave_what_is_of_a_table_that_is_used_up(
    aws: Served, dynamodb: Any, full_table: str
) -> None:
    writes = {name: [{"PutRequest": {"Item": item("new")}}] for name in (full_table, "free")}
    reads = {name: {"Keys": [item("there")]} for name in (full_table, "free")}
    kept: list[MetricDatum] = []

    class Sink:
        def put(self, datum: MetricDatum) -> None:
            kept.append(datum)

    aws.endpoint.watch("dynamodb", DynamoDbMetrics(Sink()))
    written = dynamodb.batch_write_item(RequestItems=writes, ReturnConsumedCapacity="TOTAL")
    read = dynamodb.batch_get_item(RequestItems=reads)

    assert written["UnprocessedItems"] == {full_table: writes[full_table]}
    assert [it["TableName"] for it in written["ConsumedCapacity"]] == ["free"]
    assert read["UnprocessedKeys"] == {full_table: reads[full_table]}
    assert read["Responses"] == {"free": [item("there")]}
    for call in (
        lambda: dynamodb.batch_write_item(RequestItems={full_table: writes[full_table]}),
        lambda: dynamodb.batch_get_item(RequestItems={full_table: reads[full_table]}),
    ):
        error = refusal(call)["Error"]
        assert error["Code"] == "ProvisionedThroughputExceededException"
    told = [(datum.name, datum.dimensions) for datum in kept if "Thrott" in datum.name]
    of_table = (("TableName", full_table),)
    assert told.count(("WriteThrottleEvents", of_table)) == 2
    assert told.count(("ReadThrottleEvents", of_table)) == 2
    assert [name for name, _ in told].count("ThrottledRequests") == 2


def test_a_transaction_tells_which_action_was_throttled_and_does_nothing(
    dynamodb: Any, full_table: str
) -> None:
    puts = [{"Put": {"TableName": name, "Item": item("new")}} for name in ("free", full_table)]
    gets = [{"Get": {"TableName": name, "Key": item("there")}} for name in (full_table, "free")]
    written = refusal(lambda: dynamodb.transact_write_items(TransactItems=puts))
    read = refusal(lambda: dynamodb.transact_get_items(TransactItems=gets))
    throttled = {"Code": "ProvisionedThroughputExceeded", "Message": OF_TABLE}
    assert written["Error"]["Code"] == read["Error"]["Code"] == "TransactionCanceledException"
    assert written["CancellationReasons"] == [{"Code": "None"}, throttled]
    assert read["CancellationReasons"] == [throttled, {"Code": "None"}]
    assert written["Error"]["Message"] == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, ProvisionedThroughputExceeded]"
    )
    assert "Item" not in dynamodb.get_item(TableName="free", Key=item("new"))
    # Alone, the action on the other table is carried out.
    dynamodb.transact_write_items(TransactItems=puts[:1])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["used-up", "free", "Put"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["used-up", "Put", "Get", "PutRequest", "Item", "TableName", "Key"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(
    operation=st.sampled_from(
        ["BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems", "UpdateItem"]
    ),
    document=st.dictionaries(
        st.sampled_from(["RequestItems", "TransactItems", "TableName", "Key", "UpdateExpression"]),
        _JSON,
        max_size=4,
    ),
)
@example(operation="BatchGetItem", document={"RequestItems": [None, "used-up"]})
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.usefixtures("full_table")
def test_a_request_of_any_shape_is_answered(
    aws: Served, operation: str, document: dict[str, Any]
) -> None:
    answer = fetch(
        f"http://127.0.0.1:{aws.port}/",
        method="POST",
        body=json.dumps(document).encode(),
        headers={
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAPERSON/20260101/eu-central-1/"
            "dynamodb/aws4_request, SignedHeaders=host, Signature=0",
        },
    )
    assert answer.status in (200, 400)


# what reads and writes use


@pytest.mark.parametrize(
    ("read", "used"),
    [
        (lambda client, key: client.get_item(**key), 1.0),
        (lambda client, key: client.get_item(**key, ConsistentRead=True), 2.0),
    ],
)
def test_a_consistent_read_uses_twice_as_much(
    dynamodb: Any, differential: str, read: Callable[[Any, dict[str, Any]], Any], used: float
) -> None:
    dynamodb.put_item(TableName=differential, Item=item("long", note="x" * 5_000))
    key = {"TableName": differential, "Key": item("long"), "ReturnConsumedCapacity": "TOTAL"}
    assert read(dynamodb, key)["ConsumedCapacity"]["CapacityUnits"] == used


def test_reads_of_a_local_index_use_the_table(aws: Served, dynamodb: Any) -> None:
    names = ("id", "kind")
    table = {
        "TableName": "local-index",
        "KeySchema": [
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "note", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": it, "AttributeType": "S"} for it in (*names, "note")
        ],
        "LocalSecondaryIndexes": [
            {
                "IndexName": "local",
                "KeySchema": [
                    {"AttributeName": "id", "KeyType": "HASH"},
                    {"AttributeName": "kind", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        "ProvisionedThroughput": {"ReadCapacityUnits": LITTLE, "WriteCapacityUnits": PLENTY},
    }
    dynamodb.create_table(**table)
    enforce(aws, {"local-index": table})
    for number in range(2):
        dynamodb.put_item(
            TableName="local-index",
            Item=item("a", note=f"{number}", kind="k", payload=MORE_THAN_IS_SAVED_UP),
        )

    def query() -> Any:
        return dynamodb.query(
            TableName="local-index",
            IndexName="local",
            ConsistentRead=True,
            KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": {"S": "a"}},
        )

    query()
    query()
    error = refusal(query)
    (reason,) = error["ThrottlingReasons"]
    assert reason == {
        "reason": "TableReadProvisionedThroughputExceeded",
        "resource": f"{ARN}/local-index",
    }


def test_a_condition_that_fails_uses_capacity_too(aws: Served, dynamodb: Any) -> None:
    table = properties("conditions", LITTLE, PLENTY)
    dynamodb.create_table(**table)
    dynamodb.put_item(TableName="conditions", Item=item("there"))
    enforce(aws, {"conditions": table})

    def put_another() -> None:
        dynamodb.put_item(
            TableName="conditions",
            Item=item("there"),
            ConditionExpression="attribute_not_exists(id)",
        )

    codes = [refusal(put_another)["Error"]["Code"] for _ in range(301)]
    assert codes == [
        *["ConditionalCheckFailedException"] * 300,
        "ProvisionedThroughputExceededException",
    ]


# what changes


def test_update_table_counts_at_once_and_until_the_template_says_otherwise(
    aws: Served, dynamodb: Any
) -> None:
    def write() -> Any:
        return dynamodb.put_item(TableName="changing", Item=item("it", note=MORE_THAN_IS_SAVED_UP))

    template = properties("changing", LITTLE, PLENTY)
    dynamodb.create_table(**template)
    enforce(aws, {"changing": template})
    write()
    refusal(write)
    dynamodb.update_table(TableName="changing", ProvisionedThroughput=units(PLENTY))
    enforce(aws, {"changing": template})
    write()
    write()
    enforce(aws, {"changing": {**template, "ProvisionedThroughput": units(LITTLE + 1)}})
    write()
    write()
    refusal(write)
    dynamodb.update_table(TableName="changing", BillingMode="PAY_PER_REQUEST")
    write()


def test_a_maximum_of_a_table_that_is_billed_by_request(aws: Served, dynamodb: Any) -> None:
    template = {
        **properties("maximum", LITTLE, LITTLE),
        "BillingMode": "PAY_PER_REQUEST",
        "OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 1},
    }
    created = {
        key: it
        for key, it in template.items()
        if key not in {"OnDemandThroughput", "ProvisionedThroughput", "GlobalSecondaryIndexes"}
    }
    created["AttributeDefinitions"] = [{"AttributeName": "id", "AttributeType": "S"}]
    dynamodb.create_table(**created)
    enforce(aws, {"maximum": template})
    write = {"TableName": "maximum", "Item": item("it", note=MORE_THAN_IS_SAVED_UP)}
    dynamodb.put_item(**write)
    error = refusal(lambda: dynamodb.put_item(**write))
    assert error["Error"]["Code"] == "ThrottlingException"
    assert error["Error"]["Message"] == (
        "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
    )
    assert error["throttlingReasons"] == [
        {
            "reason": "TableWriteMaxOnDemandThroughputExceeded",
            "resource": f"{ARN}/maximum",
        }
    ]
    for _ in range(9):
        dynamodb.get_item(TableName="maximum", Key=item("it"), ConsistentRead=True)
