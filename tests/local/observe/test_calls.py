"""The record of API calls."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from cloudworthy.local.model.records import CallRecord
from cloudworthy.local.observe.calls import CallLog
from cloudworthy.local.observe.follow import Tail
from local.lambda_.events import until


async def test_calls_are_written_in_batches_and_kept(tmp_path: Path) -> None:
    log = CallLog(tmp_path)
    records = [
        CallRecord(n, "arn:aws:sts::0:assumed-role/r/f", "Api", "dynamodb", "GetItem", 200, 0.7)
        for n in range(5)
    ]

    def kept() -> list[CallRecord]:
        with closing(Tail(tmp_path / "calls.jsonl")) as file:
            return [CallRecord(**record) for record in file.new_records()]

    for record in records:
        log.put(record)
    assert kept() == []
    await until(lambda: kept() != [])
    assert kept() == records
    log.put(records[0])
    log.close()
    assert kept() == [*records, records[0]]
