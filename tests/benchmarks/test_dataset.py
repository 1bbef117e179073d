"""Items in bulk reach a table as DynamoDB would have put them."""

from pathlib import Path

from benchmarks.dynamodb import ITEMS, STATUS_INDEX, LocalDynamoDb, aws_client
from benchmarks.processes import Child, free_port
from benchmarks.workspace import Workspace

from benchmarks import dataset

_WORKSPACE = Workspace(Path(__file__).resolve().parents[2])


def test_added_items_are_read_through_table_and_index(tmp_path: Path) -> None:
    LocalDynamoDb(_WORKSPACE.dynoxide, tmp_path, tmp_path / "first.log").stop()
    database = tmp_path / "dynamodb.sqlite"
    dataset.add(_WORKSPACE, database, range(200))
    dataset.add(_WORKSPACE, database, range(200, 300))

    port = free_port()
    command = [str(_WORKSPACE.dynoxide), "--port", str(port), "--db-path", str(database)]
    with Child(command, tmp_path / "second.log"):
        tables = aws_client("dynamodb", f"http://127.0.0.1:{port}")
        items = tables.scan(TableName=ITEMS)["Items"]
        by_status = tables.query(
            TableName=ITEMS,
            IndexName=STATUS_INDEX,
            KeyConditionExpression="#s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "done"}},
        )["Items"]

    assert {item["name"]["S"] for item in items} == {f"Item {number}" for number in range(300)}
    assert len(by_status) == 100
    assert [item["created_at"] for item in by_status] == sorted(
        (item["created_at"] for item in by_status), key=lambda value: value["S"]
    )
