"""Segments by UDP, as the X-Ray daemon takes them."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.observe.follow import Tail
from cloudworthy.local.observe.traces import TraceDaemon, TraceStore, parse_datagram
from local.lambda_.events import until

HEADER = b'{"format":"json","version":1}\n'
SEGMENT = {"trace_id": "1-581cf771-a006649127e371903a2de979", "id": "70de5b6f19ff9a0a", "name": "n"}


def datagram(**fields: Any) -> bytes:
    return HEADER + json.dumps({**SEGMENT, **fields}).encode()


def kept(directory: Path) -> list[dict[str, Any]]:
    with closing(Tail(directory / "traces.jsonl")) as file:
        return list(file.new_records())


async def test_segments_that_are_sent_are_kept(tmp_path: Path) -> None:
    store = TraceStore(tmp_path)
    daemon = TraceDaemon(store)
    host, _, port = (await daemon.start()).partition(":")
    assert host == "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(20):
            sender.sendto(datagram(number=number), (host, int(port)))
        sender.sendto(b"garbage", (host, int(port)))
        sender.sendto(datagram(number=20), (host, int(port)))
    await until(lambda: len(kept(tmp_path)) >= 21)
    assert [segment["number"] for segment in kept(tmp_path)] == list(range(21))
    daemon.stop()
    store.close()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", HEADER, HEADER + b"[]", HEADER + b'{"id": 1}', HEADER + b"\xff",
        b'{"format":"xml"}\n{"trace_id":"1"}', b'"x"\n{"trace_id":"1"}',
        HEADER + b'{"trace_id": 5}',
    ],
)  # fmt: skip
def test_what_is_no_segment_is_left_out(data: bytes) -> None:
    assert parse_datagram(data) is None


def test_the_file_does_not_grow_without_bound(tmp_path: Path) -> None:
    store = TraceStore(tmp_path, max_bytes=1_000, generations=1)
    for number in range(100):
        store.put({**SEGMENT, "number": number})
    store.close()
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 3_000
    assert kept(tmp_path)[-1]["number"] == 99
