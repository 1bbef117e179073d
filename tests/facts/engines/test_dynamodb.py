"""DynamoDB through the runtime's AWS endpoint, compared with what AWS answered."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from facts.facts import fact, ids_of_areas
from local.endpoint.served import PERSON, Served, served

NEW = {"pk": {"S": "one"}, "n": {"N": "1"}}
ONLY_NEW = "attribute_not_exists(pk)"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("aws")) as system:
        yield system


@pytest.fixture(scope="module")
def dynamodb(aws: Served) -> Any:
    return aws.client("dynamodb", PERSON)


@pytest.fixture
def table(dynamodb: Any) -> str:
    """A table with the one item ``NEW``."""
    name = f"table-{uuid.uuid4()}"
    create(dynamodb, name)
    dynamodb.put_item(TableName=name, Item=NEW)
    return name


def create(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


def refusal(raised: pytest.ExceptionInfo[ClientError]) -> tuple[int, str, str]:
    response: Any = raised.value.response
    error = response["Error"]
    return response["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]


def cancelled(dynamodb: Any, table: str) -> ClientError:
    """Of two writes, the first has a condition that fails."""
    conditional = {"TableName": table, "Item": NEW, "ConditionExpression": ONLY_NEW}
    second = {"TableName": table, "Item": {"pk": {"S": "two"}}}
    with pytest.raises(ClientError) as raised:
        dynamodb.transact_write_items(TransactItems=[{"Put": conditional}, {"Put": second}])
    return raised.value


@pytest.mark.parametrize("returned", ["NONE", "ALL_OLD"])
def test_a_condition_that_fails(dynamodb: Any, table: str, returned: str) -> None:
    expect = fact("dynamodb-001").expect
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(
            TableName=table,
            Item=NEW,
            ConditionExpression=ONLY_NEW,
            ReturnValuesOnConditionCheckFailure=returned,
        )
    assert refusal(raised) == (expect["status"], expect["__type"], expect["message"])
    assert raised.value.response.get("Item") == (NEW if returned == "ALL_OLD" else None)


def test_a_transaction_that_is_cancelled(dynamodb: Any, table: str) -> None:
    expect = fact("dynamodb-002").expect
    error: Any = cancelled(dynamodb, table).response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == expect["status"]
    assert error["Error"]["Code"] == expect["code"]
    assert error["Error"]["Message"] == expect["message"]
    assert "Item" not in dynamodb.get_item(TableName=table, Key={"pk": {"S": "two"}})


def test_the_reasons_of_a_transaction(dynamodb: Any, table: str) -> None:
    bodies: list[bytes] = []

    def keep(response_dict: dict[str, Any], **_: object) -> None:
        bodies.append(response_dict["body"])

    dynamodb.meta.events.register("response-received.dynamodb.TransactWriteItems", keep)
    error: Any = cancelled(dynamodb, table).response
    expect = fact("dynamodb-003").expect
    assert error["CancellationReasons"] == expect["CancellationReasons"]
    assert expect["Message"].startswith("capital M")
    assert "Message" in json.loads(bodies[-1])


def test_a_batch_of_a_table_that_is_not_there(dynamodb: Any) -> None:
    expect = fact("dynamodb-005").expect
    with pytest.raises(ClientError) as raised:
        dynamodb.batch_write_item(RequestItems={"nowhere": [{"PutRequest": {"Item": NEW}}]})
    assert refusal(raised) == (expect["status"], expect["__type"], expect["message"])


def test_a_table_that_is_there_already(dynamodb: Any, table: str) -> None:
    expect = fact("dynamodb-006").expect
    with pytest.raises(ClientError) as raised:
        create(dynamodb, table)
    message = expect["message"].replace("<name>", table)
    assert refusal(raised) == (expect["status"], expect["__type"], message)


def test_the_old_values_of_a_new_item(dynamodb: Any, table: str) -> None:
    assert fact("dynamodb-007").expect["Attributes"].startswith("key absent")
    item = {"pk": {"S": "three"}}
    answer = dynamodb.put_item(TableName=table, Item=item, ReturnValues="ALL_OLD")
    assert "Attributes" not in answer
    answer = dynamodb.put_item(TableName=table, Item=item, ReturnValues="ALL_OLD")
    assert answer["Attributes"] == item


def test_every_fact_is_tested() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [each for each in ids_of_areas(["dynamodb"]) if f'"{each}"' not in text] == []
