"""The record of API calls."""

from __future__ import annotations

from pathlib import Path

from cloudworthy.local.model.records import CallRecord
from cloudworthy.local.observe.calls import CallLog
from local.lambda_.events import until


async def test_calls_are_written_in_batches_and_read_back(tmp_path: Path) -> None:
    log = CallLog(tmp_path)
    records = [
        CallRecord(n, "arn:aws:sts::0:assumed-role/r/f", "Api", "dynamodb", "GetItem", 200, 0.7)
        for n in range(5)
    ]
    for record in records:
        log.put(record)
    assert log.read() == []
    await until(lambda: log.read() != [])
    assert log.read() == records
    log.put(records[0])
    log.close()
    assert log.read() == [*records, records[0]]
